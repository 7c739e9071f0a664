"""A visit belongs to the appointment of its own day, in whatever order the two were entered."""

import datetime as dt

import pytest

from tests.factories import fresh, make_entitlement
from tests.workorders.services.visits.in_progress import at, book, in_progress
from workorders import services
from workorders.models import Visit, WorkOrder
from workorders.states import DelayReason, VisitOutcome
from workorders.targets.due import visit_outcome_missing
from workorders.targets.judging import judgement_of

LATE = DelayReason.WEATHER


@pytest.fixture
def work_order(clock, dana, staff) -> WorkOrder:
    """Target SLA Tue, Mar 10, for which Mar 10 was booked; then it moved to Thu, Mar 5."""
    row = in_progress(dana)
    week = make_entitlement("6 days", 6)
    services.update_work_order(row, {"entitlement": week}, by=staff)
    book(row, 10, dana)
    three = make_entitlement("Assure 3-Day", 3)
    return services.update_work_order(fresh(row), {"entitlement": three}, by=staff)


def visited(work_order: WorkOrder, day: int, by) -> Visit:
    return services.enter_visit(
        fresh(work_order), began_at=at(day), outcome=VisitOutcome.RETURN, by=by
    )


def test_a_visit_is_judged_alike_before_and_after_the_next_booking(work_order, dana, clock):
    clock.move_to(at(11))
    first = fresh(work_order).appointment
    book(work_order, 17, dana, reason=LATE)
    visit = visited(work_order, 10, dana)
    assert visit.appointment == first
    row = fresh(work_order)
    assert (row.visited_on, judgement_of(row).is_late) == (dt.date(2026, 3, 10), False)
    assert not row.missed_sla_reasons.filter(counts=True).exists()


def test_a_visit_entered_before_the_next_booking_is_in_time_too(work_order, dana, clock):
    clock.move_to(at(11))
    visit = visited(work_order, 10, dana)
    book(work_order, 17, dana, reason=None)
    assert visit.appointment.on == dt.date(2026, 3, 10)
    assert not judgement_of(fresh(work_order)).is_late


def test_the_outcome_of_each_appointment_is_asked_once(work_order, dana, clock):
    clock.move_to(at(11))
    book(work_order, 17, dana, reason=LATE)
    visited(work_order, 10, dana)
    clock.move_to(at(18))
    row = fresh(work_order)
    assert visit_outcome_missing(row, row.visits.all(), at(18))
    assert WorkOrder.objects.with_visit_outcome_missing(at(18)).get().visit_outcome_missing
    visited(work_order, 17, dana)
    row = fresh(work_order)
    assert not visit_outcome_missing(row, row.visits.all(), at(18))


def test_a_visit_on_another_day_belongs_to_the_appointment_that_stood(work_order, dana, clock):
    clock.move_to(at(6))
    stood = fresh(work_order).appointment
    book(work_order, 17, dana, reason=LATE)
    clock.move_to(at(12))
    early, later = visited(work_order, 4, dana), visited(work_order, 11, dana)
    assert (early.appointment, later.appointment.on) == (stood, dt.date(2026, 3, 17))


def test_a_corrected_visit_belongs_to_the_appointment_of_its_new_day(work_order, dana, clock):
    clock.move_to(at(11))
    first = fresh(work_order).appointment
    book(work_order, 11, dana, reason=LATE)
    visit = visited(work_order, 11, dana)
    services.correct_visit(fresh(work_order), visit.pk, began_at=at(10), by=dana)
    assert work_order.visits.get().appointment == first
