"""Checks request bodies before any form reads them: complete, and no file above the limit."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.core.exceptions import BadRequest
from django.core.files.uploadhandler import FileUploadHandler
from django.db import OperationalError
from django.http import HttpRequest, HttpResponseBase

LARGEST = 10 * 2**20  # bytes of a file
LARGEST_OF_STAFF = 50 * 2**20  # of what they import


class WholeBody:
    """Refuse a body shorter than its Content-Length: the connection was cut."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method in ("GET", "HEAD"):
            return self.get_response(request)
        setattr(request, "read", _whole(request))  # noqa: B010  mypy lets nobody replace a method
        try:
            return self.get_response(request)
        finally:
            # a reference cycle: without this, the request is not freed at once
            del request.__dict__["read"]


def _whole(request: HttpRequest) -> Callable[..., bytes]:
    length, read_some = request.META.get("CONTENT_LENGTH") or "", request.read
    left = int(length) if length.isascii() and length.isdigit() else 0

    def read(size: int = -1) -> bytes:
        nonlocal left
        wanted = left if size is None or size < 0 else min(size, left)
        parts: list[bytes] = []
        while wanted > 0:
            part = read_some(wanted)
            if not part:
                for handler in request.upload_handlers:
                    handler.upload_interrupted()  # deletes the temporary file
                raise BadRequest("The request was cut off.")
            parts.append(part)
            wanted, left = wanted - len(part), left - len(part)
        return b"".join(parts)

    return read


class Capped(FileUploadHandler):
    """Comes first: drops the rest of a file once it is known to be too large."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return raw_data if start <= self._largest else None

    @cached_property
    def _largest(self) -> int:
        """Asked once: a file comes in hundreds of pieces, and the database may be away."""
        try:
            is_staff = getattr(getattr(self.request, "user", None), "is_staff", False)
        except OperationalError:  # nobody can be known: `LoginRequired` says so
            is_staff = False
        return LARGEST_OF_STAFF if is_staff else LARGEST

    def file_complete(self, file_size: int) -> Any:
        return None
