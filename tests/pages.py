"""Where a page is, what it shows, and what it must not show."""

import io
import re
from collections.abc import Sequence
from typing import Any
from zipfile import ZipFile, is_zipfile

from django.http import HttpResponseBase
from django.urls import reverse

BLOCKS = """
    address article button caption dd details dialog div dl dt fieldset figcaption figure footer
    form h1 h2 h3 header
    label legend li main nav ol option p section select summary table tbody td th thead tr ul
"""
TAG_OF_A_BLOCK = re.compile(rf" ?(</?(?:{'|'.join(BLOCKS.split())})\b[^>]*>) ?")


def url(name: str, *args: object) -> str:
    return reverse(name, args=args)


def html_of(page: Any) -> str:
    """Its HTML without the whitespace that a browser does not show: in one line, and none beside
    the tag of a block.

    The page is a text, or a response.
    """
    text = page if isinstance(page, str) else page.content.decode()
    return TAG_OF_A_BLOCK.sub(r"\1", " ".join(text.split()))


def text_of(answer: HttpResponseBase) -> str:
    """All that an answer says: headers, body, and what is within a workbook."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    found = f"{dict(answer.headers)} {body.decode(errors='replace')}"
    if is_zipfile(io.BytesIO(body)):
        with ZipFile(io.BytesIO(body)) as book:
            found += " ".join(book.read(name).decode(errors="replace") for name in book.namelist())
    return found


def mismatches(page: Any, *wanted: str, without: Sequence[str] = ()) -> list[str]:
    """Name each text that the page should show and does not, or should not show and does; [] when
    all is right.

    The page is a text, or a response.
    """
    text = html_of(page)
    missing = [f"missing: {each}" for each in wanted if each not in text]
    return missing + [f"unwanted: {each}" for each in without if each in text]
