"""What a page shows, and what it must not show."""

from collections.abc import Sequence
from typing import Any


def mismatches(page: Any, *wanted: str, without: Sequence[str] = ()) -> list[str]:
    """Name each text that the page should show and does not, or should not show and does; [] when
    all is right.

    The page is a text, or a response.
    """
    text = page if isinstance(page, str) else page.content.decode()
    missing = [f"missing: {each}" for each in wanted if each not in text]
    return missing + [f"unwanted: {each}" for each in without if each in text]
