"""The page /work-orders/: filters, chips, order, pages, and what it never shows."""

import datetime as dt
import html
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from tests.factories import fresh, make_accepted, make_site, make_territory, make_work_order, ship
from workorders.filters import COLUMNS
from workorders.models import WorkOrder
from workorders.services import Booking, book_appointment, cancel
from workorders.states import DelayReason, Status
from workorders.views import work_orders as view

LIST = "/work-orders/"
HTMX = {"HX-Request": "true"}
MONDAY = dt.date(2026, 3, 2)
CHIPS = ["All open", "Assigned", "Waiting for parts", "Shipped", "In Progress", "On Hold", "Missed SLA"]


def text_of(response) -> str:
    return html.unescape(response.content.decode())


def numbers(response) -> list[str]:
    return re.findall(r'<tr id="([^"]+)"', text_of(response))


def chips(response) -> dict[str, tuple[int, str]]:
    """Each chip's count and address."""
    found = re.findall(r'<a class="chip[^"]*" href="([^"]*)"[^>]*>([^<]*) <b>(\d+)</b>', text_of(response))
    return {label: (int(count), url) for url, label, count in found}


@pytest.fixture
def rows(clock, dana, omar, staff) -> dict[str, WorkOrder]:
    """Six of VoltFix and one of Amped, on Monday, March 2nd 2026 in San Francisco."""
    munich = make_site("Parkhaus Süd", "Stadtwerke", city="München", country="DE", time_zone="Europe/Berlin")
    bavaria = make_territory("DE-BY", "DE", "BY")
    made = {
        "assigned": make_work_order("WO-1"),
        "waiting": make_accepted(dana, number="WO-2", site=munich, territory=bavaria),
        "shipped": make_accepted(dana, number="WO-3", subject="Install modem", work_type="installation"),
        "late": make_accepted(dana, number="WO-4", parts_required=False, assigned_on=MONDAY - dt.timedelta(days=7)),
        "booked": make_accepted(dana, number="WO-5", parts_required=False),
        "canceled": make_work_order("WO-6"),
        "theirs": make_accepted(omar, number="WO-7", subject="Not yours", site=make_site("Elsewhere", "Their account")),
    }
    ship(made["shipped"], carrier="", service="", estimated_delivery_on=MONDAY + dt.timedelta(days=9))
    at = dt.datetime(2026, 3, 3, 18, tzinfo=dt.UTC)
    book_appointment(fresh(made["booked"]), Booking(at, "Tess", "+1 415 555 0188"), by=dana)
    cancel(fresh(made["canceled"]), comment="The fault cleared.", by=staff)
    return {name: fresh(work_order) for name, work_order in made.items()}


@pytest.fixture
def browse(rows, dana, client_of):
    browser = client_of(dana)
    return lambda query="", **more: browser.get(f"{LIST}?{query}", **more)


# --- What is shown


def test_the_root_leads_to_the_list_and_the_list_to_the_login(client, browse, dana, client_of):
    assert client_of(dana).get("/").headers["Location"] == LIST
    assert client.get(LIST).headers["Location"] == "/login/?next=%2Fwork-orders%2F"


def test_open_work_is_shown_at_first_by_target(browse):
    response = browse()
    assert numbers(response) == ["WO-4", "WO-5", "WO-3", "WO-1", "WO-2"]
    assert '<h1>Work Orders <span class="count">5 open</span></h1>' in text_of(response)


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("status=any", ["WO-4", "WO-5", "WO-3", "WO-1", "WO-2", "WO-6"]),
        ("status=open", ["WO-4", "WO-5", "WO-3", "WO-1", "WO-2"]),
        ("status=canceled", ["WO-6"]),
        ("status=assigned&status=ship-to-received", ["WO-1", "WO-2"]),
        ("status=ship-to-received&status=parts-ordered&status=shipping", ["WO-2"]),
        ("status=open&status=canceled", ["WO-4", "WO-5", "WO-3", "WO-1", "WO-2", "WO-6"]),
        ("work_type=installation", ["WO-3"]),
        ("work_type=commissioning", []),
        ("territory=DE-BY", ["WO-2"]),
        ("territory=US-Federal&work_type=repair&status=in-progress", ["WO-4", "WO-5"]),
        ("sla=missed", ["WO-4"]),
        ("sla=today", []),
        ("sla=week", ["WO-5"]),
        ("sla=none", ["WO-1", "WO-2"]),
        ("sla=none&status=any", ["WO-1", "WO-2"]),
        ("q=repl&sla=none", ["WO-1", "WO-2"]),
        ("q=WO-&status=canceled&status=assigned", ["WO-1", "WO-6"]),
        ("q=%20&status=&work_type=&territory=&sla=&sort=&after=", ["WO-4", "WO-5", "WO-3", "WO-1", "WO-2"]),
    ],
)
def test_filters(browse, query, shown):
    assert numbers(browse(query)) == shown


def test_a_search_looks_through_every_status(browse):
    assert numbers(browse("q=WO-")) == ["WO-4", "WO-5", "WO-3", "WO-1", "WO-2", "WO-6"]


def test_the_only_hit_of_a_search_is_opened(browse):
    response = browse("q=wo-3")
    assert (response.status_code, response.headers["Location"]) == (302, "/work-orders/WO-3/")


def test_a_filter_that_leaves_one_hit_leads_nowhere_by_itself(browse):
    """WCAG 3.2.2: choosing in a filter never changes the page."""
    response = browse("q=repl&status=assigned", headers=HTMX)
    assert (response.status_code, numbers(response)) == (200, ["WO-1"])


@pytest.mark.parametrize("query", ["q=repl&status=assigned", "q=modem&work_type=installation", "q=WO-&sla=missed"])
def test_a_filter_that_leaves_one_hit_lists_it_without_javascript_too(browse, query):
    """Else Back from the work order, or a chip that says 1, would lead into the work order again."""
    response = browse(query)
    assert (response.status_code, len(numbers(response))) == (200, 1)


def test_a_page_behind_a_cursor_is_no_only_hit(browse):
    assert numbers(browse("q=WO-&sort=number&after=WO-5~WO-5")) == ["WO-6"]


# --- Another partner's


@pytest.mark.parametrize("query", ["", "status=any", "q=WO-", "q=Not+yours", "q=Their+account", "q=WO-7", "sla=none"])
def test_another_partners_rows_are_nowhere(browse, query):
    page = text_of(browse(query))
    assert [word for word in ("WO-7<", "/WO-7/", "Not yours<", "Their account<", "Elsewhere") if word in page] == []


def test_another_partners_rows_are_not_counted(browse, rows, omar, client_of):
    assert sum(count for count, _ in list(chips(browse()).values())[1:-1]) == 5
    assert chips(client_of(omar).get(LIST))["All open"][0] == 1


def test_staff_see_all_rows_with_their_partner(rows, staff, client_of):
    response = client_of(staff).get(LIST)
    assert sorted(numbers(response)) == ["WO-1", "WO-2", "WO-3", "WO-4", "WO-5", "WO-7"]
    assert 'Their account<span class="sub">Amped Field Services</span>' in text_of(response)


# --- Chips


@pytest.mark.parametrize(
    "query", ["", "work_type=installation", "territory=US-Federal&sort=-number", "q=WO-", "sla=week"]
)
def test_a_chips_count_is_that_of_its_list(browse, query):
    found = chips(browse(query))
    assert list(found) == CHIPS
    for count, url in found.values():
        assert count == len(numbers(browse(urlsplit(url).query, headers=HTMX)))


@pytest.mark.parametrize("label", CHIPS)
def test_the_chosen_chip_is_current(browse, label):
    page = text_of(browse(urlsplit(chips(browse())[label][1]).query))
    assert re.findall(r'aria-current="true">([^<]+) <b>', page) == [label]


# --- Columns, order, pages


def test_every_column_is_a_heading_of_its_own(browse):
    headings = re.findall(r'<th scope="col"[^>]*><a[^>]*>([^<]+)</a></th>', text_of(browse()))
    assert sorted(headings) == sorted(
        [
            *("Work Order Number", "Case", "Subject", "Account", "Service Territory", "Status", "WO Assigned Date"),
            *("Entitlement", "Appointment Date", "Work Type", "Target SLA"),
        ]
    )
    assert headings[0] == "Target SLA"


@pytest.mark.parametrize("sort", COLUMNS)
def test_a_heading_sorts_and_turns_the_order_round(browse, sort):
    def link(page: str) -> tuple[str, str]:
        return re.search(rf'class="c-{sort}"(?: aria-sort="(\w+)")?><a href="([^"]+)"', page).groups()

    page = text_of(browse(f"sort={sort}&status=any"))
    order, url = link(page)
    assert (order, parse_qs(urlsplit(url).query)) == ("ascending", {"status": ["any"], "sort": [f"-{sort}"]})
    order, url = link(text_of(browse(f"sort=-{sort}")))
    assert (order, url) == ("descending", LIST if sort == "target" else f"{LIST}?sort={sort}")
    assert len(re.findall("aria-sort", page)) == 1


@pytest.mark.parametrize("sort", ["target", "-target", "subject", "-status", "appointment", "case"])
def test_next_and_first_page(browse, monkeypatch, sort):
    monkeypatch.setattr(view, "PAGE", 2)
    everything = [row.number for row in WorkOrder.objects.exclude(number="WO-7").sorted_by(sort)]
    seen, query = [], f"status=any&sort={sort}"
    while query:
        response = browse(query)
        seen += numbers(response)
        following = re.search(r'href="[^?"]*\?([^"]*)" rel="next"', text_of(response))
        assert ("First page" in text_of(response)) == (len(seen) > 2)
        query = following and following[1]
    assert seen == everything


@pytest.mark.parametrize(
    "query",
    [
        *("status=bogus", "status=assigned%00", "work_type=1%27%20OR%201=1", "territory=Nowhere", "sla=yesterday"),
        *("sort=partner__email_domain", "sort=--target", "sort=-", "sort=target%3BDROP", "sort=%00"),
        *("after=x", "after=%00", "after=2026-03-02", "after=~~~", "after=2026-03-02~%00", "after=" + "9" * 6_000),
        *("sort=status&after=99999999999999999999~WO-1", "sort=appointment&after=0001-01-01T00:00%2B14:00~WO-1"),
        *("q=%00", "q=" + "x" * 9_000, "page=2&limit=1000000", "status=%FF", "sort=target&sort=bogus"),
    ],
)
def test_nonsense_is_left_out(browse, query):
    response = browse(query)
    assert response.status_code == 200
    assert sorted(numbers(response)) == ["WO-1", "WO-2", "WO-3", "WO-4", "WO-5"]
    assert "First page" not in text_of(response)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("status=bogus", "Status: There is no such value; it was left out."),
        ("sla=bogus", "Target SLA: There is no such value; it was left out."),
        ("q=" + "x" * 201, "Search: Ensure this value has at most 200 characters (it has 201)."),
    ],
)
def test_what_was_left_out_is_said(browse, query, said):
    assert f'<p class="note error">{said}</p>' in text_of(browse(query))


@pytest.mark.parametrize("query", ["%", "_", "%25", "' OR ''='", "<script>alert(1)</script>", '"><'])
def test_signs_find_nothing_and_are_shown_as_text(browse, query):
    response = browse(f"q={query.replace('%', '%25')}")
    assert numbers(response) == []
    assert "<script>alert" not in response.content.decode()
    assert '""><' not in response.content.decode()


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


def test_a_row_leads_to_its_work_order_and_back_to_this_list(browse):
    assert f'<a href="{reverse("work-order", args=["WO-4"])}">WO-4</a>' in row(browse(), "WO-4")
    link = re.search(r'<a href="([^"]+)">WO-4', row(browse("sla=missed&sort=-case&page=9"), "WO-4"))[1]
    assert parse_qs(urlsplit(link).query) == {"back": ["sla=missed&sort=-case"]}


def test_book_stands_where_an_appointment_can_be_made(browse, tess, staff, client_of):
    def bookable(response) -> list[str]:
        return re.findall(r"Book<span[^>]*> an appointment for (WO-\d)<", text_of(response))

    assert sorted(bookable(browse("status=any"))) == ["WO-2", "WO-3", "WO-4"]
    assert bookable(client_of(tess).get(LIST)) == bookable(client_of(staff).get(LIST)) == []
    assert 'href="/work-orders/WO-4/#appointment"' in row(browse(), "WO-4")


def test_every_date_is_a_time(browse):
    page = text_of(browse("status=any"))
    bare = re.sub(r"<time [^>]*>.*?</time>", "", page)
    assert len(re.findall(r"<time datetime=", page)) > 6
    assert re.findall(r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), |\b20\d\d-\d\d-\d\d", bare) == []


# --- htmx


def test_htmx_gets_the_results_alone_and_a_clean_address(browse):
    response = browse("work_type=repair&territory=&sla=&sort=target&status=assigned&q=", headers=HTMX)
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


def test_a_partner_without_work_reads_what_would_stand_here(clock, dana, client_of):
    page = text_of(client_of(dana).get(LIST))
    assert "Work that ChargePoint assigns to VoltFix stands here" in page
    assert '<a href="?status=any">' in page


def test_a_filter_without_hits_can_be_cleared(browse):
    page = text_of(browse("work_type=commissioning"))
    assert "No work order matches" in page
    assert f'<a href="{LIST}">Clear all filters</a>' in page


def test_the_list_takes_five_queries_with_one_row_and_with_three(clock, dana, client_of, django_assert_num_queries):
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


@pytest.mark.parametrize("query", ["sla=missed", "q=WO-&sort=-appointment", "status=any&territory=US-Federal"])
def test_no_filter_takes_more(browse, django_assert_num_queries, query):
    browse(query)
    with django_assert_num_queries(5):
        browse(query)


def test_every_status_has_its_slug_in_the_filter(browse):
    assert re.findall(r'name="status" value="([^"]+)"', text_of(browse())) == ["open", "any", *Status.values]
