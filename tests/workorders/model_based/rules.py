"""A work order as docs/rules.md describes it, in plain values; random steps are compared
with it.
"""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from tests.workorders.model_based.judged import Judging
from tests.workorders.model_based.values import (
    ACTIVE,
    DAY,
    LEVELS,
    ON_THE_WAY,
    TRANSIT,
    ZONES,
    Booked,
    Hold,
    Shipment,
    Visit,
    after_business_days,
    business_days,
    instant,
)


def changed_fields(before: Shipment, after: Shipment) -> list[str]:
    return [f for f in Shipment._fields if getattr(before, f) != getattr(after, f)]


UNDONE = (
    *("status", "held_from", "accepted_on", "cycle", "booked", "set_by_staff", "outcome"),
    "outcome_in_vain",
)


class Model(Judging):
    """What is there; and the steps that can be undone, each with what it has changed."""

    def __init__(self, today: dt.date, level: str, *, parts: bool) -> None:
        self.today, self.level, self.parts = today, level, parts
        self.partner, self.assigned_on = "VoltFix", today
        self.accepted_on: dt.date | None = None
        self.status, self.held_from = "assigned", ""
        self.shipments: dict[str, Shipment] = {}
        self.added: dict[str, dt.datetime] = {}  # when each shipment was entered
        self.zone = ZoneInfo(ZONES[0])
        self.sent_back: dict[int, dt.date] = {}  # the day on which each later cycle began
        self.reports: dict[str, int] = {}  # parts reported and not settled yet, by shipment
        self.holds: tuple[Hold, ...] = ()
        self.booked: Booked | None = None
        self.bookings: tuple[Booked, ...] = ()  # all that were ever made
        self.visits: tuple[Visit, ...] = ()
        self.ticked: frozenset[int] = frozenset()
        self.cycle, self.set_by_staff = 1, False
        self.known_delivery: dt.date | None = None  # when staff set the target
        self.worked = False  # a line item was done in this cycle
        self.known_status: dict[str, str] = {}  # of shipments
        self.sent = False  # a part was entered, or got on, in this cycle
        # reasons of no appointment: partner, cycle and day
        self.given: frozenset[tuple[str, int, dt.date]] = frozenset()
        self.outcome_in_vain = False  # nobody was there on the day that it was judged by
        self.ended_late = False  # given up while it was late, with a reason
        self.declined: tuple[tuple[str, Any], ...] = ()  # late, and another partner's since
        self.outcome: tuple[dt.date | None, dt.date | None, int] | None = None  # of the first cycle
        self.later: dict[int, tuple[dt.date | None, dt.date | None, int]] = {}  # of the others
        self.first_target: dt.date | None = None  # as it stood at the first completion
        self.has_follow_on = False
        self.target: dt.date | None = None
        self.moves: tuple[tuple[dt.datetime, dt.date | None], ...] = ()  # of the target
        self.steps: list[tuple[str, dict[str, Any], dict[str, Any]]] = []
        self.settle()

    def values(self) -> dict[str, Any]:
        return {**vars(self), "shipments": dict(self.shipments), "later": dict(self.later)}

    @property
    def now(self) -> dt.datetime:
        return instant(self.today)

    @property
    def is_open(self) -> bool:
        return self.status in (*ACTIVE, "on-hold")

    @property
    def began_on(self) -> dt.date:
        """The day before which nothing of this cycle was booked or visited."""
        began_on = self.sent_back[self.cycle] if self.cycle > 1 else self.accepted_on
        return min(began_on or self.today, self.today)

    @property
    def latest_today(self) -> dt.date:
        """Where it is tomorrow already: at ten in San Francisco it is so in the far east."""
        return self.today + DAY

    @property
    def waits(self) -> str:
        """The status, or the one that a hold will resume to."""
        return self.held_from or self.status

    def typed(self, visit: Visit, day: dt.date) -> Visit:
        """Said or corrected to have begun on this day; entered late after two business days."""
        late = business_days(day, self.today) > 2
        known = {"entered_on": self.today, "entered_late": late, "tapped_at": None}
        return visit._replace(at=instant(day), on=day, **known)

    def end(self, status: str) -> None:
        self.end_hold()
        self.end_visit()
        self.status, self.held_from = status, ""

    def end_visit(self, in_vain: bool = False) -> None:
        """The one under way."""
        self.visits = tuple(
            v._replace(is_open=False, nobody_there=in_vain) if v.is_open else v for v in self.visits
        )

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
            old = before["shipments"][number]
            fields = changed_fields(old, after["shipments"][number])
            values = {field: getattr(old, field) for field in fields}
            self.shipments[number] = self.shipments[number]._replace(**values)
        if step == "sent back":  # what was to be done again, and was not
            self.ticked |= before["ticked"] - after["ticked"]
            self.worked |= before["worked"]
            self.sent |= before["sent"]
        if step == "sent back":
            self.target = before["target"]
        if before["later"] != after["later"]:
            self.later = before["later"]
        if step == "given up":
            self.ended_late = False
        if step == "completed":
            self.visits = tuple(
                v for v in self.visits if v.cycle != self.cycle or not v.at_completion
            )
        if step in ("completed", "given up") and any(each.is_open for each in before["visits"]):
            self.visits = (
                *self.visits[:-1],
                self.visits[-1]._replace(is_open=True, nobody_there=False),
            )
        if step == "sent back":
            self.target = before["target"]
        if self.is_open:  # taps keep their instants once more
            self.visits = tuple(
                v._replace(at=v.tapped_at) if v.tapped_at and v.cycle == self.cycle else v
                for v in self.visits
            )
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
            getattr(self.shipments[number], field) == getattr(after["shipments"][number], field)
            for number in shipments
            for field in changed_fields(before["shipments"][number], after["shipments"][number])
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
            self.added.setdefault(number, self.now)
        statuses = {number: each.status for number, each in self.shipments.items()}
        self.sent, self.known_status = self.sent or statuses != self.known_status, statuses
        if self.is_open:
            self.recount_edds()
        if shipments_changed:
            self.follow_shipments()
        if not self.follows:
            if self.set_by_staff and self.is_open:
                self.judge_booking()
            return
        target = self.computed_target()
        if target != self.target:
            self.target = target
            self.moves = (*self.moves, (self.now, target))
            self.judge_booking()

    def recount_edds(self) -> None:
        """Those that the carrier has not given follow the calendar."""
        for number, each in self.shipments.items():
            if each.computed and each.picked_up_on and each.status != "delivered":
                edd = after_business_days(each.picked_up_on, TRANSIT)
                self.shipments[number] = each._replace(edd=edd)

    def move_place(self, zone: ZoneInfo) -> None:
        """The clock at the site stays, but for taps of a cycle that is open."""
        before, self.zone = self.zone, zone

        def same_clock(at: dt.datetime) -> dt.datetime:
            return at.astimezone(before).replace(tzinfo=zone).astimezone(dt.UTC)

        for booked in self.bookings:
            booked.at = same_clock(booked.at)
        self.visits = tuple(
            v
            if self.is_open and v.cycle == self.cycle and v.tapped_at
            else v._replace(at=same_clock(v.at))
            for v in self.visits
        )

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
            known = self.known or self.first_to_come
            deliveries = [each.delivered_on or each.edd for each in known.values() if each.required]
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
    def parts_due(self) -> dt.date | None:
        """The first EDD of a required part under way, in a cycle that waits for parts."""
        under_way = [s.edd for s in self.shipments.values() if s.required and not s.delivered_on]
        return min(filter(None, under_way), default=None) if self.parts else None

    @property
    def known(self) -> dict[str, Shipment]:
        """The required shipments that had been entered when the first visit began."""
        visit = self.first_visit
        return {
            number: shipment
            for number, shipment in self.shipments.items()
            if shipment.required and (not visit or self.added[number] <= visit.at)
        }

    @property
    def first_to_come(self) -> dict[str, Shipment]:
        """Where none was known when the first visit began: what made the first target since."""
        visit = self.first_visit
        since = [at for at, target in self.moves if visit and target and at > visit.at]
        return {
            number: shipment
            for number, shipment in self.shipments.items()
            if not since or self.added[number] <= since[0]
        }

    @property
    def last_delivery(self) -> dt.date | None:
        """The day on which the last required part came; None while one is under way."""
        days = [shipment.delivered_on for shipment in self.known.values()]
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
