"""The main rule: the server alone decides what is late, asks once for each late date, and saves all
or nothing (docs/rules.md, rules 6 and 7).
"""

import datetime as dt
import zoneinfo

import pytest

from tests.factories import fresh, make_accepted, make_site, ready_to_complete, ship
from workorders.models import Appointment, LedgerEntry, MissedSLAReason
from workorders.models.ledger import Event
from workorders.services import (
    Booking,
    DomainError,
    InvalidState,
    NotAllowed,
    ReasonNeeded,
    Stale,
    book_appointment,
    comment,
    needs_reason,
)
from workorders.services import complete as complete_work
from workorders.states import DelayReason
from workorders.targets.judging import judgement_of

LOS_ANGELES = zoneinfo.ZoneInfo("America/Los_Angeles")
TARGET = dt.date(2026, 3, 5)


def at(day: int, hour: int = 9, minute: int = 0) -> dt.datetime:
    return dt.datetime(2026, 3, day, hour, minute, tzinfo=LOS_ANGELES)


def booking(day: int, hour: int = 9, minute: int = 0, **more) -> Booking:
    return Booking(
        at(day, hour, minute),
        **{"technician_name": "Robin", "contact_phone": "+1 415 555 0111"} | more,
    )


def late(
    day: int, target: dt.date = TARGET, reason: DelayReason = DelayReason.WEATHER, **more
) -> Booking:
    return booking(day, confirmed_target=target, reason=reason, **more)


@pytest.fixture
def work_order(dana):
    """Accepted, its part due on Wed, Mar 4: Target SLA Thu, Mar 5."""
    accepted = make_accepted(dana)
    ship(accepted, carrier="", service="", estimated_delivery_on=dt.date(2026, 3, 4))
    assert fresh(accepted).target_on == TARGET
    return fresh(accepted)


def test_booking_on_the_target_date_at_2359_is_in_time(work_order, dana):
    booked = book_appointment(work_order, booking(5, 23, 59), by=dana)
    assert (booked.appointment.on, booked.appointment.judged_by) == (TARGET, TARGET)
    assert booked.appointment.missed_sla is None


def test_booking_a_day_later_is_asked_about_and_saves_nothing(work_order, dana):
    with pytest.raises(ReasonNeeded) as asked:
        book_appointment(work_order, booking(6), by=dana)
    assert (asked.value.on, asked.value.days_late) == (dt.date(2026, 3, 6), 1)
    assert Appointment.objects.count() == 0
    assert fresh(work_order).version == work_order.version


def test_a_confirmed_booking_without_reason_is_refused_at_the_reason(work_order, dana):
    with pytest.raises(DomainError) as refused:
        book_appointment(work_order, booking(6, confirmed_target=TARGET), by=dana)
    assert refused.value.field == "reason"
    assert Appointment.objects.count() == 0


def test_a_reason_without_confirmation_saves_nothing(work_order, dana):
    with pytest.raises(ReasonNeeded):
        book_appointment(work_order, booking(6, reason=DelayReason.WEATHER), by=dana)
    assert MissedSLAReason.objects.count() == 0


def test_a_confirmed_reason_is_kept_with_target_and_ledger_in_one_write(work_order, dana):
    booked = book_appointment(
        work_order, late(10, note="Storm"), by=dana, version=work_order.version
    )
    reason = MissedSLAReason.objects.get()
    assert (reason.reason, reason.note, reason.given_by) == ("weather", "Storm", dana)
    assert (reason.target_on, reason.appointment_on, reason.business_days_late) == (
        TARGET,
        dt.date(2026, 3, 10),
        3,
    )
    assert booked.appointment.missed_sla == reason
    assert booked.appointment.judged_by == TARGET
    events = list(work_order.ledger.filter(version=booked.version).values_list("event", flat=True))
    assert events == [Event.REASON_GIVEN, Event.APPOINTMENT_BOOKED]


def test_a_failure_after_the_reason_leaves_nothing_behind(work_order, dana):
    with pytest.raises(Exception, match="contact"):
        book_appointment(work_order, late(6, contact_phone=""), by=dana)
    assert MissedSLAReason.objects.count() == 0
    assert fresh(work_order).appointment is None


def test_a_target_that_moved_between_question_and_answer_is_asked_about_again(work_order, dana):
    ship(work_order, carrier="", service="", estimated_delivery_on=dt.date(2026, 3, 5))
    with pytest.raises(ReasonNeeded) as asked:
        book_appointment(work_order, late(10), by=dana, version=work_order.version)
    assert asked.value.answered == TARGET
    assert asked.value.work_order.target_on == dt.date(2026, 3, 6)
    assert Appointment.objects.count() == 0


def test_a_target_that_moved_behind_the_date_makes_the_answer_unneeded(work_order, dana):
    ship(work_order, carrier="", service="", estimated_delivery_on=dt.date(2026, 3, 5))
    booked = book_appointment(work_order, late(6), by=dana, version=work_order.version)
    assert booked.appointment.missed_sla is None


def test_someone_elses_booking_is_not_overwritten(work_order, dana, voltfix):
    book_appointment(work_order, booking(4), by=dana, version=work_order.version)
    with pytest.raises(Stale) as stale:
        book_appointment(work_order, booking(5), by=dana, version=work_order.version)
    assert [entry.event for entry in stale.value.news] == [Event.APPOINTMENT_BOOKED]
    assert fresh(work_order).appointment.on == dt.date(2026, 3, 4)


def test_a_booking_and_a_moved_target_between_question_and_answer_are_stale(work_order, dana):
    book_appointment(work_order, booking(4), by=dana)
    ship(work_order, carrier="", service="", estimated_delivery_on=dt.date(2026, 3, 5))
    with pytest.raises(Stale):
        book_appointment(work_order, late(10), by=dana, version=work_order.version)


def test_a_comment_meanwhile_is_no_reason_to_refuse(work_order, dana):
    comment(work_order, body="On my way", by=dana)
    booked = book_appointment(work_order, booking(4), by=dana, version=work_order.version)
    assert booked.appointment.on == dt.date(2026, 3, 4)


@pytest.mark.parametrize("what", [booking(4), late(6)])
def test_a_double_click_books_once(work_order, dana, what):
    book_appointment(work_order, what, by=dana, version=work_order.version)
    again = book_appointment(work_order, what, by=dana, version=work_order.version)
    assert Appointment.objects.count() == 1
    assert LedgerEntry.objects.filter(event=Event.APPOINTMENT_BOOKED).count() == 1
    assert again.appointment.on == what.at.date()


def test_moving_a_late_appointment_to_another_late_date_asks_again(work_order, dana):
    book_appointment(work_order, late(6), by=dana)
    with pytest.raises(ReasonNeeded):
        book_appointment(work_order, booking(9), by=dana)
    book_appointment(work_order, late(9, reason=DelayReason.TECHNICIAN), by=dana)
    assert list(MissedSLAReason.objects.values_list("reason", flat=True).order_by("pk")) == [
        "weather",
        "technician",
    ]


def test_changing_hour_technician_or_contact_of_a_late_appointment_does_not_ask(work_order, dana):
    book_appointment(work_order, late(6), by=dana)
    moved = book_appointment(
        work_order, booking(6, 14, technician_name="Sam", contact_email="s@x.example"), by=dana
    )
    assert moved.appointment.missed_sla.reason == "weather"
    assert MissedSLAReason.objects.count() == 1


def test_moving_to_a_timely_date_clears_the_flag_and_keeps_the_history(work_order, dana):
    book_appointment(work_order, late(6), by=dana)
    moved = book_appointment(work_order, booking(5), by=dana)
    assert moved.appointment.missed_sla is None
    assert (Appointment.objects.count(), MissedSLAReason.objects.count()) == (2, 1)


def test_an_appointment_in_time_stays_in_time_when_the_target_moves_earlier(work_order, dana):
    book_appointment(work_order, booking(5), by=dana)
    ship(work_order, carrier="", service="", estimated_delivery_on=dt.date(2026, 3, 2))
    row = fresh(work_order)
    assert row.target_on == dt.date(2026, 3, 3)
    assert not judgement_of(row).is_late
    assert book_appointment(row, booking(5, 15), by=dana).appointment.judged_by == TARGET


def test_a_late_appointment_that_becomes_timely_is_late_no_longer(work_order, dana):
    book_appointment(work_order, late(6), by=dana)
    ship(work_order, carrier="", service="", estimated_delivery_on=dt.date(2026, 3, 9))
    row = fresh(work_order)
    assert not judgement_of(row).is_late


def test_one_booked_without_a_target_and_found_late_needs_a_reason(dana):
    work_order = make_accepted(dana)
    book_appointment(work_order, booking(6), by=dana)
    ship(work_order, carrier="", service="", estimated_delivery_on=dt.date(2026, 3, 4))
    row = fresh(work_order)
    assert needs_reason(row)
    with pytest.raises(ReasonNeeded):
        book_appointment(row, booking(6), by=dana)
    book_appointment(row, late(6), by=dana)
    assert not needs_reason(fresh(work_order))


def test_one_booked_without_a_target_and_found_in_time_is_judged_by_the_first(dana):
    work_order = make_accepted(dana)
    book_appointment(work_order, booking(5), by=dana)
    ship(work_order, carrier="", service="", estimated_delivery_on=dt.date(2026, 3, 4))
    assert fresh(work_order).appointment.judged_by == TARGET
    ship(work_order, carrier="", service="", estimated_delivery_on=dt.date(2026, 3, 3))
    assert not needs_reason(fresh(work_order))


def test_a_visit_made_may_be_entered_afterwards_but_not_before_acceptance(work_order, dana, clock):
    clock.move_to(dt.datetime(2026, 3, 4, 17, tzinfo=dt.UTC))
    visit = booking(3)._replace(confirmed_past=dt.date(2026, 3, 3))
    assert book_appointment(work_order, visit, by=dana).appointment.entered_afterwards
    with pytest.raises(DomainError) as refused:
        book_appointment(
            work_order, Booking(dt.datetime(2026, 3, 1, 9, tzinfo=LOS_ANGELES), "R", "+1"), by=dana
        )
    assert refused.value.field == "appointment_at"


def test_a_date_far_ahead_is_refused(work_order, dana):
    with pytest.raises(DomainError) as refused:
        book_appointment(
            work_order, Booking(dt.datetime(2027, 3, 4, 9, tzinfo=LOS_ANGELES), "R", "+1"), by=dana
        )
    assert refused.value.field == "appointment_at"


def test_the_date_is_the_sites_not_utc(dana):
    honolulu = make_site("Kakaako", time_zone="Pacific/Honolulu", city="Honolulu")
    work_order = make_accepted(dana, site=honolulu)
    ship(work_order, carrier="", service="", estimated_delivery_on=dt.date(2026, 3, 4))
    zone = zoneinfo.ZoneInfo("Pacific/Honolulu")
    late_evening = dt.datetime(2026, 3, 5, 22, tzinfo=zone)  # Mar 6 in UTC
    assert (
        book_appointment(work_order, Booking(late_evening, "Kai", "+1"), by=dana).appointment.on
        == TARGET
    )


def test_booking_needs_acceptance_role_and_open_work(work_order, dana, tess, omar, staff):
    for someone in (tess, omar, staff):
        with pytest.raises(NotAllowed):
            book_appointment(work_order, booking(4), by=someone)
    ship(work_order, carrier="", service="", status="delivered", delivered_on=dt.date(2026, 3, 2))
    complete_work(ready_to_complete(work_order, by=dana), by=dana)
    with pytest.raises(InvalidState):
        book_appointment(work_order, booking(4), by=dana)


def test_an_unchanged_booking_writes_nothing(work_order, dana):
    booked = book_appointment(work_order, booking(4), by=dana)
    book_appointment(booked, booking(4), by=dana, version=booked.version)
    assert fresh(work_order).version == booked.version
