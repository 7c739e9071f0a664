"""Changes of calendars, and what they have moved."""

import datetime as dt

from tests.factories import make_territory
from workorders.models import DayState, ServiceTerritory, WorkOrder
from workorders.models.ledger import Event
from workorders.services import Booking, book_appointment
from workorders.services.calendars.affected import RuleChange
from workorders.services.calendars.proposals import (
    CalendarChange,
    approve,
    changed_calendar,
    propose,
)
from workorders.services.calendars.recalculating import change_of_calendar
from workorders.states import DayKind

TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (dt.date(2026, 3, day) for day in (3, 4, 5, 6))
NEXT_MONDAY = dt.date(2026, 3, 9)
CLOSURE = DayState(DayKind.CLOSED, "Company closure")


def change_calendar(
    staff, *, territory: ServiceTerritory | None = None, **change
) -> ServiceTerritory:
    territory = territory or make_territory()
    return approve(propose(territory, CalendarChange(**change), by=staff), by=staff)


def close(staff, *days: dt.date) -> ServiceTerritory:
    return change_calendar(staff, days=dict.fromkeys(days, CLOSURE))


def reopen(staff, *days: dt.date) -> ServiceTerritory:
    return change_calendar(staff, days=dict.fromkeys(days, DayState()))


def moves_of(work_order: WorkOrder) -> list[tuple]:
    entries = work_order.ledger.filter(event=Event.TARGET_MOVED)
    return [tuple(entry.changes["target_on"]) for entry in entries]


def book(work_order: WorkOrder, on: dt.date, by) -> None:
    at = dt.datetime.combine(on, dt.time(18), dt.UTC)
    booking = Booking(
        at, "Tess", "+1 415 555 0188", reason="technician", confirmed_target=work_order.target_on
    )
    book_appointment(work_order, booking, by=by)


def change_to(territory: ServiceTerritory, change: CalendarChange) -> RuleChange:
    return change_of_calendar(territory, changed_calendar(territory, change))
