"""A client for virus scanners that speak clamd's protocol."""

import socket
from urllib.parse import urlsplit

from django.conf import settings

CHUNK = 2**16
PATIENCE = 30  # seconds


class NoVerdict(Exception):
    """The scanner answered, but neither that the data is clean nor what it has found."""


def found_in(data: bytes) -> str:
    """The name of the virus in the data; empty if there is none.

    Raises NoVerdict, and OSError when the scanner cannot be reached.
    """
    with _connected() as wire:
        wire.sendall(b"zINSTREAM\0")
        for start in range(0, len(data), CHUNK):
            chunk = data[start : start + CHUNK]
            wire.sendall(len(chunk).to_bytes(4) + chunk)
        wire.sendall(bytes(4))
        received = b"".join(iter(lambda: wire.recv(CHUNK), b""))
    answer = received.rstrip(b"\0\n").decode(errors="replace")
    verdict = answer.removeprefix("stream: ")
    if verdict == "OK":
        return ""
    if not verdict.endswith(" FOUND"):
        raise NoVerdict(answer or "empty answer")
    return verdict.removesuffix(" FOUND")


def _connected() -> socket.socket:
    address = urlsplit(settings.SCANNER_URL)
    if address.hostname:
        return socket.create_connection((address.hostname, address.port or 3310), PATIENCE)
    wire = socket.socket(socket.AF_UNIX)
    try:
        wire.settimeout(PATIENCE)
        wire.connect(address.path)
    except OSError:
        wire.close()
        raise
    return wire
