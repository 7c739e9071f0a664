"""After an undo the work is what it would be had the step never been taken."""

import datetime as dt

import pytest

from tests.factories import (
    fresh,
    make_accepted,
    make_carrier_service,
    make_entitlement,
    ready_to_complete,
    ship,
)
from tests.workorders.services.calendars.calendar_changes import THURSDAY, close
from workorders import services
from workorders.models import WorkOrder
from workorders.models.ledger import Event
from workorders.services.calendars.recalculating import recalculate
from workorders.states import CouldNotCompleteReason, Status, VisitOutcome, WaitsFor

GIVEN_UP = {"reason": CouldNotCompleteReason.OBSTRUCTION, "note": "A car"}
D = dt.date


def at(day: int) -> dt.datetime:
    return dt.datetime(2026, 3, day, 17, tzinfo=dt.UTC)


def end(work_order: WorkOrder, how: str, dana, staff) -> None:
    if how == "canceled":
        services.cancel(work_order, comment="It cleared", by=staff)
    else:
        services.could_not_complete(work_order, **GIVEN_UP, by=dana)


def undo(work_order: WorkOrder, staff) -> WorkOrder:
    services.undo_last_step(fresh(work_order), note="By mistake", by=staff)
    return fresh(work_order)


@pytest.mark.parametrize("how", ["given up", "canceled"])
def test_an_estimated_delivery_follows_the_calendar_that_changed_meanwhile(clock, dana, staff, how):
    make_carrier_service("FedEx", "Ground", 5)
    work_order = make_accepted(dana)
    services.order_parts(work_order, by=staff)
    ship(work_order, service="Ground", pick_up_on=D(2026, 3, 2))
    assert fresh(work_order).target_on == D(2026, 3, 10)
    end(fresh(work_order), how, dana, staff)
    close(staff, THURSDAY)
    assert recalculate() == (0, True)
    row = undo(work_order, staff)
    shipment = row.shipments.get(number="FSO-1")
    assert (shipment.estimated_delivery_on, row.target_on) == (D(2026, 3, 10), D(2026, 3, 11))
    assert (row.start_on, row.parts_due_on) == (D(2026, 3, 10), D(2026, 3, 10))


def test_a_restored_estimate_is_of_the_calendar_that_holds_now(clock, dana, staff):
    make_carrier_service("FedEx", "Ground", 5)
    work_order = make_accepted(dana)
    services.order_parts(work_order, by=staff)
    ship(work_order, service="Ground", pick_up_on=D(2026, 3, 2))
    edd = {"pick_up_on": D(2026, 3, 2), "estimated_delivery_on": D(2026, 3, 13)}
    ship(work_order, service="Ground", **edd)
    close(staff, THURSDAY)
    recalculate()
    row = undo(work_order, staff)
    assert row.shipments.get().estimated_delivery_on == row.start_on == D(2026, 3, 10)


def test_an_undone_end_reopens_the_hold_that_it_ended_and_no_other(clock, dana, staff):
    work_order = make_accepted(
        dana, parts_required=False, entitlement=make_entitlement("Assure 3-Day", 3)
    )
    services.hold(work_order, reason="No key", stops_clock=False, by=staff)
    services.resume(work_order, by=staff)
    clock.move_to(at(3), tick=False)
    services.hold(work_order, reason="Fenced off", stops_clock=True, by=staff)
    first, _ = work_order.holds.order_by("pk")
    clock.move_to(at(6), tick=False)
    days = {"first": D(2026, 3, 5), "last": D(2026, 3, 6), "stops_clock": False}
    services.correct_hold(first, **days, by=staff)
    end(fresh(work_order), "canceled", dana, staff)
    row = undo(work_order, staff)
    spans = list(row.holds.order_by("pk").values_list("first", "last"))
    assert spans == [(D(2026, 3, 5), D(2026, 3, 6)), (D(2026, 3, 3), None)]
    assert (row.status, row.target_on, row.waits_for) == (Status.ON_HOLD, None, WaitsFor.HOLD)


@pytest.mark.parametrize("how", ["given up", "canceled", "completed"])
def test_an_undone_end_reopens_the_visit_that_it_ended_and_no_other(clock, dana, staff, how):
    work_order = make_accepted(dana, parts_required=False)
    services.start_visit(work_order, by=dana)
    services.end_visit(work_order, outcome=VisitOutcome.RETURN, by=dana)
    services.start_visit(work_order, by=dana)
    if how == "completed":
        services.complete(fresh(work_order), by=dana)
    else:
        end(fresh(work_order), how, dana, staff)
    row = undo(work_order, staff)
    visits = [(visit.is_open, visit.outcome) for visit in row.visits.order_by("pk")]
    assert visits == [(False, "return-visit"), (True, "")]


def test_a_send_back_with_a_target_is_undone_with_its_target(clock, dana, staff):
    work_order = make_accepted(dana, parts_required=False)
    services.complete(ready_to_complete(work_order, by=dana), by=dana)
    before = fresh(work_order)
    target = {"next_target_on": D(2026, 3, 10), "next_target_reason": "Promised"}
    services.send_back(before, note="It is loose", **target, by=staff)
    row = undo(work_order, staff)
    fields = ("status", "cycle", "target_on", "target_reason", "visited_on", "completed_at")
    assert [getattr(row, name) for name in fields] == [getattr(before, name) for name in fields]
    assert row.ledger.filter(event=Event.UNDONE).count() == 1


def test_work_that_needs_no_parts_any_more_goes_on_when_its_end_is_undone(clock, dana, staff):
    work_order = make_accepted(dana)
    services.order_parts(work_order, by=staff)
    end(fresh(work_order), "given up", dana, staff)
    services.update_work_order(fresh(work_order), {"parts_required": False}, by=staff)
    row = undo(work_order, staff)
    assert (row.status, row.target_on) == (Status.IN_PROGRESS, D(2026, 3, 3))
