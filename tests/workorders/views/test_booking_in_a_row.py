"""Booking several: Save and next, and what the form proposes for each."""

import datetime as dt
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from tests.factories import fresh, make_accepted, make_site
from tests.pages import html_of
from workorders.services import Booking, book_appointment

pytestmark = pytest.mark.once

BACK = "needs=book&sort=number"
TYPED = {"technician_name": "Robin", "contact_phone": "+1 415 555 0111"}


@pytest.fixture
def three(clock, dana):
    """To be booked by Dana, each at a site of its own."""
    return [
        make_accepted(dana, number=f"WO-{n}", parts_required=False, site=make_site(f"Depot {n}"))
        for n in (1, 2, 3)
    ]


@pytest.fixture
def book(dana, client_of):
    browser = client_of(dana)

    def send(work_order, back=BACK, **typed):
        url = f"{reverse('appointment', args=[work_order.number])}?{urlencode({'back': back})}"
        known = {"version": work_order.version, "appointment_at": "2026-03-03T09:00"}
        return browser.post(url, known | TYPED | typed)

    return send


def where(answer) -> str:
    return answer.url.replace("%3D", "=").replace("%26", "&")


def test_save_and_next_leads_from_one_to_the_next_and_from_the_last_to_the_list(three, book):
    addresses = [where(book(row, onward="yes")) for row in (three[1], three[2], three[0])]
    assert addresses == [
        f"/work-orders/WO-3/?back={BACK}#appointment",
        f"/work-orders/WO-1/?back={BACK}#appointment",
        "/work-orders/?sort=number",
    ]
    assert all(fresh(row).appointment for row in three)


def test_save_alone_stays_and_another_list_offers_no_next(three, book, dana, client_of):
    assert where(book(three[0])) == f"/work-orders/WO-1/?back={BACK}"
    assert where(book(three[1], back="sort=number", onward="yes")).startswith("/work-orders/WO-2/")
    browser, page = client_of(dana), reverse("work-order", args=["WO-3"])
    offered = {
        back: "Save and next" in html_of(browser.get(f"{page}?{urlencode({'back': back})}"))
        for back in (BACK, "sort=number", "")
    }
    assert offered == {BACK: True, "sort=number": False, "": False}


def test_the_question_keeps_that_next_was_pressed(three, book):
    asked = book(three[0], onward="yes", appointment_at="2026-03-05T09:00")
    assert asked.status_code == 200
    assert 'name="onward" value="yes"' in html_of(asked)


def test_hour_and_technician_of_the_territorys_last_booking_are_proposed(
    three, dana, tess, client_of
):
    first, second, _ = three
    at = dt.datetime(2026, 3, 3, 14, 30, tzinfo=first.site.zone)
    book_appointment(first, Booking(at, "Tess", "+1 415 555 0188", technician=tess), by=dana)
    page = reverse("work-order", args=[second.number])
    form = client_of(dana).get(page).context["form"]
    who = [form[name].value() for name in ("technician", "contact_phone", "appointment_at")]
    assert who == [tess.pk, "+1 415 555 0188", None]
    assert 'data-hour="14:30"' in str(form["appointment_at"])
    of_day = client_of(dana).get(f"{page}?day=2026-03-03").context["form"]
    assert of_day["appointment_at"].value() == "2026-03-03T14:30"


def test_nobody_elses_booking_and_no_one_who_has_left_is_proposed(
    three, dana, omar, tess, client_of
):
    theirs = make_accepted(omar, number="WO-9", parts_required=False)
    at = dt.datetime(2026, 3, 3, 14, 30, tzinfo=theirs.site.zone)
    book_appointment(theirs, Booking(at, "Secret", "+1 415 555 0199"), by=omar)
    page = reverse("work-order", args=[three[0].number])
    assert "Secret" not in html_of(client_of(dana).get(page))
    booking = Booking(at, "Tess", "+1 415 555 0188", technician=tess)
    book_appointment(three[1], booking, by=dana)
    tess.is_active = False
    tess.save()
    form = client_of(dana).get(page).context["form"]
    assert [form[name].value() for name in ("technician", "technician_name")] == [None, None]
    assert 'data-hour="14:30"' in str(form["appointment_at"])
