"""The work order's pages: who sees them, what they show, how many queries they take, what their
actions answer.
"""

import datetime as dt
import re

import pytest
from django.urls import reverse

from tests.factories import (
    SHIP_TO,
    book_on,
    fresh,
    make_accepted,
    make_carrier_service,
    make_work_order,
    ready_to_complete,
    ship,
)
from tests.pages import html_of
from workorders import services
from workorders.models import WorkOrder
from workorders.services import Part, ShipmentDetails

pytestmark = pytest.mark.once

TABS = ["work-order", "related", "rma-fso", "collaborate", "history"]
ACTIONS = [
    "accept",
    "ship-to",
    "parts-received",
    "complete",
    "could-not-complete",
    "request-assistance",
]
SHIP_TO_TYPED = {"version": 1, **SHIP_TO._asdict()}


def url(name: str, work_order) -> str:
    return reverse(name, args=[work_order.number])


@pytest.mark.parametrize(
    "name",
    [
        *TABS,
        "accept",
        *(
            pytest.param(name, marks=pytest.mark.nightly)
            for name in (*ACTIONS[1:], "appointment", "comment", "note-requirements")
        ),
    ],
)
def test_another_partners_work_order_is_not_there(work_order, omar, client_of, name):
    """Every address is walked by test_no_address_of_a_work_order_is_there_for_another_partner."""
    browser = client_of(omar)
    missing = reverse(name, args=["WO-NEVER"])
    assert browser.get(url(name, work_order)).status_code == browser.get(missing).status_code == 404
    assert browser.post(url(name, work_order)).status_code in (404, 405)
    assert work_order.number not in html_of(browser.get(url(name, work_order)))


def test_number_in_an_address_may_be_in_any_case(work_order, dana, omar, client_of):
    address = url("history", work_order).replace("WO-", "Wo-")
    assert client_of(dana).get(address).status_code == 200
    assert client_of(omar).get(address).status_code == 404
    twin = make_work_order(subject="The twin")  # from before that was refused
    WorkOrder.objects.filter(pk=twin.pk).update(number=work_order.number.lower())
    page = client_of(dana).get(reverse("work-order", args=[work_order.number.lower()]))
    assert "The twin" in html_of(page)
    assert client_of(dana).get(url("work-order", work_order)).status_code == 200
    assert client_of(dana).get(address).status_code == 404  # it may be either


@pytest.mark.parametrize("name", TABS)
def test_every_tab_is_a_page_for_each_role(work_order, dana, tess, staff, client_of, name):
    book_on(work_order, tess)
    for person in (dana, tess, staff):
        page = client_of(person).get(url(name, work_order))
        assert page.status_code == 200
        assert '<dt>Target SLA</dt><dd><time datetime="2026-03-05">Thu, Mar 5</time>' in html_of(
            page
        )


@pytest.mark.parametrize("name", ["accept", "appointment", "complete", "could-not-complete"])
def test_a_technician_may_not_do_a_dispatchers_verbs(work_order, tess, client_of, name):
    book_on(work_order, tess)
    assert (
        client_of(tess).post(url(name, work_order), {"version": work_order.version}).status_code
        == 403
    )
    assert fresh(work_order).version == work_order.version


@pytest.mark.parametrize(
    ("name", "queries"), [("work-order", 11), ("related", 7), ("rma-fso", 8), ("history", 5)]
)
def test_a_page_takes_as_many_queries_with_three_rows_as_with_one(
    work_order, dana, client_of, django_assert_num_queries, name, queries
):
    browser = client_of(dana)
    browser.get(url(name, work_order))
    with django_assert_num_queries(queries):
        browser.get(url(name, work_order))
    for number in ("FSO-2", "FSO-3"):
        details = ShipmentDetails("FSO", estimated_delivery_on=dt.date(2026, 3, 4))
        services.enter_shipment(work_order, number, details, parts=[Part("CBL", 1)], by=None)
        services.comment(work_order, body="Hello", by=dana)
    with django_assert_num_queries(queries):
        browser.get(url(name, work_order))


def test_the_page_says_why_this_date(work_order, dana, client_of):
    page = html_of(client_of(dana).get(url("work-order", work_order)))
    for words in (
        "Delivery of FSO-1 expected",
        "1 of 1",
        "Assure",
        "1 business day, counted from the day after the start",
        "revision 1",
    ):
        assert words in page


def test_the_page_names_the_shipment_that_is_waited_for(work_order, dana, client_of):
    ship(work_order, "FSO-7", status="ordered")
    page = html_of(client_of(dana).get(url("work-order", work_order)))
    assert "waiting for the delivery date of FSO-7" in page


def test_overdue_parts_are_said_and_make_nothing_late(work_order, dana, client_of, clock):
    clock.move_to(dt.datetime(2026, 3, 9, 17, tzinfo=dt.UTC))
    page = html_of(client_of(dana).get(url("work-order", work_order)))
    assert 'parts overdue since <time datetime="2026-03-04">Wed, Mar 4</time>' in page
    assert "late" not in page[page.index("Target SLA</dt>") : page.index("Estimated Delivery Date")]


def test_accept_shows_the_last_ship_to_and_saves(work_order, dana, voltfix, client_of):
    new = make_work_order(partner=voltfix)
    browser = client_of(dana)
    assert SHIP_TO.street in html_of(browser.get(url("accept", new)))
    answer = browser.post(url("accept", new), SHIP_TO_TYPED | {"street": "9 Other Way"})
    assert answer.status_code == 302
    assert (fresh(new).status, fresh(new).ship_to.street) == ("ship-to-received", "9 Other Way")


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", ""),
        ("name", "n" * 10_000),
        ("phone", "call me"),
        ("street", "\x00"),
        ("country", "USA"),
        ("city", ""),
    ],
)
def test_accept_with_bad_input_says_so_at_the_field_and_changes_nothing(
    dana, voltfix, client_of, clock, field, typed
):
    new = make_work_order(partner=voltfix)
    answer = client_of(dana).post(url("accept", new), SHIP_TO_TYPED | {field: typed})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert fresh(new).status == "assigned"


def test_of_parts_that_never_came_an_ended_work_order_waits_no_more(dana, staff, client_of, clock):
    work_order = make_accepted(dana)
    browser = client_of(dana)
    edd = r"Estimated Delivery Date</dt>\s*<dd>\s*(.*?)\s*<small>(.*?)</small>"
    page = html_of(browser.get(url("work-order", work_order)))
    assert re.findall(edd, page) == [("none yet", "no parts are on their way")]
    services.cancel(work_order, comment="It cleared", by=staff)
    page = html_of(browser.get(url("work-order", work_order)))
    assert re.findall(edd, page) == [("none", "no parts were on their way")]


def test_accept_a_second_time_answers_409(work_order, dana, client_of):
    answer = client_of(dana).post(
        url("accept", work_order), SHIP_TO_TYPED | {"version": work_order.version}
    )
    assert answer.status_code == 409
    assert "not possible while the work order is Shipped" in html_of(answer)


def test_a_stale_action_keeps_what_was_typed_and_says_what_changed(work_order, dana, client_of):
    stale = {"version": work_order.version, "reason": "obstruction", "note": "A truck stands there"}
    ship(work_order, "FSO-1", carrier="", service="", estimated_delivery_on=dt.date(2026, 3, 6))
    answer = client_of(dana).post(url("could-not-complete", work_order), stale)
    page = html_of(answer)
    assert answer.status_code == 409
    assert "A truck stands there" in page
    assert "Shipment updated: FSO-1" in page
    answer = client_of(dana).post(
        url("could-not-complete", work_order), stale | {"version": fresh(work_order).version}
    )
    assert (answer.status_code, fresh(work_order).status) == (302, "could-not-complete")


def test_parts_received_is_marked_as_reported(work_order, dana, client_of):
    browser = client_of(dana)
    typed = {"version": work_order.version, "shipments": ["FSO-1"], "delivered_on": "2026-03-02"}
    assert browser.post(url("parts-received", work_order), typed).status_code == 302
    assert "Reported by you as received" in html_of(browser.get(url("rma-fso", work_order)))
    assert fresh(work_order).status == "in-progress"


@pytest.mark.parametrize("day", ["", "02/03/2026", "2026-02-30", "2026-03-03", "9999-12-31"])
def test_parts_received_on_a_day_that_cannot_be_is_refused(work_order, dana, client_of, day):
    typed = {"version": work_order.version, "shipments": ["FSO-1"], "delivered_on": day}
    answer = client_of(dana).post(url("parts-received", work_order), typed)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["delivered_on"]


def test_a_shipment_shows_its_tracking_page_and_parts(work_order, dana, client_of):
    make_carrier_service("UPS", "Ground", 5)
    details = ShipmentDetails(
        "RMA", "return", "shipped", False, "UPS", "Ground", "1Z&9", None, dt.date(2026, 3, 6)
    )
    services.enter_shipment(
        work_order, "RMA-2", details, parts=[Part("CBL-1", 2, "Cable")], by=None
    )
    page = html_of(client_of(dana).get(url("rma-fso", work_order)))
    for words in (
        "https://track.example/?n=1Z%269",
        "Return of old parts",
        "CBL-1",
        "the carrier’s own date",
    ):
        assert words in page


def test_the_thread_is_shared_with_staff(work_order, dana, staff, client_of):
    client_of(dana).post(url("comment", work_order), {"body": "<b>POC</b> is away"})
    client_of(dana).post(url("request-assistance", work_order), {"body": "Gate code?"})
    page = html_of(client_of(staff).get(url("collaborate", work_order)))
    assert "&lt;b&gt;POC&lt;/b&gt; is away" in page
    assert page.index("Request for Assistance</span>") < page.index("Gate code?")


def test_an_empty_comment_is_refused(work_order, dana, client_of):
    answer = client_of(dana).post(url("comment", work_order), {"body": "  "})
    assert (answer.status_code, work_order.comments.count()) == (422, 0)


def test_history_calls_staff_by_the_company_and_the_partner_by_name(
    work_order, dana, staff, client_of
):
    services.hold(work_order, reason="POC away", stops_clock=False, by=staff)
    page = html_of(client_of(dana).get(url("history", work_order)))
    assert "ChargePoint staff" in page
    assert staff.name not in page
    assert "“POC away”" in page


def test_completed_asks_and_then_shows_the_outcome(work_order, dana, client_of):
    browser = client_of(dana)
    ship(work_order, carrier="", service="", status="delivered", delivered_on=dt.date(2026, 3, 2))
    version = ready_to_complete(work_order, by=dana).version
    assert browser.get(url("complete", work_order)).status_code == 200
    assert fresh(work_order).status == "in-progress"
    assert browser.post(url("complete", work_order), {"version": version}).status_code == 302
    assert "Completed" in html_of(browser.get(url("work-order", work_order)))


def test_the_way_back_keeps_the_lists_filter_and_place(work_order, dana, client_of):
    page = html_of(
        client_of(dana).get(url("work-order", work_order), {"back": "status=shipped&sort=-target"})
    )
    assert f'href="/work-orders/?status=shipped&amp;sort=-target#{work_order.number}"' in page


@pytest.mark.every_database
@pytest.mark.parametrize("number", ["WO-1%00", "%00", "..%2f", "a" * 5000, "WO-%F0%9F%92%A9"])
def test_a_number_that_cannot_be_is_not_there(dana, client_of, number):
    assert client_of(dana).get(f"/work-orders/{number}/").status_code == 404


def test_could_not_complete_says_which_parts_go_back_then(work_order, dana, client_of):
    sentence = "Unused parts from FSO-1 then go back to ChargePoint"
    browser, address = client_of(dana), url("could-not-complete", work_order)
    assert sentence not in html_of(browser.get(address))
    services.parts_received(work_order, numbers=["FSO-1"], on=work_order.site_today(), by=dana)
    assert sentence in html_of(browser.get(address))
