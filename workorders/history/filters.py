"""The history of a work order by what it is about, and as rows of a CSV file."""

import datetime as dt
from collections.abc import Iterable, Iterator

from django.db.models import Q

from workorders.dates import date_time_text, day_text
from workorders.history.wording import DescribedEntry, FieldChange
from workorders.models import Appointment, WorkOrder
from workorders.models.ledger import Event

DATES = frozenset(
    {
        Event.TARGET_MOVED,
        Event.EDD_FOLLOWED,
        Event.APPOINTMENT_BOOKED,
        Event.APPOINTMENT_TAKEN_BACK,
        Event.REASON_GIVEN,
        Event.TIME_ZONE_CHANGED,
        Event.TECHNICIAN_LEFT,
        Event.HELD,
        Event.RESUMED,
        Event.HOLD_CORRECTED,
    }
)
PARTS = frozenset(
    {
        Event.SHIP_TO_CHANGED,
        Event.PARTS_ORDERED,
        Event.SHIPMENT_ADDED,
        Event.SHIPMENT_UPDATED,
        Event.PARTS_RECEIVED,
        Event.EDD_FOLLOWED,
        Event.STATUS_FOLLOWED,
        Event.PARTS_REPORTED,
        Event.REPORT_SETTLED,
        Event.PARTS_SENT_BACK,
        Event.RETURN_OWED,
        Event.RETURN_DUE,
        Event.RETURN_WAIVED,
        Event.RETURN_CLAIMED,
    }
)
MESSAGES = frozenset(
    {
        Event.COMMENTED,
        Event.ASSISTANCE_REQUESTED,
        Event.REQUIREMENTS_NOTED,
        Event.NOTED_INTERNALLY,
        Event.CONTACT_TRIED,
        Event.POC_ADDED,
    }
)
FILES = frozenset({Event.FILE_ADDED, Event.FILE_CHANGED, Event.FILE_REMOVED})
ABOUT = {  # the rest is about the status
    "dates": ("Dates", DATES),
    "parts": ("Parts", PARTS),
    "words": ("Messages", MESSAGES),
    "files": ("Files", FILES),
}
STATUS = ("status", "Status")
CSV_COLUMNS = ["when", "what", "who", "changes", "note"]


def about_filter(name: str) -> Q:
    """The condition on ledger entries for a name in ABOUT or "status"; no condition for others."""
    if name in ABOUT:
        return Q(event__in=ABOUT[name][1])
    if name == STATUS[0]:
        return ~Q(event__in=frozenset().union(*(events for _, events in ABOUT.values())))
    return Q()


def filter_choices() -> list[tuple[str, str]]:
    """The filters of the history: names for the URL, and labels."""
    return [("", "All"), STATUS, *((name, label) for name, (label, _) in ABOUT.items())]


def history_rows(work_order: WorkOrder, lines: Iterable[DescribedEntry]) -> Iterator[list[str]]:
    """The entries as the page shows them, with times at the site."""
    yield CSV_COLUMNS
    for line in lines:
        at = line.entry.at.astimezone(work_order.site.zone).isoformat(timespec="minutes")
        booked = line.entry.appointment
        changes = [_booked(booked, work_order)] if booked else []
        changes += map(_change, line.changes)
        yield [at, line.title, line.who, "; ".join(changes), line.entry.note]


def _booked(appointment: Appointment, work_order: WorkOrder) -> str:
    """The appointment, and how it was judged."""
    parts = [
        f"{date_time_text(appointment.at, work_order.site.zone)}, {appointment.technician_name}"
    ]
    if missed := appointment.missed_sla:
        parts.append(f"missed the Target SLA of {day_text(missed.target_on)}")
        parts += [f"“{missed.note}”"] if missed.note else []
    elif appointment.judged_by:
        parts.append(f"in time for {day_text(appointment.judged_by)}")
    parts += ["entered after the visit"] if appointment.entered_afterwards else []
    return " · ".join(parts)


def _change(change: FieldChange) -> str:
    if change.old is None and change.new is None:
        return f"{change.label} changed"
    old = f"{_words(change.old)} → " if change.old is not None else ""
    return f"{change.label}: {old}{'none' if change.new is None else _words(change.new)}"


def _words(value: object) -> str:
    return day_text(value) if isinstance(value, dt.date) else str(value)
