"""What a browser sends, before any form looks at it: whole or not at all, and no file larger than
any page takes.
"""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import BadRequest
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponseBase

LARGEST = 10 * 2**20  # bytes of a file


class WholeBody:
    """A body that ends before its Content-Length comes from a connection that was cut: nothing of
    it is done.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method in ("GET", "HEAD"):
            return self.get_response(request)
        setattr(request, "read", _whole(request))  # noqa: B010  a method, which the types let nobody replace
        try:
            return self.get_response(request)
        finally:
            # it knows the request: nothing of it would be freed at once
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
                    handler.upload_interrupted()  # or the file that was coming in stays behind
                raise BadRequest("The request was cut off.")
            parts.append(part)
            wanted, left = wanted - len(part), left - len(part)
        return b"".join(parts)

    return read


class Capped(FileUploadHandler):
    """Goes first: of a file that is too large so much is passed on that it is found to be, the rest
    is dropped.
    """

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return raw_data if start <= LARGEST else None

    def file_complete(self, file_size: int) -> Any:
        return None
