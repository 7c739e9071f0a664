"""One way to write a date: for people in the site's words, for machines in the `datetime` attribute."""

import datetime as dt
import zoneinfo

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


def day_text(day: dt.date) -> str:
    """Mon, Mar 2; with the year when it is not this one."""
    text = f"{day:%a, %b} {day.day}"
    return text if day.year == timezone.now().year else f"{text}, {day.year}"


def moment_text(instant: dt.datetime, zone: zoneinfo.ZoneInfo) -> str:
    """Mon, Mar 2, 9:00 AM PST, in the given zone."""
    local = instant.astimezone(zone)
    return f"{day_text(local.date())}, {local.hour % 12 or 12}:{local:%M %p %Z}"


@register.simple_tag
def day(value: dt.date | None) -> SafeString | str:
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), day_text(value)) if value else ""


@register.simple_tag
def moment(value: dt.datetime | None, zone: zoneinfo.ZoneInfo) -> SafeString | str:
    if value is None:
        return ""
    local = value.astimezone(zone)
    return format_html(
        '<time datetime="{}">{}</time>', local.isoformat(timespec="minutes"), moment_text(value, zone)
    )
