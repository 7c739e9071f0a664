"""Photos and PDFs to send, and what lies in the storage."""

import uuid
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from portal.people.models import User
from tests.factories import fresh
from tests.pdfs import pdf
from tests.workorders.services.files.test_photos import photo
from workorders.models import File
from workorders.services import add_file

JPEG = photo(size=(8, 6))
PDF = pdf()


def upload(data: bytes = JPEG, name: str = "cable.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def add(
    work_order: Any, by: User, data: bytes = JPEG, name: str = "cable.jpg", **said: Any
) -> File:
    said = {"upload_key": uuid.uuid4()} | said
    return add_file(fresh(work_order), upload(data, name), by=by, **said)


def send(
    browser: Any, work_order: Any, *files: SimpleUploadedFile, script: bool = False, **typed: Any
) -> Any:
    """What the form on the tab Related sends."""
    data = {"upload_key": str(uuid.uuid4()), "uploads": list(files)} | typed
    headers = {"hx-request": "true"} if script else None
    return browser.post(reverse("files", args=[work_order.number]), data, headers=headers)


def address(file: File, name: str = "file") -> str:
    return reverse(name, args=[file.work_order.number, file.key])


def related(work_order) -> str:
    return reverse("related", args=[work_order.number])


def received(answer) -> bytes:
    """The whole file; to have read it closes it."""
    return b"".join(answer.streaming_content)


def in_storage() -> list[str]:
    root = Path(settings.MEDIA_ROOT)
    return sorted(path.name for path in root.rglob("*")) if root.exists() else []
