"""Random lives of two work orders that differ in one step, which one takes and undoes: afterwards
they are the same.
"""

import datetime as dt
from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Any

import pytest
from django.db import transaction

from portal.people.models import User
from tests.factories import (
    SHIP_TO,
    fresh,
    make_carrier_service,
    make_entitlement,
    make_territory,
    make_work_order,
    ready_to_complete,
    ship,
)
from tests.workorders.services.calendars.calendar_changes import change_calendar
from workorders import services as s
from workorders.models import DayState, WorkOrder
from workorders.services import DomainError, NotAllowed, PartsNotThere, ReasonNeeded
from workorders.services.calendars.entitlements import save_entitlement
from workorders.services.calendars.recalculating import recalculate
from workorders.services.flow.undoing import UNDOABLE, last_step
from workorders.states import Cause, CouldNotCompleteReason, DayKind, DelayReason, VisitOutcome

MONDAY = dt.date(2026, 6, 15)
DAY, MINUTE = dt.timedelta(days=1), dt.timedelta(minutes=1)
Step = Callable[[WorkOrder], object]
NO = (DomainError, NotAllowed, ReasonNeeded, PartsNotThere)
STANDING = (
    "status", "held_from", "cycle", "accepted_on", "completed_at", "start_on", "target_on",
    "target_reason", "waits_for", "parts_due_on", "outcome_target_on", "outcome_on",
    "outcome_days_late", "visited_on", "give_up_reason", "entitlement_id",
    "territory_id", "parts_required", "photos_from",
)  # fmt: skip


class Twins:
    """Two work orders; what is done to both, and what to the first alone."""

    def __init__(self, chance: Random, clock: Any, partner: User, staff: User) -> None:
        self.chance, self.clock, self.partner, self.staff = chance, clock, partner, staff
        self.today = MONDAY
        self.wait(0)
        self.entitlements = [
            make_entitlement("Assure", 1),
            make_entitlement("Assure 3-Day", 3, "accepted"),
        ]
        self.territories = [make_territory(), make_territory("GB-ENG", "GB", "ENG")]
        known = {
            "partner": partner.partner,
            "assigned_on": MONDAY,
            "parts_required": chance.random() < 0.7,
            "entitlement": chance.choice(self.entitlements),
            "line_items": ("Lock out", "Replace"),
        }
        self.first, self.second = make_work_order(**known), make_work_order(**known)

    # --- What is done to a work order, with the same choices for both
    def at(self, hour: int = 17) -> dt.datetime:
        return dt.datetime.combine(self.today, dt.time(hour), dt.UTC)

    def wait(self, days: int | None = None) -> None:
        self.today += DAY * (self.chance.randint(1, 4) if days is None else days)
        self.clock.move_to(self.at(), tick=False)

    def steps(self) -> tuple[list[Step], list[Step]]:
        """What leads on, and what can be undone, both in any order."""
        c, partner, staff = self.chance, self.partner, self.staff
        day, number = self.today + DAY * c.randint(0, 6), f"{c.randint(1, 2)}"
        shipped: dict[str, Any] = {"status": c.choice(["ordered", "shipped"])}
        shipped |= c.choice([{"pick_up_on": self.today}, {"estimated_delivery_on": day}, {}])
        delivered = {"status": "delivered", "delivered_on": self.today}
        reason = CouldNotCompleteReason.OBSTRUCTION
        target = {"next_target_on": day, "next_target_reason": "Promised"}
        target = c.choice([target, {}])
        again = c.choice([[], [2]])
        stops, cause = c.random() < 0.6, c.choice(list(Cause))
        days = {"first": self.today - DAY * c.randint(0, 3), "stops_clock": c.random() < 0.6}
        outcome = c.choice(list(VisitOutcome))
        booked = dt.datetime.combine(day, dt.time(18), dt.UTC)

        def send(row: WorkOrder, details: dict[str, Any]) -> None:
            ship(row, f"{row.number}-{number}", **details)

        def receive(row: WorkOrder) -> None:
            number = row.shipments.filter(delivered_on=None, direction="outbound").first()
            numbers = [number.number] if number else []
            s.parts_received(row, numbers=numbers, on=self.today, by=partner)

        def correct(row: WorkOrder) -> None:
            if hold := row.holds.last():
                last = None if hold.last is None else self.today
                s.correct_hold(hold, **days, last=last, by=staff)

        def book(row: WorkOrder) -> None:
            booking = s.Booking(booked, "Robin", "+1 415 555 0111", reason=DelayReason.WEATHER)
            arrival = max(
                (e.estimated_delivery_on or day for e in row.shipments.all()), default=day
            )
            booking = booking._replace(confirmed_target=row.target_on, confirmed_parts=arrival)
            s.book_appointment(row, booking, by=partner)

        def visit(row: WorkOrder) -> None:
            if row.visits.filter(ended_at=None).exists():
                s.end_visit(row, outcome=outcome, by=partner)
            else:
                s.start_visit(row, by=partner)

        on: list[Step] = [
            lambda row: s.accept_work_order(row, ship_to=SHIP_TO, by=partner),
            lambda row: s.order_parts(row, by=staff),
            lambda row: send(row, shipped),
            lambda row: send(row, delivered),
            receive,
            book,
            visit,
            lambda row: s.hold(row, reason="Shut", stops_clock=stops, cause=cause, by=staff),
            lambda row: s.resume(row, by=staff),
            correct,
            lambda row: ready_to_complete(row, by=partner),
            lambda row: s.complete(row, by=partner),
            lambda row: s.send_back(row, note="Loose", again=again, **target, by=staff),
        ]
        undoable = [on[n] for n in (0, 1, 3, 4, -2, -1)]
        ends: list[Step] = [
            lambda row: s.could_not_complete(row, reason=reason, note="A car", by=partner),
            lambda row: s.cancel(row, comment="It cleared", by=staff),
            lambda row: s.close(row, by=staff),
        ]
        if c.random() < 0.5:  # they are nearly always possible: the others come first
            undoable = c.sample(undoable, len(undoable)) + c.sample(ends, len(ends))
        else:
            undoable = c.sample(undoable + ends, len(undoable + ends))
        return c.sample(on, len(on)), undoable

    def edit(self) -> Step:
        values = self.chance.choice(
            [
                {"entitlement": self.chance.choice(self.entitlements)},
                {"territory": self.chance.choice(self.territories)},
                {"parts_required": self.chance.random() < 0.5},
            ]
        )
        return lambda row: s.update_work_order(row, values, by=self.staff)

    def change_rules(self) -> None:
        """A closed day, or another promise; followed at once, or not yet."""
        if self.chance.random() < 0.5:
            day = self.today + DAY * self.chance.randint(0, 5)
            closed = DayState(DayKind.CLOSED, "Company closure")
            days = {day: closed if self.chance.random() < 0.7 else DayState()}
            with suppress(DomainError):  # as it is already
                change_calendar(self.staff, territory=make_territory(), days=days)
        else:
            level = self.chance.choice(self.entitlements)
            level.refresh_from_db()
            level.business_days = self.chance.randint(1, 4)
            save_entitlement(level, by=self.staff)
        if self.chance.random() < 0.6:
            recalculate()

    def beside(self) -> None:
        """What happens to both before the step is undone; none of it is a step itself."""
        kind = self.chance.choice(["wait", "rules", "edit"])
        if kind == "wait":
            self.wait()
        elif kind == "rules":
            self.change_rules()
        else:
            self.do(self.edit())

    def do(self, step: Step) -> bool:
        """To both, where the first allows it."""
        if not self.took(self.first, step):
            return False
        assert self.took(self.second, step)
        return True

    def took(self, row: WorkOrder, step: Step) -> bool:
        try:
            with transaction.atomic():
                step(fresh(row))
        except NO:
            return False
        return True

    def live(self) -> None:
        self.clock.shift(MINUTE)  # so that it is known what came first
        if self.chance.random() < 0.3:
            self.beside()
        else:
            any(self.do(step) for step in self.steps()[0])

    def undone(self) -> bool:
        """A step of the first alone, and all else of both; whether it could be undone."""
        self.clock.shift(MINUTE)
        if not any(self.took_undoable(step) for step in self.steps()[1]):
            return False
        for _ in range(self.chance.randint(0, 3)):
            self.beside()
        return self.took(
            self.first, lambda row: s.undo_last_step(row, note="By mistake", by=self.staff)
        )

    def took_undoable(self, step: Step) -> bool:
        """Takes back at once what is no step that can be undone."""
        before, save = fresh(self.first).version, transaction.savepoint()
        if self.took(self.first, step):
            entries = last_step(fresh(self.first))
            if any(e.version > before and e.event in UNDOABLE for e in entries):
                return True
        transaction.savepoint_rollback(save)
        return False


def facts_of(work_order: WorkOrder) -> dict[str, Any]:
    """All that people read of it, but for what a person had entered or decided with the step: a
    ship-to, and a booking that was in time by the target that it had set.
    """
    row = fresh(work_order)
    booked = row.appointment
    return {
        **{name: getattr(row, name) for name in STANDING},
        "basis": {**row.target_basis, "source": ""},
        "booked": booked and (booked.at, booked.on, booked.is_return),
        "holds": list(row.holds.order_by("pk").values_list("first", "last", "stops_clock")),
        "visits": list(
            row.visits.order_by("pk").values_list("cycle", "on", "ended_at", "outcome", "note")
        ),
        "shipments": list(
            row.shipments.filter(is_void=False)
            .order_by("number")
            .values_list("status", "estimated_delivery_on", "delivered_on", "return_due_on")
        ),
        "outcomes": list(row.outcomes.values_list("cycle", "target_on", "judged_on", "days_late")),
        "line_items": list(row.line_items.values_list("number", "done_at", "proof_from")),
    }


@pytest.mark.slow
@pytest.mark.once
def test_an_undone_step_leaves_what_its_twin_has_that_never_took_it(full_size, clock, dana, staff):
    make_carrier_service()
    undone = 0
    for seed in range(400 if full_size else 12):
        with transaction.atomic():
            twins = Twins(Random(seed), clock, dana, staff)
            for _ in range(10):
                twins.live()
            if twins.undone():
                undone += 1
                recalculate()
                assert facts_of(twins.first) == facts_of(twins.second), f"seed {seed}"
            transaction.set_rollback(True)
    assert undone > (200 if full_size else 6)
