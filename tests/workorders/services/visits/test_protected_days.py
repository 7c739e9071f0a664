"""Up to the day booked in time nothing is late (docs/rules.md, rule 6)."""

import datetime as dt

import pytest

from tests.factories import fresh, make_entitlement
from tests.workorders.services.visits.in_progress import at, book, in_progress
from workorders import services
from workorders.models import WorkOrder
from workorders.models.queries import late
from workorders.services import Booking, ReasonNeeded
from workorders.states import DelayReason, VisitOutcome
from workorders.targets.due import due_of
from workorders.targets.judging import judgement_of


def march(day: int) -> dt.date:
    return dt.date(2026, 3, day)


@pytest.fixture
def work_order(clock, dana) -> WorkOrder:
    """In Progress since Monday, March 2nd; Target SLA Thu, Mar 5."""
    return in_progress(dana)


def move_target(work_order: WorkOrder, days: int, by) -> WorkOrder:
    """The target becomes the day so many business days after Monday."""
    level = make_entitlement(f"{days} days", days)
    return services.update_work_order(fresh(work_order), {"entitlement": level}, by=by)


def is_late(work_order: WorkOrder) -> bool:
    """In Python and in SQL."""
    row = fresh(work_order)
    found = judgement_of(row).is_late
    assert (row in WorkOrder.objects.filter(late(at(20)))) == found
    return found


def test_rebooking_up_to_the_day_booked_in_time_asks_nothing_and_beyond_it_asks(
    work_order, dana, staff
):
    book(work_order, 5, dana)
    move_target(work_order, 1, staff)
    for day in (4, 5, 4):
        row = book(work_order, day, dana, reason=None)
        assert (row.appointment.judged_by, row.appointment.missed_sla) == (march(5), None)
        assert not is_late(work_order)
    with pytest.raises(ReasonNeeded):
        services.book_appointment(fresh(work_order), Booking(at(6), "Kim", "+1"), by=dana)


def test_the_latest_day_booked_in_time_protects_however_often_the_target_moves(
    work_order, dana, staff
):
    book(work_order, 5, dana)
    book(work_order, 4, dana)
    for days in (1, 5, 1, 2):
        move_target(work_order, days, staff)
        assert fresh(work_order).protected_until == march(5)
    book(work_order, 5, dana, reason=None)
    assert not is_late(work_order)


def test_a_late_booking_and_one_entered_after_its_day_protect_nothing(
    work_order, dana, staff, clock
):
    book(work_order, 9, dana, reason=DelayReason.WEATHER)
    assert fresh(work_order).protected_until is None
    clock.move_to(at(6))
    late_entry = Booking(at(4), "Robin", "+1 415 555 0111", confirmed_past=march(4))
    services.book_appointment(fresh(work_order), late_entry, by=dana)
    assert fresh(work_order).protected_until is None
    move_target(work_order, 1, staff)
    assert is_late(work_order)


def test_the_day_that_the_first_target_found_in_time_is_protected(work_order, dana, staff):
    services.hold(work_order, reason="No access", stops_clock=True, by=staff)
    assert fresh(work_order).target_on is None
    book(work_order, 5, dana)
    assert fresh(work_order).protected_until is None
    services.resume(fresh(work_order), by=staff)
    row = fresh(work_order)
    assert (row.target_on, row.protected_until) == (march(5), march(5))
    move_target(work_order, 1, staff)
    assert not is_late(work_order)


@pytest.mark.parametrize(("visited", "judged_by", "days_late"), [(4, 5, 0), (5, 5, 0), (6, 3, 3)])
def test_the_outcome_is_judged_by_the_target_of_the_protected_day(
    work_order, dana, staff, clock, visited, judged_by, days_late
):
    book(work_order, 5, dana)
    move_target(work_order, 1, staff)
    clock.move_to(at(visited))
    services.start_visit(fresh(work_order), by=dana)
    services.end_visit(fresh(work_order), outcome=VisitOutcome.DONE, by=dana)
    assert is_late(work_order) == (days_late > 0)
    done = services.complete(fresh(work_order), by=dana)
    assert (done.outcome_target_on, done.outcome_days_late) == (march(judged_by), days_late)


def test_a_reason_given_for_a_day_counts_again_when_it_is_late_again(work_order, dana, staff):
    """Booked late with a reason, then in time, then late again on the same day."""
    first = book(work_order, 9, dana, reason=DelayReason.WEATHER).appointment.missed_sla
    book(work_order, 12, dana, reason=DelayReason.TECHNICIAN)
    book(work_order, 4, dana)
    assert not fresh(work_order).missed_sla_reasons.filter(counts=True).exists()
    again = services.book_appointment(fresh(work_order), Booking(at(9), "Kim", "+1"), by=dana)
    assert (again.appointment.missed_sla, again.missed_sla_reasons.count()) == (first, 2)
    assert list(again.missed_sla_reasons.filter(counts=True)) == [first]


def test_moving_a_late_appointment_back_to_an_earlier_late_day_asks(work_order, dana):
    book(work_order, 9, dana, reason=DelayReason.WEATHER)
    book(work_order, 12, dana, reason=DelayReason.TECHNICIAN)
    with pytest.raises(ReasonNeeded):
        services.book_appointment(fresh(work_order), Booking(at(9), "Kim", "+1"), by=dana)


def test_a_target_that_moves_away_and_back_asks_nothing(work_order, dana, staff):
    reason = book(work_order, 9, dana, reason=DelayReason.WEATHER).appointment.missed_sla
    move_target(work_order, 7, staff)
    assert not is_late(work_order)
    move_target(work_order, 3, staff)
    assert (is_late(work_order), services.needs_reason(fresh(work_order))) == (True, False)
    assert services.last_reason(fresh(work_order)) == reason
    assert due_of(fresh(work_order)).text == "2 business days late"


def test_what_was_booked_by_the_day_of_the_visit_protects_it(work_order, dana, staff, clock):
    """Booked at ten, for a day in time; the visit of the same day began at nine."""
    clock.move_to(at(4, 10))
    book(work_order, 5, dana)
    move_target(work_order, 1, staff)
    services.enter_visit(fresh(work_order), began_at=at(4, 9), outcome=VisitOutcome.DONE, by=dana)
    assert not is_late(work_order)


def test_another_hour_on_a_day_that_is_in_time_by_now_books_it_in_time(work_order, dana, staff):
    """Booked late, for Mar 9; the target moves to Mar 9, and to Mar 3 after the hour is changed."""
    book(work_order, 9, dana)
    move_target(work_order, 5, staff)
    row = services.book_appointment(
        fresh(work_order), Booking(at(9, 14), "Robin", "+1 415 555 0111"), by=dana
    )
    assert (row.appointment.missed_sla, row.protected_until) == (None, march(9))
    move_target(work_order, 1, staff)
    assert not is_late(work_order)
