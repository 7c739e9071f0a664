"""How dates are written: in words and in the site's time zone for people, or inside stored text."""

import datetime as dt
import re
import zoneinfo
from collections.abc import Iterator

from django.utils import timezone


def day_text(day: dt.date) -> str:
    """Mon, Mar 2; with the year when it is not this one."""
    text = f"{day:%a, %b} {day.day}"
    return text if day.year == timezone.now().year else f"{text}, {day.year}"


def full_day_text(day: dt.date) -> str:
    """Mon, Mar 2, 2026: for text that is stored, and read in later years too."""
    return f"{day:%a, %b} {day.day}, {day.year}"


def date_time_text(instant: dt.datetime, zone: zoneinfo.ZoneInfo) -> str:
    """Mon, Mar 2, 9:00 AM PST, in the given zone."""
    local = instant.astimezone(zone)
    return f"{clock_text(local)} {local:%Z}"


def clock_text(local: dt.datetime) -> str:
    """Mon, Mar 2, 9:00 AM, as a clock shows it."""
    return f"{day_text(local.date())}, {local.hour % 12 or 12}:{local:%M %p}"


_PLACEHOLDER = re.compile(r"\{(\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\dZ)?)\}")


def date_placeholder(value: dt.date | dt.datetime) -> str:
    """A day or an instant inside stored text: {2026-03-02} or {2026-03-02T17:00:00Z}."""
    if isinstance(value, dt.datetime):
        return f"{{{value.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}}}"
    return f"{{{value.isoformat()}}}"


def split_dates(sentence: str) -> Iterator[str | dt.date | dt.datetime]:
    """A stored sentence as its text and the dates that `date_placeholder` put into it.

    What looks like a date but is not one stays text.
    """
    for index, piece in enumerate(_PLACEHOLDER.split(sentence)):
        yield (_read(piece) or f"{{{piece}}}") if index % 2 else piece


def render_dates(sentence: str, zone: zoneinfo.ZoneInfo) -> str:
    """A stored sentence in words, its instants in the given zone."""
    return "".join(_word(piece, zone) for piece in split_dates(sentence))


def _word(piece: str | dt.date | dt.datetime, zone: zoneinfo.ZoneInfo) -> str:
    if isinstance(piece, dt.datetime):
        return date_time_text(piece, zone)
    return day_text(piece) if isinstance(piece, dt.date) else piece


def _read(piece: str) -> dt.date | dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(piece) if "T" in piece else dt.date.fromisoformat(piece)
    except ValueError:
        return None
