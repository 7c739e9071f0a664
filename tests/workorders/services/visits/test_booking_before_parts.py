"""A visit before the parts is asked about, by the server's word only, and once for each day they
arrive on.
"""

import datetime as dt

import pytest

from tests.factories import fresh, make_accepted, ship
from tests.workorders.services.visits.test_booking import TARGET, booking, late
from workorders.models import Appointment, MissedSLAReason
from workorders.services import (
    DomainError,
    PartsNotThere,
    ReasonNeeded,
    Stale,
    book_appointment,
    parts_received,
)

ARRIVAL = dt.date(2026, 3, 4)


def due(work_order, day: int | None, number: str = "FSO-1") -> None:
    """Say when the carrier brings it."""
    edd = dt.date(2026, 3, day) if day else None
    ship(work_order, number, carrier="", service="", estimated_delivery_on=edd)


def test_a_visit_before_the_parts_is_asked_about_and_saves_nothing(work_order, dana):
    with pytest.raises(PartsNotThere) as asked:
        book_appointment(work_order, booking(3, 23, 59), by=dana)
    assert (asked.value.on, asked.value.arrive_on, asked.value.answered) == (
        dt.date(2026, 3, 3),
        ARRIVAL,
        None,
    )
    assert (Appointment.objects.count(), fresh(work_order).version) == (0, work_order.version)


def test_a_visit_on_the_day_they_arrive_is_not(work_order, dana):
    assert book_appointment(work_order, booking(4, 0, 30), by=dana).appointment.on == ARRIVAL


def test_yes_books_it_and_asks_for_no_reason(work_order, dana):
    booked = book_appointment(
        work_order, booking(3, confirmed_parts=ARRIVAL), by=dana, version=work_order.version
    )
    assert (booked.appointment.judged_by, booked.appointment.missed_sla) == (TARGET, None)
    assert MissedSLAReason.objects.count() == 0


def test_a_yes_to_another_day_is_none(work_order, dana):
    with pytest.raises(PartsNotThere) as asked:
        book_appointment(work_order, booking(3, confirmed_parts=dt.date(2026, 3, 5)), by=dana)
    assert asked.value.answered == dt.date(2026, 3, 5)


def test_parts_that_moved_between_question_and_answer_are_asked_about_again(work_order, dana):
    due(work_order, 5)
    with pytest.raises(PartsNotThere) as asked:
        book_appointment(
            work_order, booking(3, confirmed_parts=ARRIVAL), by=dana, version=work_order.version
        )
    assert (asked.value.arrive_on, asked.value.answered) == (dt.date(2026, 3, 5), ARRIVAL)
    assert Appointment.objects.count() == 0


def test_parts_that_came_between_question_and_answer_make_it_unneeded(work_order, dana):
    parts_received(work_order, numbers=["FSO-1"], on=dt.date(2026, 3, 2), by=dana)
    booked = book_appointment(
        work_order, booking(3, confirmed_parts=ARRIVAL), by=dana, version=work_order.version
    )
    assert booked.appointment.on == dt.date(2026, 3, 3)


def test_another_booking_meanwhile_is_not_overwritten_by_the_answer(work_order, dana):
    book_appointment(work_order, booking(5), by=dana)
    due(work_order, 5)
    with pytest.raises(Stale):
        book_appointment(
            work_order, booking(3, confirmed_parts=ARRIVAL), by=dana, version=work_order.version
        )


def test_the_last_of_several_parts_counts_also_while_another_has_no_date(work_order, dana):
    due(work_order, 6, "FSO-2")
    due(work_order, None, "FSO-3")
    with pytest.raises(PartsNotThere) as asked:
        book_appointment(work_order, booking(5), by=dana)
    assert asked.value.arrive_on == dt.date(2026, 3, 6)


@pytest.mark.parametrize(
    "details",
    [
        {"status": "delivered", "delivered_on": dt.date(2026, 3, 2)},
        {"status": "ordered"},
        {"estimated_delivery_on": ARRIVAL, "required": False},
        {"estimated_delivery_on": ARRIVAL, "direction": "return", "required": False},
        {"estimated_delivery_on": dt.date(2026, 2, 27)},
    ],
    ids=["delivered", "no date", "not required", "going back", "overdue"],
)
def test_nothing_is_asked_when_no_part_is_known_to_come(dana, details):
    work_order = make_accepted(dana)
    ship(work_order, carrier="", service="", **details)
    assert book_appointment(work_order, booking(2, 18), by=dana).appointment.on == dt.date(
        2026, 3, 2
    )


def test_nothing_is_asked_when_the_work_needs_no_parts(dana):
    work_order = make_accepted(dana, parts_required=False)
    due(work_order, 4)
    assert book_appointment(work_order, booking(3), by=dana).appointment.on == dt.date(2026, 3, 3)


def test_nothing_is_asked_of_a_visit_already_made(work_order, dana):
    visit = booking(2, 8)._replace(confirmed_past=dt.date(2026, 3, 2))
    assert book_appointment(work_order, visit, by=dana).appointment.entered_afterwards


def test_hour_technician_and_contact_are_changed_without_the_question(work_order, dana):
    book_appointment(work_order, booking(3, confirmed_parts=ARRIVAL), by=dana)
    due(work_order, 5)
    moved = book_appointment(work_order, booking(3, 14, technician_name="Sam"), by=dana)
    assert moved.appointment.technician_name == "Sam"


def test_moving_it_to_another_day_before_the_parts_asks_again(work_order, dana):
    book_appointment(work_order, booking(3, confirmed_parts=ARRIVAL), by=dana)
    with pytest.raises(PartsNotThere):
        book_appointment(work_order, booking(2, 18), by=dana)


def test_a_double_click_on_yes_books_once(work_order, dana):
    for _ in range(2):
        book_appointment(
            work_order, booking(3, confirmed_parts=ARRIVAL), by=dana, version=work_order.version
        )
    assert Appointment.objects.count() == 1


def test_of_two_questions_the_target_comes_first_and_no_answer_is_lost(sent_back, dana):
    target, arrival = dt.date(2026, 3, 3), dt.date(2026, 3, 9)
    with pytest.raises(ReasonNeeded):
        book_appointment(sent_back, booking(5, confirmed_parts=arrival), by=dana)
    with pytest.raises(DomainError):
        book_appointment(
            sent_back, booking(5, confirmed_target=target, confirmed_parts=arrival), by=dana
        )
    with pytest.raises(PartsNotThere):
        book_appointment(sent_back, late(5, target), by=dana)
    assert MissedSLAReason.objects.count() == 0
    booked = book_appointment(sent_back, late(5, target, confirmed_parts=arrival), by=dana)
    assert booked.appointment.missed_sla.reason == "weather"
