"""A later cycle begins on the day it was sent back: nothing before it is booked, visited or said in
it, and its computed dates follow the calendar (docs/rules.md, rule 6).
"""

import datetime as dt

import pytest

from tests.factories import (
    fresh,
    make_accepted,
    make_carrier_service,
    ready_to_complete,
    ship,
)
from tests.workorders.services.calendars.calendar_changes import close
from tests.workorders.services.visits.in_progress import at
from workorders import services
from workorders.models import WorkOrder
from workorders.services import Booking, DomainError
from workorders.services.calendars.recalculating import recalculate
from workorders.states import CouldNotCompleteReason, VisitOutcome

D = dt.date
SENTENCE = "This is before the work order was sent back, Fri, Mar 6."


@pytest.fixture
def back(clock, dana, staff) -> WorkOrder:
    """Completed on Mon, Mar 2, sent back on Fri, Mar 6 with the target Mon, Mar 9, to be done
    again. It is Wed, Mar 11.
    """
    row = make_accepted(dana, line_items=("Replace the cable",))
    ship(row, carrier="", service="", status="delivered", delivered_on=D(2026, 3, 2))
    services.complete(ready_to_complete(fresh(row), by=dana), by=dana)
    clock.move_to(at(6))
    target = {"next_target_on": D(2026, 3, 9), "next_target_reason": "Promised"}
    again = [item.number for item in row.line_items.all()]
    services.send_back(fresh(row), note="It is loose", again=again, **target, by=staff)
    clock.move_to(at(11))
    return fresh(row)


def test_no_visit_is_entered_or_corrected_to_before_it(back, dana):
    done = {"outcome": VisitOutcome.RETURN, "by": dana}
    with pytest.raises(DomainError, match=SENTENCE):
        services.enter_visit(back, began_at=at(5), **done)
    visit = services.enter_visit(back, began_at=at(6), **done)
    with pytest.raises(DomainError, match=SENTENCE):
        services.correct_visit(fresh(back), visit.pk, began_at=at(3), by=dana)


def test_nothing_is_booked_before_it(back, dana):
    booking = Booking(at(5), "Robin", "+1", confirmed_past=D(2026, 3, 5))
    with pytest.raises(DomainError, match=SENTENCE):
        services.book_appointment(back, booking, by=dana)


def test_completed_takes_no_earlier_beginning(back, dana):
    for item in back.line_items.all():
        services.tick_line_item(fresh(back), item.number, by=dana)
    with pytest.raises(DomainError, match=SENTENCE):
        services.complete(fresh(back), began_at=at(5), by=dana)


def test_a_send_back_undone_and_done_again_begins_on_the_later_day(back, clock, dana, staff):
    services.undo_last_step(back, note="x", by=staff)
    clock.move_to(at(12))
    services.send_back(fresh(back), note="It is loose", by=staff)
    with pytest.raises(DomainError, match="sent back, Thu, Mar 12"):
        services.enter_visit(fresh(back), began_at=at(11), outcome=VisitOutcome.DONE, by=dana)


# --- Dates that are computed in it


@pytest.fixture
def on_its_way(back, clock) -> WorkOrder:
    """A replacement, picked up on Wed, Mar 11, of which the carrier says no date."""
    make_carrier_service()
    ship(back, "FSO-2", pick_up_on=D(2026, 3, 11))
    assert edd_of(back) == D(2026, 3, 13)
    return fresh(back)


def edd_of(work_order: WorkOrder) -> dt.date | None:
    return work_order.shipments.get(number="FSO-2").estimated_delivery_on


def came(row: WorkOrder, clock, dana) -> None:
    """It came on Thu, Mar 12; the staff are asked about Fri, Mar 13."""
    clock.move_to(at(12))
    services.parts_received(row, numbers=["FSO-2"], on=D(2026, 3, 12), by=dana)
    assert fresh(row).proposed_target_on == D(2026, 3, 13)


def test_a_computed_edd_follows_the_calendar(on_its_way, staff):
    close(staff, D(2026, 3, 12))
    recalculate()
    assert (edd_of(on_its_way), fresh(on_its_way).parts_due_on) == (D(2026, 3, 16),) * 2


def test_also_when_a_write_comes_before_the_recalculation(on_its_way, staff):
    close(staff, D(2026, 3, 12))
    services.update_work_order(fresh(on_its_way), {"subject": "Cable"}, by=staff)
    assert edd_of(on_its_way) == D(2026, 3, 16)


def test_also_when_the_work_had_ended_meanwhile(on_its_way, dana, staff):
    why = {"reason": CouldNotCompleteReason.OBSTRUCTION, "note": "A car"}
    services.could_not_complete(on_its_way, **why, by=dana)
    close(staff, D(2026, 3, 12))
    recalculate()
    assert edd_of(on_its_way) == D(2026, 3, 13)
    services.undo_last_step(fresh(on_its_way), note="x", by=staff)
    assert (edd_of(on_its_way), fresh(on_its_way).parts_due_on) == (D(2026, 3, 16),) * 2


def test_the_proposed_target_follows_the_calendar(on_its_way, clock, dana, staff):
    came(on_its_way, clock, dana)
    close(staff, D(2026, 3, 13))
    recalculate()
    assert fresh(on_its_way).proposed_target_on == D(2026, 3, 16)


def test_a_part_entered_after_the_visit_proposes_nothing(back, clock, dana):
    services.start_visit(back, by=dana)
    clock.move_to(at(12))
    later = {"carrier": "", "service": "", "status": "delivered"}
    ship(back, "FSO-2", **later, delivered_on=D(2026, 3, 12))
    assert fresh(back).proposed_target_on is None


def test_an_undone_send_back_leaves_the_dates_that_the_work_ended_with(clock, dana, staff):
    make_carrier_service()
    row = make_accepted(dana, parts_required=False)
    ship(row, "FSO-2", required=False, pick_up_on=D(2026, 3, 2))
    services.complete(ready_to_complete(fresh(row), by=dana), by=dana)
    close(staff, D(2026, 3, 4))
    recalculate()
    services.send_back(fresh(row), note="It is loose", by=staff)
    assert edd_of(row) == D(2026, 3, 5)
    services.undo_last_step(fresh(row), note="x", by=staff)
    assert edd_of(row) == D(2026, 3, 4)


def test_the_visit_of_the_earlier_cycle_says_nothing_of_the_appointment_of_this_one(
    clock, dana, staff
):
    """Visited, sent back and booked again on the same day, by the afternoon."""
    row = make_accepted(dana, parts_required=False)
    services.start_visit(fresh(row), by=dana)
    services.complete(ready_to_complete(fresh(row), by=dana), by=dana)
    services.send_back(fresh(row), note="It is loose", by=staff)
    clock.move_to(at(2, 13))
    services.book_appointment(fresh(row), Booking(at(2, 14), "Robin", "+1"), by=dana)
    clock.move_to(at(2, 16))
    found = WorkOrder.objects.with_visit_outcome_missing(at(2, 16)).get(pk=row.pk)
    assert found.visit_outcome_missing
