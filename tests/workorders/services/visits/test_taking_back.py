"""An appointment is called off without a new date, by a dispatcher, with a note."""

import datetime as dt

import pytest
from django.utils import timezone

from tests.factories import fresh, make_entitlement
from tests.pages import html_of
from tests.workorders.services.visits.in_progress import TARGET, at, book, in_progress
from workorders import services
from workorders.models import Notification, WorkOrder
from workorders.models.needs import NEEDS
from workorders.models.spans import any_at
from workorders.services import Booking, DomainError, InvalidState, NotAllowed, ReasonNeeded
from workorders.states import DelayReason, VisitOutcome
from workorders.targets.due import due_of

NOTE = "The POC called it off"


@pytest.fixture
def work_order(clock, dana) -> WorkOrder:
    """In Progress since Monday, March 2nd; Target SLA Thu, Mar 5."""
    return in_progress(dana)


def take_back(work_order: WorkOrder, by) -> WorkOrder:
    return services.take_back_appointment(fresh(work_order), note=NOTE, by=by)


def test_it_is_kept_and_the_ledger_says_why(work_order, dana):
    booked = book(work_order, 5, dana).appointment
    row = take_back(work_order, dana)
    assert (row.appointment, row.appointments.get()) == (None, booked)
    entry = row.ledger.latest("pk")
    assert (entry.title, entry.note, entry.appointment) == ("Appointment taken back", NOTE, booked)
    assert due_of(fresh(row)).text == "in 3 business days"
    assert WorkOrder.objects.filter(any_at(NEEDS["book"].rule.spans, timezone.now())).exists()


def test_its_technician_is_told(work_order, dana, tess):
    booking = Booking(at(5), tess.name, contact_email=tess.email, technician=tess)
    services.book_appointment(work_order, booking, by=dana)
    take_back(work_order, dana)
    notification = Notification.objects.filter(user=tess).latest("pk")
    assert notification.text.startswith("You are no longer booked for")


def test_nothing_of_it_protects_or_is_repeated(work_order, dana, staff):
    book(work_order, 9, dana, reason=DelayReason.WEATHER)
    book(work_order, 5, dana)
    assert services.reason_to_repeat(fresh(work_order)) == "weather"
    take_back(work_order, dana)
    row = fresh(work_order)
    assert (row.protected_until, services.reason_to_repeat(row)) == (None, "")
    services.update_work_order(row, {"entitlement": make_entitlement()}, by=staff)
    for day in (5, 9):
        with pytest.raises(ReasonNeeded):
            services.book_appointment(fresh(work_order), Booking(at(day), "Kim", "+1"), by=dana)


def test_a_visit_on_its_day_before_it_was_taken_back_stays_in_time(work_order, dana, staff, clock):
    book(work_order, 4, dana)
    services.update_work_order(fresh(work_order), {"entitlement": make_entitlement()}, by=staff)
    clock.move_to(at(4))
    services.start_visit(fresh(work_order), by=dana)
    services.end_visit(fresh(work_order), outcome=VisitOutcome.RETURN, by=dana)
    clock.move_to(at(4, 11))
    book(work_order, 9, dana, reason=None)
    take_back(work_order, dana)
    assert due_of(fresh(work_order)).text == "visited in time"


def test_what_cannot_be_taken_back_is_refused_with_a_sentence(work_order, dana, tess, clock):
    with pytest.raises(InvalidState, match="No appointment is booked"):
        take_back(work_order, dana)
    book(work_order, 3, dana)
    with pytest.raises(NotAllowed):
        take_back(work_order, tess)
    with pytest.raises(DomainError):
        services.take_back_appointment(fresh(work_order), note=" ", by=dana)
    clock.move_to(at(3))
    services.start_visit(fresh(work_order), by=dana)
    with pytest.raises(InvalidState, match="A visit is under way"):
        take_back(work_order, dana)
    services.end_visit(fresh(work_order), outcome=VisitOutcome.RETURN, by=dana)
    with pytest.raises(InvalidState, match="A visit has been made"):
        take_back(work_order, dana)


def test_the_page_offers_it_and_the_receipt_tells_it(work_order, dana, client_of):
    browser, address = client_of(dana), f"/work-orders/{work_order.number}/"
    page = f"{address}appointment/take-back/"
    assert page not in html_of(browser.get(address))
    book(work_order, 4, dana)
    book(work_order, 5, dana)
    assert page in html_of(browser.get(address))
    version = fresh(work_order).version
    assert browser.post(page, {"version": version}).status_code == 422
    assert browser.post(page, {"version": version - 1, "note": NOTE}).status_code == 409
    assert browser.post(page, {"version": version, "note": NOTE}).status_code == 302
    receipt = html_of(browser.get(f"{address}receipt/"))
    assert receipt.count("Taken back") == 1
    assert fresh(work_order).appointment is None


def test_its_days_are_free_for_another_booking(work_order, dana):
    book(work_order, 5, dana)
    take_back(work_order, dana)
    row = book(work_order, 5, dana)
    assert (row.appointment.on, row.protected_until) == (dt.date(2026, 3, 5), dt.date(2026, 3, 5))


def test_the_appointment_of_a_visit_that_was_made_stays_as_it_is(work_order, clock, dana):
    made = book(work_order, 3, dana).appointment
    clock.move_to(at(3))
    services.start_visit(fresh(work_order), by=dana)
    services.end_visit(fresh(work_order), outcome=VisitOutcome.RETURN, by=dana)
    called_off = book(fresh(work_order), 5, dana, reason=None).appointment
    take_back(work_order, dana)
    taken_back = fresh(work_order).appointments.filter(taken_back_at__isnull=False)
    assert (list(taken_back), made.taken_back_at) == ([called_off], None)


def test_a_booking_entered_after_the_visit_and_taken_back_is_not_the_visits(
    work_order, clock, dana
):
    """It never stood at that time: its technician and its reason are of another work order."""
    clock.move_to(at(11))
    late = Booking(at(9), "Kim", "+1", confirmed_target=TARGET, confirmed_past=at(9).date())
    services.book_appointment(work_order, late._replace(reason=DelayReason.TECHNICIAN), by=dana)
    take_back(work_order, dana)
    visit = services.enter_visit(
        fresh(work_order), began_at=at(9), outcome=VisitOutcome.RETURN, by=dana
    )
    assert (visit.appointment, visit.technician_name) == (None, "")
    assert not work_order.missed_sla_reasons.get().counts
