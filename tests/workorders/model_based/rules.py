"""A work order as docs/rules.md describes it, in plain values; random steps are compared
with it.
"""

import datetime as dt
from typing import Any

from tests.workorders.model_based.values import (
    ACTIVE,
    DAY,
    LEVELS,
    ON_THE_WAY,
    Booked,
    Hold,
    Shipment,
    Visit,
    after_business_days,
    business_days,
)

UNDONE = ("status", "held_from", "accepted_on", "cycle", "booked", "set_by_staff", "outcome")


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
        self.bookings: tuple[Booked, ...] = ()  # all that were ever made
        self.visits: tuple[Visit, ...] = ()
        self.ticked: frozenset[int] = frozenset()
        self.cycle, self.set_by_staff = 1, False
        self.known_delivery: dt.date | None = None  # when staff set the target
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
        if step == "sent back":
            self.target = before["target"]
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
        """None while an open hold stops the clock of a target that staff set."""
        return None if self.is_stopped else self.target

    @property
    def is_stopped(self) -> bool:
        stopped = any(hold.stops_clock and hold.last is None for hold in self.holds)
        return self.set_by_staff and self.is_open and stopped

    def judge_booking(self) -> None:
        """In time for the first target that comes; that stays so when the target moves earlier
        (docs/rules.md, rule 6).
        """
        booked = self.booked
        if booked is None or booked.is_return or booked.judged_by or not self.current_target:
            return
        if self.is_late(booked.on):
            return
        booked.judged_by = self.in_time_by(booked.on)

    def is_late(self, day: dt.date) -> bool:
        """After the target, and after the latest day that was booked in time."""
        protected = self.protected
        is_spared = protected is not None and day <= protected[0]
        target = self.current_target
        return bool(target and day > target and not is_spared)

    def in_time_by(self, day: dt.date) -> dt.date | None:
        """The target by which this day, which is not late, is in time."""
        target = self.current_target
        if target and day > target and self.protected:
            return self.protected[1]
        return target

    @property
    def protected(self) -> tuple[dt.date, dt.date] | None:
        """The latest day that was booked in time before it had passed, and the target then. For a
        visit only what was booked by its day counts.
        """
        visit, found = self.first_visit, []
        for each in self.bookings:
            in_time = each.judged_by and each.made_on <= each.on <= each.judged_by
            if visit is None:
                stands = each.taken_back_on is None
            else:
                known = each.on == visit.on or each.made_on <= visit.on
                stands = known and (each.taken_back_on is None or each.taken_back_on > visit.on)
            if in_time and stands and each.cycle == self.cycle:
                found.append((each.on, each.judged_by))
        return max(found, default=None)

    def booking_of(self, visit: Visit) -> Booked | None:
        """Of the visit's own day, else the one that stood then."""
        known = [
            each
            for each in self.bookings
            if each.cycle == visit.cycle
            and (each.taken_back_on is None or each.taken_back_on > visit.on)
        ]
        of_day = [each for each in known if each.on == visit.on]
        stood = [each for each in known if each.made_on <= visit.on]
        return (of_day or stood or [None])[-1]

    @property
    def parts_due(self) -> dt.date | None:
        """The first EDD of a required part under way, in a cycle that waits for parts."""
        under_way = [s.edd for s in self.shipments.values() if s.required and not s.delivered_on]
        return min(filter(None, under_way), default=None) if self.parts else None

    @property
    def last_delivery(self) -> dt.date | None:
        """The day on which the last required part came; None while one is under way."""
        days = [s.delivered_on for s in self.shipments.values() if s.required]
        return max(days) if days and all(days) else None

    @property
    def proposed(self) -> dt.date | None:
        """The target that staff are asked about, when parts came after they had set one."""
        came_on = self.last_delivery
        if not (self.parts and self.set_by_staff and came_on) or came_on == self.known_delivery:
            return None
        proposed = after_business_days(came_on, LEVELS[self.level][0])
        return proposed if proposed != self.target else None

    @property
    def late_day(self) -> dt.date | None:
        """The day that is late now, while the work is open."""
        visit = self.first_visit
        if not self.is_open or not self.current_target:
            return None
        if visit or self.booked:
            day = visit.on if visit else self.booked.on
            return day if self.is_late(day) else None
        overdue = self.parts_due is not None and self.parts_due < self.today
        is_late = self.today > self.target and not overdue and not self.proposed
        return self.today if is_late else None

    @property
    def counts_by_outcome(self) -> bool:
        """In the scorecard: by the first outcome, unless the work is canceled."""
        return bool(self.outcome and self.outcome[0]) and self.status != "canceled"

    @property
    def first_visit(self) -> Visit | None:
        return min(
            (visit for visit in self.visits if visit.cycle == self.cycle),
            key=lambda visit: visit.on,
            default=None,
        )

    @property
    def lacks_reason(self) -> bool:
        """Booked while there was no target, and found late when it came; unless a visit was in time
        since.
        """
        booked, visit = self.booked, self.first_visit
        if not self.is_open or not booked or booked.judged_by or booked.is_return:
            return False
        if not self.is_late(booked.on):
            return False
        return not visit or self.is_late(visit.on)

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
        target, visit, booked = self.target, self.first_visit, self.booked
        if target is None:
            return None, None, 0
        on = visit.on if visit else booked.on if booked else self.today
        if self.is_late(on):
            return target, on, business_days(target, on)
        return self.in_time_by(on), on, 0

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
