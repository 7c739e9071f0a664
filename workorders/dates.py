"""One way to write a date: in words for people, in the zone of the site."""

import datetime as dt
import zoneinfo

from django.utils import timezone


def day_text(day: dt.date) -> str:
    """Mon, Mar 2; with the year when it is not this one."""
    text = f"{day:%a, %b} {day.day}"
    return text if day.year == timezone.now().year else f"{text}, {day.year}"


def moment_text(instant: dt.datetime, zone: zoneinfo.ZoneInfo) -> str:
    """Mon, Mar 2, 9:00 AM PST, in the given zone."""
    local = instant.astimezone(zone)
    return f"{clock_text(local)} {local:%Z}"


def clock_text(local: dt.datetime) -> str:
    """Mon, Mar 2, 9:00 AM, as some clock says it."""
    return f"{day_text(local.date())}, {local.hour % 12 or 12}:{local:%M %p}"
