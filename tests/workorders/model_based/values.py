"""Days, shipments, holds, appointments and visits as plain values."""

import datetime as dt
from typing import Any, NamedTuple

DAY = dt.timedelta(days=1)
HOLIDAYS = {
    dt.date(2026, 6, 19),
    dt.date(2026, 7, 3),
    dt.date(2026, 9, 7),
}  # Juneteenth, Independence Day, Labor Day
CLOSED = set(HOLIDAYS)  # a life may close and open other days
ZONES = ("America/Los_Angeles", "America/New_York", "Europe/Berlin")  # one day at 17:00 UTC
ON_THE_WAY = ("ship-to-received", "parts-ordered", "shipping", "shipped")
AT_WORK = ("in-progress", "on-hold")
ACTIVE = ("assigned", *ON_THE_WAY, "in-progress")
LEVELS = {
    "Assure": (1, "assigned"),
    "Assure 3-Day": (3, "assigned"),
    "Parts Warranty": (5, "accepted"),
}
TRANSIT = 2  # business days


TEN = dt.time(17, tzinfo=dt.UTC)  # o'clock in San Francisco


def instant(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, TEN)


def is_business_day(day: dt.date) -> bool:
    return day.weekday() < 5 and day not in CLOSED


def business_days(after: dt.date, to: dt.date) -> int:
    return sum(is_business_day(after + n * DAY) for n in range(1, (to - after).days + 1))


def after_business_days(
    start: dt.date, count: int, passed_over: Any = lambda day: False
) -> dt.date | None:
    """The count-th business day strictly after start; None where an open hold lies before it
    (docs/rules.md, rules 1 and 5).
    """
    day = start
    while count and day < dt.date(2026, 12, 31):
        day += DAY
        count -= is_business_day(day) and not passed_over(day)
    return day if not count else None


class Shipment(NamedTuple):
    required: bool
    status: str = "ordered"
    edd: dt.date | None = None
    delivered_on: dt.date | None = None
    by_partner: bool = False
    computed: bool = False
    picked_up_on: dt.date | None = None


class Hold(NamedTuple):
    first: dt.date
    last: dt.date | None
    stops_clock: bool


class Booked:
    """An appointment, and when it was booked."""

    def __init__(
        self,
        at: dt.datetime,
        judged_by: dt.date | None,
        is_return: bool,
        cycle: int,
        made_at: dt.datetime,
    ) -> None:
        self.at, self.on, self.judged_by, self.is_return = at, at.date(), judged_by, is_return
        self.cycle, self.made_at, self.made_on = cycle, made_at, made_at.date()
        self.has_reason = False
        self.taken_back_at: dt.datetime | None = None

    def stood_at(self, instant: dt.datetime) -> bool:
        return self.taken_back_at is None or self.made_at <= instant < self.taken_back_at


class Visit(NamedTuple):
    cycle: int
    at: dt.datetime  # when it began
    is_open: bool
    on: dt.date
    tapped_at: dt.datetime | None = None
    at_completion: bool = False
    has_reason: bool = False  # of its own
    nobody_there: bool = False
    entered_on: dt.date | None = None  # where its time was typed
    entered_late: bool = False
