"""Parts we still owe: every return that has not come in, the first due first; nobody else's."""

import datetime as dt

import pytest
from django.urls import reverse

from tests.factories import book_on, fresh, make_accepted, make_site, ship
from tests.pages import html_of, mismatches
from workorders import services
from workorders.models import WorkOrder
from workorders.services import Part, ShipmentDetails
from workorders.states import Direction, ShipmentKind

URL = reverse("parts-owed")
MONDAY = dt.date(2026, 3, 2)


@pytest.fixture(autouse=True)
def _now(clock) -> None:
    pass


def owe(by, rma, due_on=None, *, parts=(), **fields):
    work_order = make_accepted(by, parts_required=False, **fields)
    details = ShipmentDetails(
        ShipmentKind.RMA, Direction.RETURN, required=False, return_due_on=due_on
    )
    services.enter_shipment(work_order, rma, details, parts=parts, by=None)
    return fresh(work_order)


def numbers(response) -> list[str]:
    return [row.shipment.number for row in response.context["rows"]]


def text_of(response) -> str:
    return " ".join(html_of(response).split())


def test_owed_page_sorts_by_the_day_and_says_how_far_it_is(dana, client_of):
    owe(dana, "RMA-3")
    owe(
        dana,
        "RMA-2",
        dt.date(2026, 3, 5),
        parts=[Part("CBL-23", 2, "Charging cable")],
        number="WO-5",
    )
    owe(dana, "RMA-1", dt.date(2026, 2, 26))
    page = client_of(dana).get(URL)
    assert numbers(page) == ["RMA-1", "RMA-2", "RMA-3"]
    assert [row.due.text for row in page.context["rows"]] == [
        "2 business days late",
        "send back in 3 business days",
        "",
    ]
    for words in (
        'datetime="2026-03-05"',
        "2 × CBL-23",
        "Charging cable",
        "WO-5",
        "Mission Creek Offices",
        "Sent back",
    ):
        assert words in text_of(page)


def test_owed_page_keeps_what_is_sent_until_it_is_received(dana, client_of):
    work_order = owe(dana, "RMA-1")
    services.parts_sent_back(
        work_order, number="RMA-1", carrier="UPS", tracking_number="1Z9", on=MONDAY, by=dana
    )
    page = client_of(dana).get(URL)
    assert numbers(page) == ["RMA-1"]
    assert "UPS 1Z9" in text_of(page)
    assert page.context["rows"][0].may_send is False
    assert mismatches(text_of(page), "0 to send, 1 on its way", "on its way", "sent ") == []
    ship(
        work_order, "RMA-1", kind="RMA", direction="return", status="delivered", delivered_on=MONDAY
    )
    page = client_of(dana).get(URL)
    assert (numbers(page), mismatches(text_of(page), "Nothing is owed")) == ([], [])


def without(response) -> list[str]:
    return [row.number for row, _ in response.context["without"]]


def test_old_parts_without_a_return_are_owed_from_the_visit_on(dana, omar, staff, client_of):
    visited = {
        number: make_accepted(by, parts_required=False, return_parts_required=True, number=number)
        for number, by in (("WO-1", dana), ("WO-2", dana), ("WO-6", omar))
    }
    make_accepted(dana, parts_required=False, return_parts_required=True, number="WO-3")
    for row in visited.values():
        services.start_visit(row, by=row.partner.users.get(email__in=[dana.email, omar.email]))
    page = client_of(dana).get(URL)
    assert without(page) == ["WO-1", "WO-2"]
    assert mismatches(text_of(page), "2 to send", "no RMA yet", without=["Nothing is owed"]) == []
    assert reverse("parts-sent-back", args=["WO-1"]) in text_of(page)
    sent = fresh(visited["WO-1"])
    services.parts_sent_back(
        sent, number="WO-1-R", carrier="UPS", tracking_number="1Z9", on=MONDAY, by=dana
    )
    services.waive_return(fresh(visited["WO-2"]), number="WO-2-R", note="Scrap it", by=staff)
    page = client_of(dana).get(URL)
    assert (numbers(page), without(page)) == (["WO-1-R"], [])
    assert without(client_of(staff).get(URL)) == ["WO-6"]


def test_outbound_shipments_are_not_owed(dana, client_of):
    ship(make_accepted(dana))
    assert numbers(client_of(dana).get(URL)) == []


def test_owed_page_shows_nothing_of_another_partner(dana, omar, staff, client_of):
    secret = make_site("Hidden Garage", "Secret Account")
    owe(omar, "RMA-66", dt.date(2026, 3, 4), parts=[Part("HUSH-1", 1)], number="WO-66", site=secret)
    owe(dana, "RMA-1", dt.date(2026, 3, 5))
    mine, theirs = client_of(dana).get(URL), client_of(omar).get(URL)
    assert (numbers(mine), numbers(theirs)) == (["RMA-1"], ["RMA-66"])
    for word in ("RMA-66", "HUSH-1", "WO-66", "Hidden Garage", "Secret Account", "Amped"):
        assert word not in text_of(mine)
        assert (word in text_of(theirs)) is True
    forged = client_of(dana).get(URL, {"partner": omar.partner_id, "after": "~"})
    assert numbers(forged) == ["RMA-1"]
    assert numbers(client_of(staff).get(URL)) == ["RMA-66", "RMA-1"]


def test_staff_choose_a_partner(dana, omar, staff, client_of):
    owe(omar, "RMA-66")
    owe(dana, "RMA-1")
    browser = client_of(staff)
    assert numbers(browser.get(URL, {"partner": omar.partner_id})) == ["RMA-66"]
    assert numbers(browser.get(URL, {"partner": "999"})) == ["RMA-1", "RMA-66"]
    assert browser.get(URL).context["rows"][0].may_send is False


def test_a_technician_sends_what_is_owed_of_their_own_work(dana, tess, client_of):
    owe(dana, "RMA-1")
    assert numbers(client_of(tess).get(URL)) == []
    book_on(WorkOrder.objects.get(), tess)
    page = client_of(tess).get(URL)
    assert (numbers(page), page.context["rows"][0].may_send) == (["RMA-1"], True)


def test_pages_follow_each_other_without_gap(dana, client_of, monkeypatch):
    monkeypatch.setattr("workorders.views.parts.PAGE", 2)
    for number, due_on in (("A", 5), ("B", 5), ("C", 6), ("D", None), ("E", None)):
        owe(dana, number, due_on and dt.date(2026, 3, due_on))
    seen, query = [], ""
    while True:
        page = client_of(dana).get(URL + query)
        seen.append(numbers(page))
        assert page.context["to_send"] == 5
        query = page.context["next_page"]
        if not query:
            break
    assert seen == [["A", "B"], ["C", "D"], ["E"]]
    assert page.context["first_page"] == "?"


@pytest.mark.parametrize("after", ["x", "~", "2026-02-30~A", "2026-03-05~", "\0~A", "9" * 300])
def test_a_cursor_of_nobody_shows_the_first_page(dana, client_of, after):
    owe(dana, "RMA-1")
    assert numbers(client_of(dana).get(URL, {"after": after})) == ["RMA-1"]


@pytest.mark.parametrize("count", [1, 3])
def test_owed_page_asks_the_database_the_same_number_of_times(
    dana, client_of, django_assert_num_queries, count
):
    for n in range(count):
        site = make_site(f"Site {n}", f"Account {n}")
        owe(
            dana, f"RMA-{n}", dt.date(2026, 3, 5), parts=[Part("CBL", 1), Part("GSK", 2)], site=site
        )
    browser = client_of(dana)
    browser.get(URL)  # the calendar is kept from now on
    with django_assert_num_queries(
        7
    ):  # session, user, returns, their parts, their labels, how many, old parts without any
        assert len(numbers(browser.get(URL))) == count


def test_the_bar_leads_to_the_owed_page(dana, client_of):
    page = html_of(client_of(dana).get("/work-orders/"))
    assert f'<a href="{URL}">Parts Owed</a>' in page
    assert f'<a href="{URL}" aria-current="page">Parts Owed</a>' in html_of(
        client_of(dana).get(URL)
    )
