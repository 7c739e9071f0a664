"""A work order as docs/rules.md describes it, in plain values; random steps are compared
with it.
"""

import datetime as dt
from typing import Any, NamedTuple

DAY = dt.timedelta(days=1)
CLOSED = {
    dt.date(2026, 6, 19),
    dt.date(2026, 7, 3),
    dt.date(2026, 9, 7),
}  # Juneteenth, Independence Day, Labor Day
ON_THE_WAY = ("ship-to-received", "parts-ordered", "shipping", "shipped")
AT_WORK = ("in-progress", "on-hold")
ACTIVE = ("assigned", *ON_THE_WAY, "in-progress")
LEVELS = {
    "Assure": (1, "assigned"),
    "Assure 3-Day": (3, "assigned"),
    "Parts Warranty": (5, "accepted"),
}
TRANSIT = 2  # business days
UNDONE = ("status", "held_from", "accepted_on", "cycle", "booked", "set_by_staff", "outcome")


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


class Hold(NamedTuple):
    first: dt.date
    last: dt.date | None
    stops_clock: bool


class Booked:
    def __init__(self, on: dt.date, judged_by: dt.date | None, is_return: bool) -> None:
        self.on, self.judged_by, self.is_return = on, judged_by, is_return


class Visit(NamedTuple):
    cycle: int
    on: dt.date
    booked: Booked | None
    is_open: bool


class Model:
    """What is there; and the steps that can be undone, each with what it has changed."""

    def __init__(self, today: dt.date, level: str, *, parts: bool) -> None:
        self.today, self.level, self.parts = today, level, parts
        self.partner, self.assigned_on = "VoltFix", today
        self.accepted_on: dt.date | None = None
        self.status, self.held_from = "assigned", ""
        self.shipments: dict[str, Shipment] = {}
        self.added: dict[str, dt.date] = {}  # the day on which each shipment was entered
        self.reports: dict[str, int] = {}  # parts reported and not settled yet, by shipment
        self.holds: tuple[Hold, ...] = ()
        self.booked: Booked | None = None
        self.visits: tuple[Visit, ...] = ()
        self.ticked: frozenset[int] = frozenset()
        self.cycle, self.set_by_staff = 1, False
        self.worked = False  # a line item was done in this cycle
        self.outcome: tuple[dt.date | None, dt.date | None, int] | None = None  # of the first cycle
        self.later: dict[int, tuple[dt.date | None, dt.date | None, int]] = {}  # of the others
        self.first_target: dt.date | None = None  # as it stood at the first completion
        self.has_follow_on = False
        self.target: dt.date | None = None
        self.steps: list[tuple[str, dict[str, Any], dict[str, Any]]] = []
        self.settle()

    def values(self) -> dict[str, Any]:
        return {**vars(self), "shipments": dict(self.shipments), "later": dict(self.later)}

    @property
    def is_open(self) -> bool:
        return self.status in (*ACTIVE, "on-hold")

    @property
    def latest_today(self) -> dt.date:
        """Where it is tomorrow already: at ten in San Francisco it is so in the far east."""
        return self.today + DAY

    @property
    def waits(self) -> str:
        """The status, or the one that a hold will resume to."""
        return self.held_from or self.status

    def end_visit(self) -> None:
        self.visits = tuple(visit._replace(is_open=False) for visit in self.visits)

    def end_hold(self) -> None:
        if self.holds and self.holds[-1].last is None:
            self.holds = (
                *self.holds[:-1],
                self.holds[-1]._replace(last=max(self.holds[-1].first, self.today)),
            )

    def quantity_of(self, number: str) -> int:
        return 1 if number.startswith("FSO-R") else 2

    @property
    def follows(self) -> bool:
        """Every change moves the target until the work is completed (docs/rules.md, rule 6)."""
        return self.is_open and self.outcome is None

    def undo(self) -> None:
        """The fields that the last step has changed are what they were; it has to be possible."""
        step, before, after = self.steps.pop()
        for field in UNDONE:
            if before[field] != after[field]:
                setattr(self, field, before[field])
        for number in self.changed_shipments(before, after):
            self.shipments[number] = before["shipments"][number]
        if step == "sent back":  # what was to be done again, and was not
            self.ticked |= before["ticked"] - after["ticked"]
            self.worked |= before["worked"]
        if before["later"] != after["later"]:
            self.later = before["later"]
        if step in ("completed", "given up") and any(each.is_open for each in before["visits"]):
            self.visits = (*self.visits[:-1], self.visits[-1]._replace(is_open=True))
        if step == "sent back":
            self.target = before["target"]
        if before["status"] == "on-hold":
            self.holds = (*self.holds[:-1], self.holds[-1]._replace(last=None))

    @property
    def undoable(self) -> bool:
        if not self.steps or self.at_site:
            return False
        step, before, after = self.steps[-1]
        if step in ("held", "resumed", "target set", "shipment added", "reassigned"):
            return False
        if step == "given up" and self.has_follow_on:
            return False
        if step in ("accepted", "sent back") and self.first_visit:
            return False
        if step == "accepted" and self.booked:
            return False
        fields = [field for field in UNDONE if before[field] != after[field]]
        shipments = self.changed_shipments(before, after)
        return all(getattr(self, field) == after[field] for field in fields) and all(
            self.shipments[number] == after["shipments"][number] for number in shipments
        )

    def changed_shipments(self, before: dict[str, Any], after: dict[str, Any]) -> list[str]:
        return [
            n
            for n, shipment in after["shipments"].items()
            if before["shipments"].get(n) != shipment
        ]

    # --- What follows from the rest
    def settle(self, *, shipments_changed: bool = False) -> None:
        for number in self.shipments:
            self.added.setdefault(number, self.today)
        if shipments_changed:
            self.follow_shipments()
        if not self.follows:
            if self.set_by_staff and self.is_open:
                self.judge_booking()
            return
        target = self.computed_target()
        if target != self.target:
            self.target = target
            self.judge_booking()

    def follow_shipments(self) -> None:
        """While Parts Ordered, Shipping or Shipped, the required outbound shipments decide."""
        under_way = [shipment.status for shipment in self.shipments.values() if shipment.required]
        if self.waits not in ON_THE_WAY or not under_way or not self.is_open:
            return
        if all(status == "delivered" for status in under_way):
            self.goes_on_as("in-progress")
        elif "ordered" not in under_way:
            self.goes_on_as("shipped")
        else:
            self.goes_on_as(
                "shipping" if {"shipped", "delivered"} & set(under_way) else "parts-ordered"
            )

    def goes_on_as(self, status: str) -> None:
        if self.status == "on-hold":
            self.held_from = status
        else:
            self.status = status

    def computed_target(self) -> dt.date | None:
        """The target (docs/rules.md, rules 1, 2 and 5)."""
        count, start_without_parts = LEVELS[self.level]
        if self.parts:
            visit = self.first_visit
            deliveries = [
                shipment.delivered_on or shipment.edd
                for number, shipment in self.shipments.items()
                if shipment.required and (not visit or self.added[number] <= visit.on)
            ]
            start = max(deliveries) if deliveries and all(deliveries) else None
        else:
            start = self.accepted_on if start_without_parts == "accepted" else self.assigned_on
        stopped = [hold for hold in self.holds if hold.stops_clock]
        if start is None:
            return None
        return after_business_days(
            start,
            count,
            lambda day: any(hold.first <= day <= (hold.last or day) for hold in stopped),
        )

    @property
    def current_target(self) -> dt.date | None:
        stopped = any(hold.stops_clock and hold.last is None for hold in self.holds)
        if self.set_by_staff and self.is_open and stopped:
            return None
        return self.target if self.cycle == 1 or self.set_by_staff else None

    def judge_booking(self) -> None:
        """In time for the first target that comes; that stays so when the target moves earlier
        (docs/rules.md, rule 6).
        """
        booked = self.booked
        if (
            booked
            and not booked.is_return
            and not booked.judged_by
            and self.current_target
            and booked.on <= self.current_target
        ):
            booked.judged_by = self.current_target

    @property
    def first_visit(self) -> Visit | None:
        return min(
            (visit for visit in self.visits if visit.cycle == self.cycle),
            key=lambda visit: visit.on,
            default=None,
        )

    @property
    def visit_in_time_for(self) -> dt.date | None:
        """The target for which the booking of the first visit's very day was in time."""
        booked = self.first_visit.booked if self.first_visit else None
        if (
            booked
            and booked.on == self.first_visit.on
            and booked.judged_by
            and booked.on <= booked.judged_by
        ):
            return booked.judged_by
        return None

    @property
    def lacks_reason(self) -> bool:
        """Booked while there was no target, and found late when it came; unless a visit was in time
        since.
        """
        booked, target, visit = self.booked, self.current_target, self.first_visit
        if not booked or booked.judged_by or booked.is_return or not target or booked.on <= target:
            return False
        return not visit or (visit.on > target and not self.visit_in_time_for)

    @property
    def at_site(self) -> Visit | None:
        return next((visit for visit in self.visits if visit.is_open), None)

    @property
    def lacks(self) -> bool:
        """Whether anything stands in the way of Completed."""
        nothing_booked = not self.booked and not self.first_visit
        lacks_visit = nothing_booked and (self.cycle == 1 or self.set_by_staff or self.worked)
        return bool(lacks_visit or self.lacks_reason or self.ticked != {1, 2})

    def judged(self) -> tuple[dt.date | None, dt.date | None, int]:
        """Target, day and business days late: by the first visit, else the booking, else today."""
        target, visit, booked = self.current_target, self.first_visit, self.booked
        if target is None:
            return None, None, 0
        on = visit.on if visit else booked.on if booked else self.today
        in_time_for = self.visit_in_time_for if visit else booked.judged_by if booked else None
        if in_time_for and on <= in_time_for:
            target = max(target, in_time_for)
        return target, on, business_days(target, on) if on > target else 0

    @property
    def awaited(self) -> dt.date | None:
        """The day on which the last required part under way is due; None when it is overdue, or not
        known.
        """
        due = [
            shipment.edd
            for shipment in self.shipments.values()
            if shipment.required and shipment.status != "delivered"
        ]
        arrival = max(filter(None, due), default=None)
        return arrival if self.parts and arrival and arrival >= self.today else None
