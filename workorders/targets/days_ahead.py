"""The next days at the site, and what an appointment on each of them would be: what a partner
chooses from.
"""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from sla import BusinessCalendar, CalendarError
from workorders.models import Shipment, WorkOrder
from workorders.targets.computing import parts_awaited_on
from workorders.targets.terms import business_calendar

DAYS = 10
WORDS = {
    "late": "late",
    "near": "last day in SLA",
    "fine": "in SLA",
    "early": "before the parts arrive",
    "waiting": "no target yet",
    "free": "no target",
    "return": "return visit",
}


class DayAhead(NamedTuple):
    """A day at the site: `state` is late, near (the last day in time), fine, early (before the
    parts), waiting (for a target), free (this cycle has none), or return (the first visit has
    begun).
    """

    day: dt.date
    state: str
    closed: str = ""  # the weekday or holiday that closes it

    @property
    def words(self) -> str:
        """Closed: Saturday · late. That a closed day is in time goes without saying."""
        if not self.closed:
            return WORDS[self.state]
        meant = f" · {WORDS[self.state]}" if self.state in ("late", "near") else ""
        return f"closed: {self.closed}{meant}"

    @property
    def iso(self) -> str:
        return self.day.isoformat()


def days_ahead(
    work_order: WorkOrder, shipments: Iterable[Shipment], today: dt.date
) -> list[DayAhead]:
    """The ten days from the site's today on.

    Asks the database nothing once the calendar is loaded.
    """
    parts_on = parts_awaited_on(work_order, shipments, today)
    calendar = _calendar(work_order)
    days = [today + dt.timedelta(days=ahead) for ahead in range(DAYS)]
    return [
        DayAhead(day, _state(work_order, parts_on, day), _closed(calendar, day)) for day in days
    ]


def _state(work_order: WorkOrder, parts_on: dt.date | None, day: dt.date) -> str:
    target_on, current = work_order.current_target_on, work_order.appointment
    if work_order.visited_on:  # the first visit has decided: no day is late any more
        return "early" if parts_on and day < parts_on else "return"
    judged_in_time = current is not None and current.on == day and not current.is_late_by(target_on)
    if target_on and day > target_on and not judged_in_time:
        return "late"
    if parts_on and day < parts_on:
        return "early"
    if target_on is None:
        return "waiting" if work_order.cycle == 1 else "free"
    return "near" if day == target_on else "fine"


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
