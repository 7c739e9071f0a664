"""The question about a technician who is at another site around that time."""

import datetime as dt

import pytest

from tests.factories import book_on, fresh, make_accepted, make_site
from tests.pages import html_of
from workorders import services
from workorders.models import Appointment
from workorders.services import Booking, book_appointment

pytestmark = pytest.mark.once

HTMX = {"HX-Request": "true"}
NOON_IN_NEW_YORK = dt.datetime(2026, 3, 3, 17, tzinfo=dt.UTC)
AN_HOUR_LATER = "2026-03-03T10:00"  # in San Francisco


@pytest.fixture
def elsewhere(work_order, dana, tess):
    """Tess is in New York on Tuesday at noon, three hours ahead of San Francisco."""
    site = make_site("Depot Nine", city="New York", time_zone="America/New_York")
    row = make_accepted(dana, parts_required=False, site=site, number="WO-9")
    return book_on(row, tess, at=NOON_IN_NEW_YORK)


@pytest.fixture
def who(tess) -> dict[str, str]:
    return {"technician": str(tess.pk), "technician_name": "Tess", "confirmed_parts": "2026-03-04"}


@pytest.mark.parametrize("headers", [None, HTMX])
def test_a_clash_is_asked_about_in_the_time_of_both_sites(elsewhere, post, who, headers):
    answer = post(headers, appointment_at=AN_HOUR_LATER, **who)
    page = html_of(answer)
    assert (answer.status_code, Appointment.objects.count()) == (200, 1)
    for words in (
        "Tess is at Depot Nine around that time. Book both?",
        "1 hour apart",
        "<span>12:00 PM EST</span>",
        "<span>9:00 AM PST</span></time> here",
        "<span>10:00 AM PST</span>",
        'name="confirmed_clash" value="2026-03-03"',
        f'name="appointment_at" value="{AN_HOUR_LATER}"',
    ):
        assert words in page


def test_yes_books_both_and_another_days_answer_asks_again(elsewhere, work_order, post, who):
    asked = post(appointment_at=AN_HOUR_LATER, confirmed_clash="2026-03-02", **who)
    assert (asked.status_code, fresh(work_order).appointment) == (200, None)
    answer = post(appointment_at=AN_HOUR_LATER, confirmed_clash="2026-03-03", **who)
    assert (answer.status_code, fresh(work_order).appointment.technician_name) == (302, "Tess")


@pytest.mark.parametrize("at", ["2026-03-03T11:00", "2026-03-03T07:00", "2026-03-02T09:30"])
def test_two_hours_apart_is_no_clash(elsewhere, work_order, post, who, at):
    assert post(appointment_at=at, **who).status_code == 302


def test_neither_the_same_site_nor_a_typed_name_nor_new_contact_details_ask(
    elsewhere, work_order, dana, tess, post, who
):
    book_on(make_accepted(dana, parts_required=False, site=work_order.site, number="WO-8"), tess)
    named = post(appointment_at=AN_HOUR_LATER, confirmed_parts="2026-03-04")
    assert named.status_code == 302
    at = dt.datetime(2026, 3, 3, 14, tzinfo=work_order.site.zone)
    booking = Booking(at, "Tess", "+1", confirmed_parts=dt.date(2026, 3, 4), technician=tess)
    assert book_appointment(fresh(work_order), booking, by=dana).appointment.at == at
    clashing = booking._replace(at=NOON_IN_NEW_YORK)
    with pytest.raises(services.Clash):
        book_appointment(fresh(work_order), clashing, by=dana)
    yes = clashing._replace(confirmed_clash=dt.date(2026, 3, 3))
    book_appointment(fresh(work_order), yes, by=dana)
    phone = clashing._replace(contact_phone="+1 415 555 0111")
    assert book_appointment(fresh(work_order), phone, by=dana).appointment.contact_phone
