"""What the tests of visits share: times, bookings, and work in progress."""

import datetime as dt
import zoneinfo

from portal.people.models import User
from tests.factories import fresh, make_accepted, make_entitlement
from workorders import services
from workorders.models import WorkOrder
from workorders.services import Booking
from workorders.states import DelayReason

LOS_ANGELES = zoneinfo.ZoneInfo("America/Los_Angeles")
TARGET = dt.date(2026, 3, 5)


def at(day: int, hour: int = 9) -> dt.datetime:
    return dt.datetime(2026, 3, day, hour, tzinfo=LOS_ANGELES)


def book(
    work_order: WorkOrder, day: int, by, reason: DelayReason | None = DelayReason.WEATHER
) -> WorkOrder:
    """Also later than the target, with a reason."""
    confirmed = fresh(work_order).target_on if reason else None
    booking = Booking(
        at(day), "Robin", "+1 415 555 0111", reason=reason, confirmed_target=confirmed
    )
    return services.book_appointment(work_order, booking, by=by)


def in_progress(dana: User) -> WorkOrder:
    """In Progress since Monday, March 2nd; Target SLA Thu, Mar 5."""
    work_order = make_accepted(
        dana, parts_required=False, entitlement=make_entitlement("Assure 3-Day", 3)
    )
    assert fresh(work_order).target_on == TARGET
    return fresh(work_order)
