"""The next days at the site for a partner to choose from, with what a booking on each means."""

import datetime as dt
import zoneinfo
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from sla import BusinessCalendar, CalendarError
from workorders.models import Shipment, WorkOrder
from workorders.targets.computing import parts_awaited_on
from workorders.targets.judging import judgement_of_booking
from workorders.targets.terms import business_calendar

DAYS = 10
HOURS = [*map(dt.time, range(24)), dt.time(23, 59)]


class Outlook(StrEnum):
    """What an appointment on a day would be; also the class that pages mark the day with."""

    LATE = "late"
    LAST = "near"
    IN_TIME = "fine"
    BEFORE_PARTS = "early"
    WAITING = "waiting"  # for a target
    FREE = "free"  # this cycle has no target
    RETURN = "return"  # the first visit has begun, and decided


WORDS = {
    Outlook.LATE: "late",
    Outlook.LAST: "last day in SLA",
    Outlook.IN_TIME: "in SLA",
    Outlook.BEFORE_PARTS: "before the parts arrive",
    Outlook.WAITING: "no target yet",
    Outlook.FREE: "no target",
    Outlook.RETURN: "return visit",
}


class DayAhead(NamedTuple):
    """A day at the site, and what an appointment on it would be."""

    day: dt.date
    outlook: Outlook
    closed: str = ""  # the weekday or holiday that closes it
    is_chosen: bool = False  # it is in the form
    earliest: dt.time | None = None  # the first full hour still to come, of today

    @property
    def words(self) -> str:
        """closed: Saturday · late. On a closed day that is in time, nothing more is said."""
        if not self.closed:
            return WORDS[self.outlook]
        meant = f" · {WORDS[self.outlook]}" if self.outlook in (Outlook.LATE, Outlook.LAST) else ""
        return f"closed: {self.closed}{meant}"

    @property
    def iso(self) -> str:
        return self.day.isoformat()


def days_ahead(
    work_order: WorkOrder, shipments: Iterable[Shipment], today: dt.date
) -> list[DayAhead]:
    """The ten days that begin today at the site.

    Makes no query once the calendar is loaded.
    """
    parts_on = parts_awaited_on(work_order, shipments, today)
    calendar = _calendar(work_order)
    days = [today + dt.timedelta(days=ahead) for ahead in range(DAYS)]
    return [
        DayAhead(day, _outlook(work_order, parts_on, day), _closed(calendar, day)) for day in days
    ]


def next_hour(zone: zoneinfo.ZoneInfo, now: dt.datetime) -> dt.time:
    """The first full hour of this day at the site that is still to come; late at night, its last
    minute. An hour that the clocks skip is none.
    """
    today = now.astimezone(zone).date()
    to_come = [time for time in HOURS if _exists_after(dt.datetime.combine(today, time, zone), now)]
    return to_come[0] if to_come else HOURS[-1]


def _exists_after(at: dt.datetime, now: dt.datetime) -> bool:
    same = at.astimezone(dt.UTC).astimezone(at.tzinfo)
    return now < at.astimezone(dt.UTC) and same.time() == at.time()


def _outlook(work_order: WorkOrder, parts_on: dt.date | None, day: dt.date) -> Outlook:
    target_on = work_order.target_on
    if work_order.visited_on:  # the first visit has decided, so no other day can be late
        return Outlook.BEFORE_PARTS if parts_on and day < parts_on else Outlook.RETURN
    if judgement_of_booking(work_order, day).is_late:
        return Outlook.LATE
    if parts_on and day < parts_on:
        return Outlook.BEFORE_PARTS
    if target_on is None:
        has_none = work_order.cycle > 1 and not work_order.target_reason
        return Outlook.FREE if has_none else Outlook.WAITING
    return Outlook.LAST if day == target_on else Outlook.IN_TIME


def _calendar(work_order: WorkOrder) -> BusinessCalendar | None:
    try:
        return business_calendar(work_order.territory)
    except CalendarError:
        return None


def _closed(calendar: BusinessCalendar | None, day: dt.date) -> str:
    try:
        return (calendar.closed_reason(day) or "") if calendar else ""
    except CalendarError:
        return ""
