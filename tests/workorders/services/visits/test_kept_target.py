"""A visit is judged by the target known when it began, also when a later change leaves none."""

import datetime as dt
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from tests.factories import fresh, make_accepted, make_entitlement, ready_to_complete, ship
from tests.pages import html_of, url
from tests.workorders.services.visits.in_progress import TARGET, at, in_progress
from workorders import services
from workorders.models import Wait, WorkOrder
from workorders.models.queries import late, sla_filter
from workorders.services import Delay
from workorders.services.calendars.entitlements import save_entitlement
from workorders.services.calendars.recalculating import recalculate
from workorders.states import CouldNotCompleteReason, DelayReason, VisitOutcome
from workorders.targets.due import due_of


@pytest.fixture
def work_order(clock, dana) -> WorkOrder:
    """Target SLA Thu, Mar 5."""
    return in_progress(dana)


def march(day: int) -> dt.date:
    return dt.date(2026, 3, day)


def visit(row: WorkOrder, dana, clock, day: int) -> None:
    clock.move_to(at(day))
    services.start_visit(row, by=dana)
    services.end_visit(row, outcome=VisitOutcome.RETURN, by=dana)


def hold_since(row: WorkOrder, day: int, staff) -> WorkOrder:
    """Stop the clock; the hold began on an earlier day."""
    services.hold(fresh(row), reason="Fenced off", stops_clock=True, by=staff)
    hold = row.holds.get()
    services.correct_hold(hold, first=march(day), last=None, stops_clock=True, by=staff)
    return fresh(row)


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (5, "on hold; visited in time by the Target SLA of Thu, Mar 5"),
        (9, "on hold; visited 2 business days late by the Target SLA of Thu, Mar 5"),
    ],
)
def test_a_hold_that_leaves_no_target_does_not_change_the_judgement(
    work_order, dana, staff, clock, client_of, day, text
):
    visit(work_order, dana, clock, day)
    row = hold_since(work_order, 4, staff)
    assert (row.target_on, row.waits_for, due_of(row).on, due_of(row).text) == (
        None,
        "hold",
        None,
        text,
    )
    now, is_late = at(day, 10), day == 9
    assert (row in WorkOrder.objects.filter(late(now))) == is_late
    assert row in WorkOrder.objects.filter(sla_filter("none", now, Wait.objects.at(now)))
    for page in ("work-order", "receipt"):
        assert text in html_of(client_of(dana).get(url(page, row.number)))


def test_work_that_is_given_up_then_is_missed_by_its_first_visit(work_order, dana, staff, clock):
    visit(work_order, dana, clock, 9)
    hold_since(work_order, 4, staff)
    row = services.could_not_complete(
        fresh(work_order),
        reason=CouldNotCompleteReason.OBSTRUCTION,
        note="A wall",
        delay=Delay(DelayReason.WEATHER),
        by=dana,
    )
    assert (row.outcome_target_on, row.outcome_on, row.outcome_days_late) == (TARGET, march(9), 2)


def test_the_next_target_judges_it_anew(work_order, dana, staff, clock):
    visit(work_order, dana, clock, 9)
    hold_since(work_order, 4, staff)
    row = services.resume(fresh(work_order), by=staff)
    assert (row.target_on, row.kept_target_on, due_of(row).text) == (
        march(11),
        None,
        "visited in time",
    )


def delivered(dana) -> WorkOrder:
    """In Progress, Target SLA Tue, Mar 3."""
    row = make_accepted(dana)
    ship(row, "FSO-1", carrier="", service="", status="delivered", delivered_on=march(2))
    return fresh(row)


@pytest.mark.parametrize("is_entered_later", [False, True])
def test_a_delivery_that_is_taken_back_does_not_either(clock, dana, is_entered_later):
    """Whether the visit is entered before it or afterwards."""
    row = delivered(dana)
    clock.move_to(at(4))
    if not is_entered_later:
        services.start_visit(row, by=dana)
        services.end_visit(row, outcome=VisitOutcome.DONE, by=dana)
    clock.move_to(at(5))
    ship(row, "FSO-1", carrier="", service="")
    if is_entered_later:
        services.enter_visit(fresh(row), began_at=at(4), outcome=VisitOutcome.DONE, by=dana)
    row = fresh(row)
    assert (row.target_on, row.kept_target_on) == (None, march(3))
    done = services.complete(
        ready_to_complete(row, by=dana), delay=Delay(DelayReason.WEATHER), by=dana
    )
    assert (done.outcome_target_on, done.outcome_on, done.outcome_days_late) == (
        march(3),
        march(4),
        1,
    )


def test_what_had_no_target_when_it_began_and_has_had_none_since_is_not_judged(clock, dana):
    row = delivered(dana)
    ship(row, "FSO-1", carrier="", service="")
    clock.move_to(at(5))
    services.start_visit(fresh(row), by=dana)
    assert (fresh(row).kept_target_on, due_of(fresh(row)).text) == (
        None,
        "waiting for the delivery date",
    )


def test_a_service_level_that_leaves_none_keeps_it_in_sets_too(work_order, dana, staff, clock):
    """With ten business days the target lies behind the hold that is open."""
    visit(work_order, dana, clock, 9)
    services.hold(fresh(work_order), reason="Fenced off", stops_clock=True, by=staff)
    level = make_entitlement("Assure 3-Day")
    level.business_days = 10
    save_entitlement(level, by=staff)
    recalculate()
    row = fresh(work_order)
    assert (row.target_on, row.kept_target_on) == (None, TARGET)
    assert due_of(row).text.startswith("on hold; visited 2 business days late")


def test_an_upgrade_finds_it_in_the_ledger(work_order, dana, staff, clock):
    visit(work_order, dana, clock, 9)
    hold_since(work_order, 4, staff)
    WorkOrder.objects.update(kept_target_on=None)
    migration = import_module("workorders.migrations.0038_fill_kept_target")
    migration.fill(apps, SimpleNamespace(connection=SimpleNamespace(alias=connection.alias)))
    assert fresh(work_order).kept_target_on == TARGET
