"""A required shipment that is added after the first visit never moves the target that judges that
visit (docs/rules.md, rule 6).
"""

import datetime as dt

import pytest

from tests.factories import fresh, make_accepted, make_carrier_service, ship
from tests.workorders.services.calendars.calendar_changes import close
from workorders.models import WorkOrder
from workorders.services import end_visit, enter_visit, start_visit, take_back_visit
from workorders.services.calendars.recalculating import recalculate
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
