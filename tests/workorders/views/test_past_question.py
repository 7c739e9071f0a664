"""The question about a booking in the past, and the hour that the tile of today proposes."""

import datetime as dt
import zoneinfo

import pytest
from django.urls import reverse

from tests.factories import fresh, make_accepted
from tests.pages import html_of
from workorders.models import Appointment
from workorders.services import Booking, InThePast, book_appointment
from workorders.targets.days_ahead import next_hour

pytestmark = pytest.mark.once

HTMX = {"HX-Request": "true"}
LOS_ANGELES = zoneinfo.ZoneInfo("America/Los_Angeles")
PAST = "2026-03-03T09:00"
YES = {"confirmed_past": "2026-03-03"}


@pytest.fixture(autouse=True)
def _wednesday_noon(work_order, clock) -> None:
    """Wed, Mar 4, 12:30 PM at the site, the day of the parts and a day before the target."""
    clock.move_to(dt.datetime(2026, 3, 4, 12, 30, tzinfo=LOS_ANGELES))


def at(day: int, hour: int) -> dt.datetime:
    return dt.datetime(2026, 3, day, hour, tzinfo=LOS_ANGELES)


# --- The question
@pytest.mark.parametrize("headers", [None, HTMX])
def test_a_booking_in_the_past_is_asked_about(post, headers):
    answer = post(headers, appointment_at=PAST)
    page = html_of(answer)
    assert (answer.status_code, Appointment.objects.count()) == (200, 0)
    assert "has passed. Was the visit made then?" in page
    assert 'name="confirmed_past" value="2026-03-03"' in page
    assert f'name="appointment_at" value="{PAST}"' in page
    assert "1 day ago" in page
    assert "it is booked for that time, and marked as entered afterwards" in page
    assert "Continue with a missed SLA date?" not in page


def test_an_hour_of_today_that_is_over_is_asked_about(post):
    assert "earlier today" in html_of(post(appointment_at="2026-03-04T12:29"))


def test_an_hour_of_today_still_to_come_is_booked(work_order, post):
    assert post(appointment_at="2026-03-04T12:31").status_code == 302
    assert not fresh(work_order).appointment.entered_afterwards


@pytest.mark.parametrize("headers", [None, HTMX])
def test_yes_books_the_visit_as_entered_afterwards(work_order, post, headers):
    answer = post(headers, appointment_at=PAST, **YES)
    assert answer.status_code == (200 if headers else 302)
    assert fresh(work_order).appointment.entered_afterwards


def test_no_saves_nothing_and_keeps_what_was_typed(post):
    page = html_of(post(appointment_at=PAST, answer="no", **YES))
    assert Appointment.objects.count() == 0
    assert f'value="{PAST}"' in page
    assert "<dialog" not in page


@pytest.mark.parametrize("confirmed", ["", "2026-03-02", "yes", "\x00"])
def test_a_yes_for_another_day_asks_again(post, confirmed):
    answer = post(appointment_at=PAST, confirmed_past=confirmed)
    assert (answer.status_code, Appointment.objects.count()) == (200, 0)


def test_a_past_booking_after_the_target_asks_both(dana, post, work_order, clock):
    clock.move_to(at(9, 12))
    late = {"appointment_at": "2026-03-06T09:00", "confirmed_past": "2026-03-06"}
    page = html_of(post(**late))
    assert "Continue with a missed SLA date?" in page
    assert 'name="confirmed_past" value="2026-03-06"' in page
    given = late | {"confirmed_target": "2026-03-05", "reason": "weather"}
    assert post(**given).status_code == 302


def test_another_technician_of_a_past_appointment_asks_nothing(work_order, dana, clock):
    book_appointment(work_order, Booking(at(4, 14), "Robin", "+1 415 555 0111"), by=dana)
    clock.move_to(at(5, 9))
    other = Booking(at(4, 14), "Kim", "+1 415 555 0111")
    assert book_appointment(fresh(work_order), other, by=dana).appointment.technician_name == "Kim"
    with pytest.raises(InThePast):
        book_appointment(fresh(work_order), other._replace(at=at(4, 15)), by=dana)


def test_other_work_at_the_site_is_booked_for_the_same_past_visit(work_order, dana, post, clock):
    clock.move_to(at(2, 10))
    other = make_accepted(dana, parts_required=False)
    clock.move_to(at(3, 12))
    post(appointment_at=PAST, along=[other.number], **YES)
    assert fresh(other).appointment.on == dt.date(2026, 3, 3)


# --- The tile of today
def tile(client_of, dana, work_order, day: str) -> str:
    page = client_of(dana).get(reverse("work-order", args=[work_order.number]), {"day": day})
    return page.context["form"]["appointment_at"].value()


@pytest.mark.parametrize(
    ("now", "day", "expected"),
    [
        ((4, 12, 30), "2026-03-04", "2026-03-04T13:00"),
        ((4, 12, 0), "2026-03-04", "2026-03-04T13:00"),
        ((4, 8, 59), "2026-03-04", "2026-03-04T09:00"),
        ((4, 12, 30), "2026-03-05", "2026-03-05T09:00"),
        ((4, 23, 10), "2026-03-04", "2026-03-04T23:59"),
    ],
)
def test_today_proposes_an_hour_still_to_come(
    work_order, dana, client_of, clock, now, day, expected
):
    day_of_march, hour, minute = now
    clock.move_to(at(day_of_march, hour) + dt.timedelta(minutes=minute))
    assert tile(client_of, dana, work_order, day) == expected


def test_today_keeps_the_hour_of_the_appointment_while_it_is_to_come(work_order, dana, client_of):
    book_appointment(work_order, Booking(at(5, 15), "Robin", "+1 415 555 0111"), by=dana)
    assert tile(client_of, dana, work_order, "2026-03-04") == "2026-03-04T15:00"


def test_the_tile_says_the_next_hour_for_the_script(work_order, dana, client_of):
    page = html_of(client_of(dana).get(reverse("work-order", args=[work_order.number])))
    assert page.count("data-earliest=") == 1
    assert 'data-earliest="13:00"' in page


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-03-08T09:30+00:00", "03:00"),  # 1:30 AM; at two the clocks go to three
        ("2026-11-01T08:30+00:00", "02:00"),  # 1:30 AM for the first time
        ("2026-11-01T09:30+00:00", "02:00"),  # and for the second
        ("2026-03-05T07:59:30+00:00", "23:59"),
    ],
)
def test_the_next_hour_is_one_that_the_clocks_show(now, expected):
    assert f"{next_hour(LOS_ANGELES, dt.datetime.fromisoformat(now)):%H:%M}" == expected
