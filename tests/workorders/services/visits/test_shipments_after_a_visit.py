"""A required shipment that is added after the first visit never moves the target that judges that
visit (docs/rules.md, rule 6).
"""

import datetime as dt

import pytest

from tests.factories import (
    fresh,
    make_accepted,
    make_carrier_service,
    make_territory,
    ready_to_complete,
    ship,
)
from tests.workorders.services.calendars.calendar_changes import CLOSURE, change_to, close
from workorders.models import WorkOrder
from workorders.services import (
    complete,
    end_visit,
    enter_visit,
    start_visit,
    take_back_visit,
    undo_last_step,
    update_work_order,
)
from workorders.services.calendars.proposals import CalendarChange
from workorders.services.calendars.recalculating import effect_of, recalculate
from workorders.states import VisitOutcome
from workorders.targets.due import due_of
from workorders.targets.explaining import explain

D = dt.date
LATER = {"carrier": "", "service": "", "estimated_delivery_on": D(2026, 3, 9)}


def at(day: int, hour: int = 17) -> dt.datetime:
    return dt.datetime(2026, 3, day, hour, tzinfo=dt.UTC)


@pytest.fixture
def delivered(clock, dana) -> WorkOrder:
    """On Mon, Mar 2: Target SLA Tue, Mar 3."""
    work_order = make_accepted(dana)
    ship(work_order, carrier="", service="", status="delivered", delivered_on=D(2026, 3, 2))
    return fresh(work_order)


def visited(work_order: WorkOrder, dana, clock, day: int) -> WorkOrder:
    clock.move_to(at(day), tick=False)
    start_visit(work_order, by=dana)
    end_visit(fresh(work_order), outcome=VisitOutcome.RETURN, by=dana)
    clock.move_to(at(day, 18), tick=False)
    return fresh(work_order)


def test_a_replacement_after_a_late_visit_leaves_it_late(delivered, dana, clock):
    row = visited(delivered, dana, clock, 5)
    ship(row, "FSO-2", **LATER)
    row = fresh(row)
    assert (row.target_on, row.parts_due_on) == (D(2026, 3, 3), D(2026, 3, 9))
    assert due_of(row, at(5)).text == "visited 2 business days late"
    why = explain(row, row.shipments.all(), row.holds.all())
    assert (why.source, why.steps[-1].day) == ("FSO-1 delivered", D(2026, 3, 3))


def test_a_corrected_delivery_of_what_was_known_judges_the_visit_anew(delivered, dana, clock):
    row = visited(delivered, dana, clock, 5)
    ship(row, "FSO-2", **LATER)
    known = {"carrier": "", "service": "", "status": "delivered"}
    ship(row, "FSO-1", **known, delivered_on=D(2026, 3, 4))
    row = fresh(row)
    assert (row.target_on, due_of(row, at(5)).text) == (D(2026, 3, 5), "visited in time")


def test_a_replacement_before_the_visit_moves_the_target(delivered, dana, clock):
    ship(delivered, "FSO-2", **LATER)
    assert fresh(delivered).target_on == D(2026, 3, 10)


def test_a_visit_that_is_taken_back_leaves_the_replacement_to_count(delivered, dana, clock):
    clock.move_to(at(5), tick=False)
    visit = start_visit(delivered, by=dana)
    clock.move_to(at(5, 18), tick=False)
    ship(delivered, "FSO-2", **LATER)
    assert fresh(delivered).target_on == D(2026, 3, 3)
    take_back_visit(fresh(delivered), visit.pk, by=dana)
    assert fresh(delivered).target_on == D(2026, 3, 10)


def test_a_visit_entered_afterwards_is_judged_by_what_was_known_when_it_began(
    delivered, dana, clock
):
    clock.move_to(at(5), tick=False)
    ship(delivered, "FSO-2", **LATER)
    assert fresh(delivered).target_on == D(2026, 3, 10)
    enter_visit(fresh(delivered), began_at=at(4), outcome=VisitOutcome.RETURN, by=dana)
    row = fresh(delivered)
    assert (row.target_on, due_of(row, at(5)).text) == (
        D(2026, 3, 3),
        "visited 1 business day late",
    )


def test_a_changed_calendar_moves_no_target_by_it_either(delivered, dana, staff, clock):
    make_carrier_service()
    row = visited(delivered, dana, clock, 5)
    ship(row, "FSO-2", pick_up_on=D(2026, 3, 5))
    close(staff, D(2026, 3, 6))
    recalculate()
    assert fresh(row).shipments.get(number="FSO-2").estimated_delivery_on == D(2026, 3, 10)
    close(staff, D(2026, 3, 4))
    recalculate()
    assert fresh(row).target_on == D(2026, 3, 3)


# --- What was required when the visit began


def required(work_order: WorkOrder, number: str, **details) -> None:
    ship(work_order, number, **({"carrier": "", "service": ""} | details))


def test_a_visit_typed_for_an_hour_before_the_shipment_was_entered_keeps_the_target(clock, dana):
    clock.move_to(at(2), tick=False)
    work_order = make_accepted(dana)
    required(work_order, "FSO-1", status="delivered", delivered_on=D(2026, 3, 2))
    clock.move_to(at(2, 19), tick=False)
    enter_visit(fresh(work_order), began_at=at(2, 16), outcome=VisitOutcome.RETURN, by=dana)
    row = fresh(work_order)
    assert (row.target_on, due_of(row, at(2, 19)).text) == (D(2026, 3, 3), "visited in time")
    complete(ready_to_complete(row, by=dana), by=dana)
    assert fresh(row).outcome_target_on == D(2026, 3, 3)


def test_parts_required_only_after_the_visit_start_the_count(clock, dana, staff):
    row = visited(make_accepted(dana, parts_required=False), dana, clock, 2)
    update_work_order(row, {"parts_required": True}, by=staff)
    required(row, "FSO-1", status="delivered", delivered_on=D(2026, 3, 2))
    assert fresh(row).target_on == D(2026, 3, 3)


def test_a_shipment_made_required_after_the_visit_leaves_the_target(delivered, dana, clock):
    required(delivered, "FSO-2", required=False, estimated_delivery_on=D(2026, 3, 9))
    row = visited(delivered, dana, clock, 5)
    required(row, "FSO-2", required=True, estimated_delivery_on=D(2026, 3, 9))
    assert fresh(row).target_on == D(2026, 3, 3)


def test_one_made_required_before_the_visit_decides_also_once_that_is_undone_and_redone(
    delivered, dana, staff, clock
):
    required(delivered, "FSO-2", required=False, estimated_delivery_on=D(2026, 3, 9))
    required(delivered, "FSO-2", required=True, estimated_delivery_on=D(2026, 3, 9))
    assert fresh(delivered).target_on == D(2026, 3, 10)
    undo_last_step(fresh(delivered), note="x", by=staff)
    row = visited(delivered, dana, clock, 5)
    required(row, "FSO-2", required=True, estimated_delivery_on=D(2026, 3, 9))
    assert fresh(row).target_on == D(2026, 3, 3)


def test_the_preview_of_a_calendar_counts_no_move_by_a_later_shipment(
    delivered, dana, staff, clock
):
    make_carrier_service()
    row = visited(delivered, dana, clock, 5)
    ship(row, "FSO-2", pick_up_on=D(2026, 3, 5))
    change = CalendarChange(days={D(2026, 3, 6): CLOSURE})
    assert effect_of(change_to(make_territory(), change)).moved == 0


def test_where_none_was_known_the_first_target_judges_whatever_comes_later(clock, dana):
    clock.move_to(at(6), tick=False)
    row = make_accepted(dana, assigned_on=D(2026, 3, 2))
    accepted = dt.timedelta(days=-4)
    WorkOrder.objects.filter(pk=row.pk).update(accepted_on=at(6).date() + accepted)
    required(row, "FSO-1", status="delivered", delivered_on=D(2026, 3, 2))
    enter_visit(fresh(row), began_at=at(5), outcome=VisitOutcome.RETURN, by=dana)
    clock.move_to(at(6, 19), tick=False)
    required(row, "FSO-2", estimated_delivery_on=D(2026, 3, 9))
    assert (fresh(row).target_on, due_of(fresh(row), at(6)).is_late) == (D(2026, 3, 3), True)
