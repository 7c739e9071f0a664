"""A fragment builds what it shows, and so does the page of an action: the queries of each."""

import datetime as dt

import pytest
from django.db import connection
from django.urls import reverse

from tests.factories import fresh, make_accepted, ship
from tests.workorders.uploads import JPEG, upload
from workorders import services
from workorders.models import WorkOrder

HTMX = {"HX-Request": "true"}
KEY = "3f0e7a52-6a3c-4a52-9f6b-0d7f5f3b1c11"
TYPED = {"technician_name": "Robin", "contact_phone": "+1 415 555 0111"}
LATE = TYPED | {"appointment_at": "2026-03-09T10:00"}


@pytest.fixture
def work_order(clock, dana) -> WorkOrder:
    """In Progress with its parts, a request for assistance and line items to do."""
    row = make_accepted(dana, line_items=("Lock out", "Replace [serial] [photo]"))
    ship(row, status="delivered", delivered_on=dt.date(2026, 3, 2))
    services.request_assistance(fresh(row), body="Which breaker?", by=dana)
    return fresh(row)


@pytest.fixture
def dana_browses(work_order, dana, client_of):
    client = client_of(dana)
    client.get(reverse("work-order", args=[work_order.number]))  # keeps the calendar
    return client


FRAGMENTS = {  # where, and what is sent; the status, and the queries
    "a late booking": ("appointment", [], LATE, 200, 15),
    "an incomplete booking": ("appointment", [], {}, 422, 6),
    "an attempt": ("log-contact", [], {"attempt_kind": "call-in-vain"}, 200, 13),
    "an attempt of no kind": ("log-contact", [], {}, 422, 4),
    "a tick": ("tick-line-item", [1], {}, 200, 20),
    "a tick out of turn": ("tick-line-item", [2], {}, 422, 16),
    "a photo": ("files", [], {"photo": JPEG}, 200, 18),
    "no photo": ("files", [], {"photo": b"x"}, 422, 5),
}


@pytest.mark.skipif(connection.vendor == "postgresql", reason="one query more holds the rules")
@pytest.mark.parametrize(
    ("name", "more", "sent", "status", "queries"), FRAGMENTS.values(), ids=FRAGMENTS
)
def test_a_fragment_asks_for_what_it_shows(
    work_order, dana_browses, django_assert_num_queries, name, more, sent, status, queries
):
    data = {"version": work_order.version, "upload_key": KEY} | sent
    if "photo" in sent:
        data["uploads"] = upload(data.pop("photo"))
    with django_assert_num_queries(queries):
        answer = dana_browses.post(
            reverse(name, args=[work_order.number, *more]), data, headers=HTMX
        )
    assert answer.status_code == status
    assert "<!doctype" not in answer.content.decode()


ACTIONS = {
    "complete": 9,  # says what is missing
    "could-not-complete": 7,
    "request-assistance": 6,
    "second-poc": 6,
    "start-visit": 6,
    "enter-visit": 6,
    "report-parts": 8,
}


@pytest.mark.parametrize(("name", "queries"), ACTIONS.items())
def test_the_page_of_an_action_asks_for_what_it_shows(
    work_order, dana_browses, django_assert_num_queries, name, queries
):
    with django_assert_num_queries(queries):
        page = dana_browses.get(reverse(name, args=[work_order.number]))
    assert page.status_code == 200
