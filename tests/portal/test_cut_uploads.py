"""Connections that are cut and processes that are killed half-way through an upload, for real:
sockets and signals.
"""

import gc
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from portal.uploads import LARGEST
from tests import ROOT
from tests.factories import make_accepted
from tests.pdfs import OBJECTS, pdf
from tests.workorders.uploads import PDF, add, in_storage, upload
from workorders.models import File, WorkOrder
from workorders.services.files.photos import LARGEST_BYTES
from workorders.services.files.storage import AGE, delete_orphaned_files

pytestmark = pytest.mark.live

TOKEN = "t" * 32
UPLOADER = """
import os, sys, uuid
import django
django.setup()
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
settings.MEDIA_ROOT = sys.argv[1]
connection.settings_dict["NAME"] = sys.argv[2]
from portal.people.models import User
from workorders.models import WorkOrder
from workorders.services import add_file
photo = SimpleUploadedFile("a.jpg", sys.stdin.buffer.read())
work_order, by = WorkOrder.objects.with_facts().get(), User.objects.get()
add_file(work_order, photo, upload_key=uuid.uuid4(), by=by)
"""


@pytest.fixture
def work_order(real_transactions, dana) -> WorkOrder:
    return make_accepted(dana, parts_required=False)


def until(happened, seconds: float = 15) -> bool:
    """Whether it does within this time."""
    end = time.monotonic() + seconds
    while not happened() and time.monotonic() < end:
        time.sleep(0.02)
    return bool(happened())


def test_killed_between_file_and_row_it_leaves_an_orphaned_file_that_is_deleted(work_order, dana):
    """The row is kept from coming by its lock, which this test holds until the process is gone."""
    command = [
        sys.executable,
        "-c",
        UPLOADER,
        settings.MEDIA_ROOT,
        str(connection.settings_dict["NAME"]),
    ]
    with transaction.atomic():
        WorkOrder.objects.select_for_update().get()
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "portal.settings"},
        )
        assert process.stdin
        process.stdin.write(upload().read())
        process.stdin.close()
        written = until(
            lambda: len([name for name in in_storage() if not name.endswith(".part")]) == 2
        )
        process.send_signal(signal.SIGKILL)
        assert (written, process.wait()) == (True, -signal.SIGKILL)
    kept = add(work_order, dana)
    assert (File.objects.get(), len(in_storage())) == (kept, 4)
    assert [delete_orphaned_files(), delete_orphaned_files(timezone.now() + AGE * 2)] == [0, 2]
    assert in_storage() == sorted(kept.stored_names)


# --- At a socket
@pytest.fixture
def connect(work_order, dana, live_server):
    """Send the beginning of a POST by Dana, as long as it says it is, and hang up; or wait for the
    answer.
    """
    browser = Client()
    browser.force_login(dana)
    session = browser.cookies[settings.SESSION_COOKIE_NAME].value
    address = urlsplit(live_server.url)
    cookies = f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={TOKEN}"

    def send(name: str, content_type: str, body: bytes, *, length: int, answer: bool) -> bytes:
        head = (
            f"POST {reverse(name, args=[work_order.number])} HTTP/1.1\r\nHost:"
            " localhost\r\nConnection: close\r\n"
        )
        head += f"Cookie: {cookies}\r\nX-CSRFToken: {TOKEN}\r\nHX-Request: true\r\n"
        head += f"Content-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n"
        with socket.create_connection((address.hostname, address.port)) as wire:
            wire.sendall(head.encode() + body)
            if not answer:
                return b""
            wire.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: wire.recv(65536), b""))

    return send


@pytest.fixture
def no_collector() -> Iterator[None]:
    """What is left behind stays where it is found."""
    gc.disable()
    yield
    gc.enable()


def form(key: uuid.UUID, data: bytes) -> bytes:
    head = f'--x\r\nContent-Disposition: form-data; name="upload_key"\r\n\r\n{key}\r\n--x\r\n'
    head += 'Content-Disposition: form-data; name="uploads"; filename="a.pdf"\r\n\r\n'
    return head.encode() + data + b"\r\n--x--\r\n"


def test_what_is_cut_half_way_is_not_done_and_what_is_sent_again_is_done_once(
    connect, work_order, caplog, settings, tmp_path, no_collector
):
    files, comment = (
        ("files", "multipart/form-data; boundary=x"),
        ("comment", "application/x-www-form-urlencoded"),
    )
    body, words = (
        form(uuid.uuid4(), pdf(body=OBJECTS + b"\0" * 200_000)),
        b"body=The+gate+is+shut+after+six",
    )
    settings.FILE_UPLOAD_TEMP_DIR, settings.FILE_UPLOAD_MAX_MEMORY_SIZE = (
        str(tmp_path / "coming"),
        0,
    )
    (tmp_path / "coming").mkdir()
    for to, whole in ((files, body), (comment, words)):
        half = whole[: len(whole) // 2]
        answer = connect(*to, half, length=len(whole), answer=True)
        assert answer.split(b"\r\n")[0] == b"HTTP/1.1 400 Bad Request"
        connect(*to, half, length=len(whole), answer=False)
    assert (File.objects.count(), in_storage(), work_order.comments.count()) == (0, [], 0)
    assert until(lambda: not list((tmp_path / "coming").iterdir()))
    connect(*files, body, length=len(body), answer=False)  # all of it arrives, the answer is lost
    assert until(File.objects.exists)
    answer = connect(*files, body, length=len(body), answer=True)
    assert (answer.split(b"\r\n")[0], File.objects.count(), len(in_storage())) == (
        b"HTTP/1.1 200 OK",
        1,
        1,
    )
    short = connect(
        *files, form(uuid.uuid4(), PDF), length=150, answer=True
    )  # it lies about its length
    assert (short.split(b" ")[1], File.objects.count()) == (b"422", 1)
    assert [record for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")] == []


# --- Before any form looks
def test_of_a_file_that_is_too_large_not_more_is_kept_than_tells_so():
    """Not by the form: what would fill the disk is dropped as it comes in."""
    request = RequestFactory().post(
        "/", {"large": upload(PDF + b"\0" * 3 * LARGEST), "small": upload(PDF)}
    )
    sizes = {name: request.FILES[name].size for name in ("large", "small")}
    request.close()
    assert LARGEST == LARGEST_BYTES
    assert LARGEST < sizes["large"] <= LARGEST + 2 * 2**16
    assert sizes["small"] == len(PDF)
