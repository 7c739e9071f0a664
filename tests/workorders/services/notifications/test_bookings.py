"""What technicians hear of their appointments, when, and with which calendar entry."""

import datetime as dt
import email
import email.policy
import zoneinfo

import pytest
from django.core import mail
from icalendar import Calendar

from portal.outbox.models import Message
from portal.outbox.sender import send_due
from portal.people.models import User
from portal.people.roles import Role
from tests.factories import fresh, make_accepted, make_user
from workorders import services as s
from workorders.models import Notification, WorkOrder
from workorders.models.notifications import Kind, Timing
from workorders.services.notifications.mailing import write_mails
from workorders.states import CouldNotCompleteReason, DelayReason, VisitOutcome

HOME = zoneinfo.ZoneInfo("America/Los_Angeles")


def at(day: int, hour: int = 9) -> dt.datetime:
    return dt.datetime(2026, 3, day, hour, tzinfo=HOME)


@pytest.fixture
def toni(voltfix) -> User:
    return make_user("toni@voltfix.example", Role.TECHNICIAN, partner=voltfix)


@pytest.fixture
def row(clock, dana, tess) -> WorkOrder:
    made = make_accepted(dana, parts_required=False, line_items=("Lock out",))
    Notification.objects.all().delete()
    return made


def book(row: WorkOrder, technician: User, when: dt.datetime, by: User) -> None:
    booking = s.Booking(
        when, technician.name, contact_email=technician.email, technician=technician
    )
    now = fresh(row)
    s.book_appointment(
        now,
        booking._replace(reason=DelayReason.WEATHER, confirmed_target=now.target_on),
        by=by,
    )


def notified(user: User) -> list[tuple[str, str]]:
    rows = Notification.objects.filter(user=user).order_by("pk")
    return [(row.kind, row.how) for row in rows.select_related("work_order__site")]


def mails_to(user: User) -> list[Message]:
    return list(Message.objects.filter(to=user.email).order_by("pk"))


def event_in(message: Message):
    ((name, text),) = message.calendars.items()
    (event,) = Calendar.from_ical(text).events
    return name, event


@pytest.mark.parametrize(("day", "how"), [(2, "at-once"), (3, "at-once"), (4, "digest")])
def test_today_and_tomorrow_cannot_wait(row, dana, tess, day, how):
    book(row, tess, at(day, 15), dana)
    assert notified(tess) == [("booked", how)]


def test_a_visit_that_was_tomorrow_and_is_moved_cannot_wait(row, dana, tess, toni):
    book(row, tess, at(3), dana)
    book(row, tess, at(9), dana)
    book(row, toni, at(10), dana)
    assert notified(tess) == [("booked", "at-once"), ("booked", "at-once"), ("booked", "digest")]
    assert notified(toni) == [("booked", "digest")]


def test_who_wants_no_mail_gets_none(row, dana, tess):
    User.objects.filter(pk=tess.pk).update(notification_preferences={Kind.BOOKED: Timing.PAGE})
    book(row, tess, at(3), dana)
    assert notified(tess) == [("booked", "page")]


def test_technician_hears_that_the_work_could_not_be_completed(row, dana, tess):
    book(row, tess, at(3), dana)
    s.could_not_complete(
        fresh(row), reason=CouldNotCompleteReason.OBSTRUCTION, note="Fenced off", by=dana
    )
    last = Notification.objects.filter(user=tess).latest("pk")
    assert (last.how, last.plain_text) == (
        "at-once",
        "The work could not be completed. You are no longer booked for Tue, Mar 3, 9:00 AM PST:"
        " Mission Creek Offices, San Francisco.",
    )


def test_technician_hears_that_they_go_there_after_all(row, dana, tess, staff):
    book(row, tess, at(3), dana)
    gone = CouldNotCompleteReason.OBSTRUCTION
    s.could_not_complete(fresh(row), reason=gone, note="Fenced off", by=dana)
    s.undo_last_step(fresh(row), note="The fence is gone", by=staff)
    last = Notification.objects.filter(user=tess).latest("pk")
    assert (last.kind, last.how) == ("booked", "at-once")
    assert last.plain_text.startswith("The work goes on: you are booked for Tue, Mar 3")


def test_booked_and_moved_twice_is_one_line(row, dana, tess, clock):
    for day in (9, 10, 11):
        book(row, tess, at(day), dana)
    clock.shift(24 * 3600)
    write_mails()
    (message,) = mails_to(tess)
    assert message.body.count("You are booked for") == 1
    assert "Wed, Mar 11" in message.body
    name, event = event_in(message)
    assert (name, event.start, event["status"]) == (f"{row.number}.ics", at(11), "CONFIRMED")


def test_who_lost_a_job_gets_no_link_and_the_entry_taken_out(row, dana, tess, toni, clock):
    book(row, tess, at(3), dana)
    clock.shift(61)
    write_mails()
    book(row, toni, at(3), dana)
    clock.shift(61)
    write_mails()
    first, second = mails_to(tess)
    assert f"/work-orders/{row.number}/" in first.body
    assert f"/work-orders/{row.number}/" not in second.body
    before, after = event_in(first)[1], event_in(second)[1]
    assert (before["uid"], before["status"]) == (after["uid"], "CONFIRMED")
    assert after["status"] == "CANCELLED"
    assert after["sequence"] > before["sequence"]
    assert "description" not in after


def test_entry_of_canceled_work_is_taken_out(row, dana, tess, staff, clock):
    book(row, tess, at(3), dana)
    s.cancel(fresh(row), comment="It cleared", by=staff)
    clock.shift(61)
    write_mails()
    (message,) = [each for each in mails_to(tess) if "Canceled" in each.subject]
    assert event_in(message)[1]["status"] == "CANCELLED"
    assert not [each for each in mails_to(tess) if "You are booked" in each.body]


def test_mail_carries_the_entry_and_its_thread(row, dana, tess, clock):
    book(row, tess, at(3), dana)
    clock.shift(61)
    write_mails()
    send_due()
    sent = email.message_from_bytes(
        mail.outbox[0].message().as_bytes(), policy=email.policy.default
    )
    assert sent["References"] == sent["In-Reply-To"] == f"<work-order-{row.number}@127.0.0.1>"
    assert sent["List-Unsubscribe"] == "<http://127.0.0.1:8000/notifications/choices/>"
    (file,) = sent.iter_attachments()
    assert (file.get_content_type(), file.get_filename()) == ("text/calendar", f"{row.number}.ics")
    assert "BEGIN:VCALENDAR" in file.get_content()


def test_each_visit_has_an_entry_of_its_own(row, dana, tess, clock, client_of):
    def uid() -> str:
        answer = client_of(dana).get(f"/work-orders/{row.number}/appointment.ics")
        (event,) = Calendar.from_ical(answer.content).events
        return str(event["uid"])

    book(row, tess, at(3), dana)
    first = uid()
    book(row, tess, at(2, 9), dana)
    assert uid() == first
    s.start_visit(fresh(row), by=dana)
    s.end_visit(fresh(row), outcome=VisitOutcome.RETURN, note="A second breaker", by=dana)
    book(row, tess, at(6), dana)
    assert uid() != first


def test_two_hours_are_two_hours_when_the_clocks_change(row, dana, tess, client_of):
    """March 8th, 2026: half past one, and an hour later it is half past three."""
    book(row, tess, dt.datetime(2026, 3, 8, 1, 30, tzinfo=HOME), dana)
    answer = client_of(dana).get(f"/work-orders/{row.number}/appointment.ics")
    (event,) = Calendar.from_ical(answer.content).events
    begins, ends = (each.astimezone(dt.UTC) for each in (event.start, event.end))
    assert ends - begins == dt.timedelta(hours=2)
