"""The page /work-orders/: what a row says, what htmx gets, the empty list, and how much it asks the
database.
"""

import datetime as dt
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from tests.factories import fresh, make_accepted, ship
from tests.workorders.any_state import MONDAY
from tests.workorders.views.list_page import HTMX, LIST, numbers, text_of
from workorders.models import WorkOrder
from workorders.services import Booking, book_appointment
from workorders.states import DelayReason, Status

pytestmark = pytest.mark.once

# --- A row


def row(response, number: str) -> str:
    return re.search(rf'<tr id="{number}">.*?</tr>', text_of(response), re.DOTALL)[0]


def test_a_row_says_target_distance_and_appointment(browse):
    late, booked, waiting = (row(browse(), number) for number in ("WO-4", "WO-5", "WO-2"))
    assert '<time datetime="2026-02-24">Tue, Feb 24</time>' in late
    assert "4 business days late" in late
    assert '<time datetime="2026-03-03">Tue, Mar 3</time>' in booked
    assert "booked in time" in booked
    assert '<time datetime="2026-03-03T10:00-08:00">' in booked
    assert "waiting for the delivery date" in waiting
    assert "Parkhaus Süd, München" in waiting


def test_a_row_has_a_cell_for_each_heading_in_the_same_order(browse):
    headings = re.findall(r'<th scope="col" class="(c-\w+)"', text_of(browse()))
    assert re.findall(r'<td class="(c-\w+)"', row(browse(), "WO-4")) == headings


def test_a_row_leads_to_its_work_order_and_back_to_this_list(browse):
    assert f'<a href="{reverse("work-order", args=["WO-4"])}">WO-4</a>' in row(browse(), "WO-4")
    link = re.search(
        r'<a href="([^"]+)">WO-4', row(browse("sla=missed&sort=-case&page=9"), "WO-4")
    )[1]
    assert parse_qs(urlsplit(link).query) == {"back": ["sla=missed&sort=-case"]}


def test_book_is_shown_where_an_appointment_can_be_made(browse, tess, staff, client_of):
    def bookable(response) -> list[str]:
        return re.findall(r"Book<span[^>]*> an appointment for (WO-\d)<", text_of(response))

    assert sorted(bookable(browse("status=any"))) == ["WO-2", "WO-3", "WO-4"]
    assert bookable(client_of(tess).get(LIST)) == bookable(client_of(staff).get(LIST)) == []
    assert 'href="/work-orders/WO-4/#appointment"' in row(browse(), "WO-4")


def test_accept_is_shown_where_the_reader_may_accept(browse, tess, staff, client_of):
    def acceptable(response) -> list[str]:
        link = r'<a class="book" href="([^"]+)">Accept<span[^>]*>\s+(WO-\d)<'
        return re.findall(link, text_of(response))

    assert acceptable(browse("status=any&sort=-case")) == [
        ("/work-orders/WO-1/accept/?back=status%3Dany%26sort%3D-case", "WO-1")
    ]
    assert acceptable(client_of(tess).get(LIST)) == acceptable(client_of(staff).get(LIST)) == []


def test_a_subject_keeps_its_model_where_there_is_room_for_less(browse):
    for subject, task, model in (
        ("Replace cable, both ports - CT4020", "Replace cable, both ports", " - CT4020"),
        ("Replace cable", "Replace cable", ""),
        (" - CT4020", " - CT4020", ""),
        ("Replace cable - both ports", "Replace cable - both ports", ""),
    ):
        WorkOrder.objects.filter(number="WO-4").update(subject=subject)
        line = re.search(r'<span class="line"[^>]*>(.*?)</span>\s', row(browse(), "WO-4"))[1]
        assert line == f"<span>{task}</span><span>{model}</span>"


def test_every_date_is_a_time(browse):
    page = text_of(browse("status=any"))
    bare = re.sub(r"<time [^>]*>.*?</time>", "", page)
    assert len(re.findall(r"<time datetime=", page)) > 6
    assert re.findall(r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), |\b20\d\d-\d\d-\d\d", bare) == []


# --- htmx


def test_htmx_gets_the_results_alone_and_a_clean_address(browse):
    response = browse(
        "work_type=repair&territory=&sla=&sort=target&status=assigned&q=", headers=HTMX
    )
    assert response.headers["HX-Push-Url"] == f"{LIST}?status=assigned&work_type=repair"
    assert "HX-Request" in response.headers["Vary"]
    assert "<html" not in text_of(response)
    assert numbers(response) == ["WO-1"]


def test_the_whole_page_varies_by_htmx_too(browse):
    assert "HX-Request" in browse().headers["Vary"]


def test_htmx_without_a_session_leads_to_the_login_and_back(client, rows):
    address = f"http://testserver{LIST}?sla=missed"
    response = client.get(LIST, headers=HTMX | {"HX-Current-URL": address})
    assert (response.status_code, response.headers["HX-Redirect"]) == (
        401,
        "/login/?next=%2Fwork-orders%2F%3Fsla%3Dmissed",
    )


# --- Empty, and how much it asks


def test_a_partner_without_work_reads_what_would_appear_here(clock, dana, client_of):
    page = text_of(client_of(dana).get(LIST))
    assert "Work that ChargePoint assigns to VoltFix appears here" in page
    assert '<a href="?status=any">' in page


def test_a_filter_without_hits_can_be_cleared(browse):
    page = text_of(browse("work_type=commissioning"))
    assert "No work order matches" in page
    assert f'<a href="{LIST}">Clear all filters</a>' in page


def test_the_list_takes_five_queries_with_one_row_and_with_three(
    clock, dana, client_of, django_assert_num_queries
):
    browser = client_of(dana)
    make_accepted(dana)
    browser.get(LIST)  # the calendars are warm from here on
    with django_assert_num_queries(5):
        assert len(numbers(browser.get(LIST))) == 1
    ship(make_accepted(dana), carrier="", service="", estimated_delivery_on=MONDAY)
    late = make_accepted(dana, parts_required=False)
    at = dt.datetime(2026, 3, 12, 18, tzinfo=dt.UTC)
    reason = {"reason": DelayReason.WEATHER, "confirmed_target": late.target_on}
    book_appointment(fresh(late), Booking(at, "Tess", "+1 415 555 0188", **reason), by=dana)
    with django_assert_num_queries(5):
        assert len(numbers(browser.get(LIST))) == 3


@pytest.mark.parametrize(
    ("query", "queries"),
    [
        ("sla=missed", 5),
        ("status=any&territory=US-Federal", 5),
        ("q=WO-&sort=-appointment", 6),
        ("q=SN", 9),  # the stations, shipments and parts, for rows that do not show it
    ],
)
def test_only_a_search_takes_more(browse, django_assert_num_queries, query, queries):
    browse(query)
    with django_assert_num_queries(queries):
        browse(query)


def test_a_search_says_what_it_found_where_the_row_does_not_show_it(dana, clock, client_of):
    browser = client_of(dana)
    for number in ("WO-41", "WO-42"):
        make_accepted(dana, number=number, poc_email="celeste@site.example")
    page = text_of(browser.get(LIST, {"q": "celeste@site.example"}))
    assert page.count("POC: <mark>celeste@site.example</mark>") == 2
    assert "<mark>" not in text_of(browser.get(LIST, {"q": "cable"}))


def test_a_typo_is_said_with_what_is_found_in_spite_of_it(dana, clock, client_of):
    browser = client_of(dana)
    for number in ("WO-41", "WO-42"):
        make_accepted(dana, number=number, subject="Replace charging cable")
    page = browser.get(LIST, {"q": "chargin cabel"})
    assert "Nothing has exactly “chargin cabel”" in text_of(page)
    assert sorted(numbers(page)) == ["WO-41", "WO-42"]
    assert "No work order matches" in text_of(browser.get(LIST, {"q": "xharzinq"}))


def test_every_status_has_its_slug_in_the_filter(browse):
    assert re.findall(r'name="status" [^>]*value="([^"]+)"', text_of(browse())) == [
        "open",
        "any",
        *Status.values,
    ]
