"""Dates in templates: words for people, ISO in the `datetime` attribute for machines."""

import datetime as dt
import functools
import re
import zoneinfo

from django import template
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from workorders.dates import clock_text, date_time_text, day_text, split_dates
from workorders.history.sentences import Sentence
from workorders.history.wording import FieldChange
from workorders.models import Notification, Shipment, Visit
from workorders.states import WaitsFor
from workorders.targets.due import Due
from workorders.targets.explaining import Explanation

register = template.Library()


@register.simple_tag
def day(value: dt.date | None, missing: str = "") -> SafeString | str:
    return _day(value) if value else missing


@functools.lru_cache(1000)  # a list shows few days many times
def _day(value: dt.date) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), day_text(value))


@register.simple_tag
def date_time(value: dt.datetime | None, zone: zoneinfo.ZoneInfo) -> SafeString | str:
    if value is None:
        return ""
    return format_html(
        '<time datetime="{}"><span>{},</span> <span>{}</span></time>', *_at_site(value, zone)
    )


@register.simple_tag
def date_over_time(value: dt.datetime, zone: zoneinfo.ZoneInfo) -> SafeString:
    """The same in two lines, the first of them without a comma at its end."""
    text = '<time datetime="{}"><span>{}</span><i>,</i> <span>{}</span></time>'
    return format_html(text, *_at_site(value, zone))


def _at_site(value: dt.datetime, zone: zoneinfo.ZoneInfo) -> tuple[str, str, str]:
    """The instant for machines; its date and its time of day for people."""
    date, _, time = date_time_text(value, zone).rpartition(", ")
    return value.astimezone(zone).isoformat(timespec="minutes"), date, time


@register.simple_tag
def clock(value: dt.datetime) -> SafeString:
    """What a clock without a zone says."""
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), clock_text(value))


@register.simple_tag
def time_of_day(value: dt.datetime, zone: zoneinfo.ZoneInfo) -> SafeString:
    """ "2:38 PM PST", where the day stands above."""
    instant, _, time = _at_site(value, zone)
    return format_html('<time datetime="{}">{}</time>', instant, time)


@register.simple_tag
def clock_face(value: dt.datetime, zone: zoneinfo.ZoneInfo) -> SafeString:
    """The time of day at a site in two lines: "8:30", "AM EST"."""
    local = value.astimezone(zone)
    hour, half = f"{local.hour % 12 or 12}:{local:%M}", f"{local:%p %Z}"
    iso = local.isoformat(timespec="minutes")
    text = '<time datetime="{}"><b>{}</b> <span>{}</span></time>'
    return format_html(text, iso, hour, half)


@register.simple_tag
def entered(visit: Visit) -> SafeString:
    """ "entered Thu, Mar 5", "entered Thu, Mar 5, at completion"."""
    at_completion = ", at completion" if visit.at_completion else ""
    return format_html("entered {}{}", day(visit.entered_on), at_completion)


@register.simple_tag
def distance(due: Due, waits_for: Shipment | None = None) -> SafeString | str:
    """How far away a target is: "in 3 business days", "2 business days late · parts overdue since
    Mon, Mar 2".

    Where it waits for a shipment that has no date, of which one.
    """
    waits = waits_for and due.is_waiting
    text = f"{WaitsFor.DELIVERY.label} of {waits_for}" if waits else due.text
    if due.overdue_since is None:
        return text
    overdue = parts_overdue(due.overdue_since)
    return format_html("{} · {}", text, overdue) if text else overdue


@register.simple_tag
def parts_overdue(since: dt.date) -> SafeString:
    """Required parts have not come on their day (docs/rules.md, rule 2)."""
    return format_html("parts overdue since {}", day(since))


@register.simple_tag
def parts_overdue_in_brief(due: Due) -> SafeString | str:
    """The same in the list, where only what the line of the target leaves out is seen."""
    if due.overdue_since is None:
        return ""
    weekday, _, date = day_text(due.overdue_since).partition(" ")
    return format_html(
        '<span class="visually-hidden">parts {}</span>{}since <time datetime="{}">'
        '<span class="visually-hidden">{} </span>{}</time>',
        "" if due.text else "overdue ",
        "overdue " if due.text else "",
        due.overdue_since.isoformat(),
        weekday,
        date,
    )


@register.simple_tag
def sum_in_words(why: Explanation) -> SafeString:
    """The whole sum in a sentence or two, its days as dates."""
    days = {day_text(step.day): day(step.day) for step in why.steps}
    pattern = "|".join(rf"{re.escape(text)}\b" for text in days)
    words = conditional_escape(why.words)
    return mark_safe(re.sub(pattern, lambda found: days[found[0]], words) if days else words)  # noqa: S308


@register.simple_tag
def notification_text(notification: Notification) -> SafeString:
    """The text of a notification on the page, its dates as dates."""
    zone = notification.work_order.site.zone
    return format_html_join(
        "", "{}", ((_marked_up(piece, zone),) for piece in split_dates(notification.text))
    )


def _marked_up(piece: str | dt.date | dt.datetime, zone: zoneinfo.ZoneInfo) -> SafeString | str:
    if isinstance(piece, dt.datetime):
        return date_time(piece, zone)
    return day(piece) if isinstance(piece, dt.date) else piece


@register.simple_tag
def told(sentence: Sentence, zone: zoneinfo.ZoneInfo) -> SafeString:
    """A sentence of the history, what matters in bold and its dates as dates."""
    facts = {name: _marked_up(fact, zone) for name, fact in sentence.facts.items()}
    facts["main"] = format_html("<b>{}</b>", facts["main"])
    return format_html(sentence.words, **facts)


@register.simple_tag
def field_change(change: FieldChange) -> SafeString:
    """ "Status: Shipped → In Progress", "Technician Name: none", "Ship-to changed"."""
    if change.is_only_named:
        return format_html("{} changed", change.label)
    new = "none" if change.new is None else _value(change.new)
    if change.old is None:
        return format_html("{}: {}", change.label, new)
    return format_html("{}: {} → {}", change.label, _value(change.old), new)


def _value(thing: object) -> SafeString | str:
    """A date as a date, anything else as it is."""
    return day(thing) if isinstance(thing, dt.date) else format_html("{}", thing)
