"""The bytes of a CSV file as text, whatever a spreadsheet has saved them as."""

import codecs
import re
from typing import NamedTuple

from workorders.services.importing.results import FileError, RowError

WORDS_SHOWN = 3
_UTF_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_BEYOND_ASCII = re.compile(r"[^\s,;|\"]*[^\x00-\x7f\s][^\s,;|\"]*")


class Text(NamedTuple):
    """A file's text; `note` says how it was read, where that might be wrong."""

    content: str
    note: str = ""


def decoded(content: bytes) -> Text:
    """UTF-8 with or without a mark, UTF-16, or else Windows-1252. Raises FileError for no text."""
    text = _utf_16(content) or _utf_8(content) or _windows_1252(content)
    if not text.content.strip("\ufeff \t\r\n"):
        raise FileError(RowError(1, "", "the file is empty"))
    return text


def _utf_16(content: bytes) -> Text | None:
    """By its mark, or by the zeros that every other byte of plain text then is."""
    encoding, start = _UTF_16.get(content[:2]), 2
    if encoding is None:
        start, head = 0, content[:200]
        if not head or len(content) % 2 or head.count(0) < len(head) // 3:
            return None
        encoding = "utf-16-be" if head[::2].count(0) > head[1::2].count(0) else "utf-16-le"
    try:
        return Text(content[start:].decode(encoding), "read as UTF-16")
    except UnicodeDecodeError as error:
        message = "the file begins like UTF-16 but is not: save it as CSV UTF-8"
        raise FileError(RowError(1, "", message)) from error


def _utf_8(content: bytes) -> Text | None:
    """None where it is something else. What is partly UTF-8 was damaged on its way."""
    try:
        return Text(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        read = content.decode("utf-8", "surrogateescape")
        if any(char > "\x7f" and not "\udc80" <= char <= "\udcff" for char in read):
            raise _wrong_byte(content, error, "UTF-8") from None
        return None


def _windows_1252(content: bytes) -> Text:
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError as error:
        raise _wrong_byte(content, error, "UTF-8 or Windows-1252") from None
    words = list(dict.fromkeys(_BEYOND_ASCII.findall(text)))
    shown = ", ".join(word[:30] for word in words[:WORDS_SHOWN])
    return Text(text, f"read as Windows-1252: {shown}")


def _wrong_byte(content: bytes, error: UnicodeDecodeError, encoding: str) -> FileError:
    line = content.count(b"\n", 0, error.start) + 1
    byte = content[error.start]
    message = f"the file is not {encoding}: it has byte 0x{byte:02x} here; save it as CSV UTF-8"
    return FileError(RowError(line, "", message))
