"""One step of a random run: refused without a trace, or what the rules say comes of it."""

import datetime as dt
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from django.db import transaction
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from hypothesis.strategies import SearchStrategy

from portal.people.models import User
from tests.factories import fresh
from tests.workorders.model_based.rules import Model
from tests.workorders.model_based.said import (
    compare_notifications,
    compare_pages,
    compare_queries,
    open_links,
)
from tests.workorders.model_based.values import CLOSED, HOLIDAYS, Hold, Shipment, instant
from workorders import services as s
from workorders.models import WorkOrder
from workorders.scorecard.declines import scored_declines
from workorders.scorecard.time_in_status import status_changes_of
from workorders.services import (
    BeganMissing,
    DomainError,
    InThePast,
    NotAllowed,
    PartsNotThere,
    ReasonNeeded,
    Stale,
)
from workorders.targets.explaining import explain
from workorders.targets.terms import forget_rules

NO = (DomainError, NotAllowed, ReasonNeeded, PartsNotThere, InThePast, BeganMissing, Stale)


def action(
    when: Callable[[Any], object] = lambda self: True, **drawn: SearchStrategy[Any]
) -> Callable[..., Any]:
    """A step that makes sense `when`, with values that are drawn."""

    def mark(method: Any) -> Any:
        method.when, method.drawn = when, drawn
        return method

    return mark


class Steps(RuleBasedStateMachine):
    """`people` and `clock` are given by the test.

    What is done is undone with the transaction at the end.
    """

    people: dict[str, User]  # a dispatcher by the name of their partner; and staff
    clock: Any
    row: WorkOrder
    model: Model
    chance: Random
    target_said: dt.date | None = None  # after the step before

    def __init__(self) -> None:
        super().__init__()
        self.compared, self.heard = 0, 0
        CLOSED.clear()
        CLOSED.update(HOLIDAYS)
        self.atomic = transaction.atomic()
        self.atomic.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)
        forget_rules()

    @initialize(chance=st.randoms(use_true_random=True))
    def cast(self, chance: Random) -> None:
        self.chance = chance

    @rule(data=st.data())
    def step(self, data: Any) -> None:
        """Any that makes sense, each as likely as the others: rules of their own would be switched
        off by the dozen.
        """
        methods = [
            getattr(self, name)
            for name in dir(type(self))
            if hasattr(getattr(type(self), name), "drawn")
        ]
        method = self.chance.choice([each for each in methods if each.when(self)])
        note(method.__name__)
        method(**{name: data.draw(strategy, label=name) for name, strategy in method.drawn.items()})

    @property
    def partner(self) -> User:
        return self.people[self.model.partner]

    @property
    def staff(self) -> User:
        return self.people["staff"]

    def wait_until(self, day: dt.date) -> None:
        self.model.today = day
        self.clock.move_to(instant(day), tick=False)

    def take(
        self,
        possible: object,
        call: Callable[[], object],
        change: Callable[[], object] = lambda: None,
        *,
        step: str = "",
        writes: bool = True,
        shipments_changed: bool = False,
    ) -> None:
        """Do it. It is refused without a trace, or what the rules say comes of it."""
        if not possible:
            with pytest.raises(NO):
                call()
            self.compare(self.version)
            return
        before = self.model.values()
        call()
        change()
        self.model.settle(shipments_changed=shipments_changed)
        if step:
            self.model.steps.append((step, before, self.model.values()))
        self.compare(self.version + (1 if writes else 0))

    def compare(self, version: int) -> None:
        row, model, self.version = fresh(self.row), self.model, version
        shipments, holds = list(row.shipments.all()), list(row.holds.all())
        versions, visit = list(row.ledger.values_list("version", flat=True)), model.first_visit
        said = {
            "status": (row.status, row.held_from, row.partner.name, row.cycle, row.accepted_on),
            "target": (row.target_on, s.needs_reason(row)),
            "proposed": row.proposed_target_on if row.is_open else None,
            "kept": row.kept_target_on if row.is_open else None,
            "parts due": row.parts_due_on if row.is_open and row.parts_required else None,
            "outcome": (row.outcome_target_on, row.outcome_on, row.outcome_days_late),
            "later": {o.cycle: (o.target_on, o.judged_on, o.days_late) for o in row.outcomes.all()},
            "shipments": {
                each.number: as_shipment(each) for each in shipments if not each.is_return
            },
            "booked": row.appointment and (row.appointment.at, row.appointment.judged_by),
            "declined": tuple(map(as_decline, scored_declines(row.past_assignments.all()))),
            "reason": row.missed_sla_reasons.filter(cycle=row.cycle, counts=True).exists(),
            "visits": [
                (v.cycle, v.began_at, v.on, v.entered_on, v.entered_late)
                for v in row.visits.order_by("pk")
            ],
            "holds": {Hold(hold.first, hold.last, hold.stops_clock) for hold in holds},
            "work": (
                (row.visited_on, row.nobody_there, row.outcome_nobody_there),
                {number for number, at in row.line_items.values_list("number", "done_at") if at},
            ),
            "ledger": (row.version, versions[-1], status_changes_of([row])[row.pk][-1].new),
        }
        ruled = {
            "status": (
                model.status,
                model.held_from,
                model.partner,
                model.cycle,
                model.accepted_on,
            ),
            "target": (model.target, model.lacks_reason),
            "proposed": model.proposed if model.is_open else None,
            "kept": model.kept if model.is_open else None,
            "parts due": model.parts_due if model.is_open else None,
            "outcome": model.outcome or (None, None, None),
            "later": model.later,
            "shipments": model.shipments,
            "booked": model.booked and (model.booked.at, model.booked.judged_by),
            "declined": model.declined,
            "reason": model.counts_reason,
            "visits": [(v.cycle, v.at, v.on, v.entered_on, v.entered_late) for v in model.visits],
            "holds": set(model.holds),
            "work": ((visit and visit.on, model.in_vain, model.outcome_in_vain), model.ticked),
            "ledger": (version, version, model.status),
        }
        differing = [(key, said[key], ruled[key]) for key in said if said[key] != ruled[key]]
        assert not differing, differing
        compare_queries(row, model)
        news = row.notifications.filter(pk__gt=self.heard).order_by("pk")
        compare_notifications(news, model, self.target_said)
        self.target_said = model.target
        self.heard = max((each.pk for each in news), default=self.heard)
        self.compared += 1
        if self.compared % 10 == 0:
            compare_pages(row, model, self.partner, self.people["admin"])
        if self.compared % 25 == 0:
            open_links(self.people.values())
        if model.follows or (model.outcome and not (model.is_open and model.set_by_staff)):
            steps = explain(row, shipments, holds).steps
            shown = [step.day for step in steps if step.kind == "target"]
            assert shown == [
                day for day in [model.target if model.follows else model.first_target] if day
            ]


def as_decline(row: Any) -> tuple[str, Any]:
    return row.partner.name, (row.outcome_target_on, row.outcome_on, row.outcome_days_late)


def as_shipment(row: Any) -> Shipment:
    known = (
        row.required,
        row.status,
        row.estimated_delivery_on,
        row.delivered_on,
    )
    picked_up_on = row.pick_up_on if row.edd_is_computed else None
    return Shipment(*known, row.reported_by_partner, row.edd_is_computed, picked_up_on)
