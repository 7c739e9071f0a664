"""The page /work-orders/: filters, chips, order, pages, and what it never shows."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.pages import html_of
from tests.workorders.views.list_page import (
    HTMX,
    LIST,
    chips,
    numbers,
    seven_work_orders,
    text_of,
)
from workorders.filters import COLUMNS
from workorders.models import WorkOrder
from workorders.views import work_orders as view

CHIPS = [
    "All open",
    "Assigned",
    "Waiting for parts",
    "Shipped",
    "In Progress",
    "On Hold",
    "Missed SLA",
]


@pytest.fixture(scope="module")
def rows(shared_monday) -> dict[str, WorkOrder]:
    return seven_work_orders()


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
        (
            "q=%20&status=&work_type=&territory=&sla=&sort=&after=",
            ["WO-4", "WO-5", "WO-3", "WO-1", "WO-2"],
        ),
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


@pytest.mark.once
@pytest.mark.parametrize(
    "query", ["q=repl&status=assigned", "q=modem&work_type=installation", "q=WO-&sla=missed"]
)
def test_a_filter_that_leaves_one_hit_lists_it_without_javascript_too(browse, query):
    """Else Back from the work order, or a chip that says 1, would lead into the work order
    again.
    """
    response = browse(query)
    assert (response.status_code, len(numbers(response))) == (200, 1)


def test_a_page_behind_a_cursor_is_no_only_hit(browse):
    assert numbers(browse("q=WO-&sort=number&after=WO-5~WO-5")) == ["WO-6"]


# --- Another partner's


@pytest.mark.once
@pytest.mark.parametrize(
    "query", ["", "status=any", "q=WO-", "q=Not+yours", "q=Their+account", "q=WO-7", "sla=none"]
)
def test_another_partners_rows_are_nowhere(browse, query):
    page = text_of(browse(query))
    assert [
        word
        for word in ("WO-7<", "/WO-7/", "Not yours<", "Their account<", "Elsewhere")
        if word in page
    ] == []


def test_another_partners_rows_are_not_counted(browse, rows, omar, client_of):
    assert sum(count for count, _ in list(chips(browse()).values())[1:-1]) == 5
    assert chips(client_of(omar).get(LIST))["All open"][0] == 1


def test_staff_see_all_rows_with_their_partner(rows, staff, client_of):
    response = client_of(staff).get(LIST)
    assert sorted(numbers(response)) == ["WO-1", "WO-2", "WO-3", "WO-4", "WO-5", "WO-7"]
    assert re.search(
        'Their account</span> <span class="sub"[^>]*>Amped Field Services<', text_of(response)
    )


# --- Chips


@pytest.mark.parametrize(
    "query",
    [
        "",
        "q=WO-",
        pytest.param("work_type=installation", marks=pytest.mark.nightly),
        pytest.param("territory=US-Federal&sort=-number", marks=pytest.mark.nightly),
        pytest.param("sla=week", marks=pytest.mark.nightly),
    ],
)
def test_a_chips_count_is_that_of_its_list(browse, query):
    found = chips(browse(query))
    assert list(found) == CHIPS
    for count, url in found.values():
        assert count == len(numbers(browse(urlsplit(url).query, headers=HTMX)))


@pytest.mark.once
@pytest.mark.parametrize("label", CHIPS)
def test_the_chosen_chip_is_current(browse, label):
    page = text_of(browse(urlsplit(chips(browse())[label][1]).query))
    assert re.findall(r'aria-current="true">\s*(?:<svg.*?</svg>)?([^<]+) <b>', page, re.S) == [
        label
    ]


# --- Columns, order, pages


def test_every_column_is_a_heading_of_its_own(browse):
    found = re.findall(r'<th scope="col"[^>]*><a[^>]*>(.+?)</a></th>', text_of(browse()))
    headings = [re.sub("<[^>]+>", "", heading) for heading in found]
    assert sorted(headings) == sorted(
        [
            *(
                "Work Order Number",
                "Case",
                "Subject",
                "Account",
                "Service Territory",
                "Status",
                "WO Assigned Date",
            ),
            *("Entitlement", "Appointment Date", "Work Type", "Target SLA"),
        ]
    )
    assert headings[0] == "Target SLA"


@pytest.mark.once
@pytest.mark.parametrize("sort", COLUMNS)
def test_a_heading_sorts_and_turns_the_order_round(browse, sort):
    def link(page: str) -> tuple[str, str]:
        return re.search(
            rf'class="c-{sort}"(?: aria-sort="(\w+)")?><a href="([^"]+)"', page
        ).groups()

    page = text_of(browse(f"sort={sort}&status=any"))
    order, url = link(page)
    assert (order, parse_qs(urlsplit(url).query)) == (
        "ascending",
        {"status": ["any"], "sort": [f"-{sort}"]},
    )
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


@pytest.mark.once
@pytest.mark.parametrize(
    "query",
    [
        *(
            "status=bogus",
            "status=assigned%00",
            "work_type=1%27%20OR%201=1",
            "territory=Nowhere",
            "sla=yesterday",
        ),
        *(
            "sort=partner__email_domain",
            "sort=--target",
            "sort=-",
            "sort=target%3BDROP",
            "sort=%00",
        ),
        *(
            "after=x",
            "after=%00",
            "after=2026-03-02",
            "after=~~~",
            "after=2026-03-02~%00",
            "after=" + "9" * 6_000,
        ),
        *(
            "sort=status&after=99999999999999999999~WO-1",
            "sort=appointment&after=0001-01-01T00:00%2B14:00~WO-1",
        ),
        *(
            "q=%00",
            "q=" + "x" * 9_000,
            "page=2&limit=1000000",
            "status=%FF",
            "sort=target&sort=bogus",
        ),
    ],
)
def test_nonsense_is_left_out(browse, query):
    response = browse(query)
    assert response.status_code == 200
    assert sorted(numbers(response)) == ["WO-1", "WO-2", "WO-3", "WO-4", "WO-5"]
    assert "First page" not in text_of(response)


@pytest.mark.once
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("status=bogus", "Status: This value does not exist, so it was ignored."),
        ("sla=bogus", "Target SLA: This value does not exist, so it was ignored."),
        ("q=" + "x" * 201, "Search: Ensure this value has at most 200 characters (it has 201)."),
    ],
)
def test_what_was_left_out_is_said(browse, query, said):
    assert f'<p class="note error">{said}</p>' in text_of(browse(query))


@pytest.mark.parametrize(
    "query", ["%", "_", "%5E%5E", "' OR ''='", "<script>alert(1)</script>", '"><']
)
def test_signs_find_nothing_and_are_shown_as_text(browse, query):
    response = browse(f"q={query.replace('%', '%25')}")
    assert numbers(response) == []
    assert "<script>alert" not in html_of(response)
    assert '""><' not in html_of(response)
