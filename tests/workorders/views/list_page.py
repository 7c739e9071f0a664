"""The page /work-orders/ as tests read it."""

import datetime as dt
import html
import re

LIST = "/work-orders/"
HTMX = {"HX-Request": "true"}
MONDAY = dt.date(2026, 3, 2)


def text_of(response) -> str:
    return html.unescape(response.content.decode())


def numbers(response) -> list[str]:
    return re.findall(r'<tr id="([^"]+)"', text_of(response))


def chips(response) -> dict[str, tuple[int, str]]:
    """Each chip's count and address."""
    found = re.findall(
        r'<a class="chip[^"]*" href="([^"]*)"[^>]*>([^<]*) <b>(\d+)</b>', text_of(response)
    )
    return {label: (int(count), url) for url, label, count in found}
