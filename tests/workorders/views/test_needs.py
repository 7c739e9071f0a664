"""What waits for a partner, above the list of work orders: what counts and what does not, each
count with its list.
"""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit, urlunsplit

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import book_on, make_dana, make_omar, make_staff
from tests.workorders.any_state import NINE
from tests.workorders.views.list_page import LIST, MONDAY, chips, needs, numbers, text_of
from tests.workorders.views.what_waits import DAY, LATER, what_waits
from workorders.models import Appointment, WorkOrder
from workorders.models.needs import NEEDS
from workorders.services.waiting import keep_waits
from workorders.views.list_links import Chip, needs_shown


@pytest.fixture(scope="module")
def _rows(shared_rows) -> None:
    """What waits for Dana, and as much for Omar."""
    for partner, mark in ((make_omar(), "OMAR"), (make_dana(), "DANA")):
        with time_machine.travel(NINE, tick=False) as traveler:
            what_waits(partner, make_staff(), mark, traveler)


@pytest.fixture
def browse(_rows, clock, dana, client_of) -> Callable:
    """The list as Dana."""
    clock.move_to(LATER)
    browser = client_of(dana)
    return lambda query="", **more: browser.get(f"{LIST}?{query}", **more)


# --- What counts


def test_each_need_holds_what_waits_and_nothing_else(browse):
    for need in NEEDS:
        named = WorkOrder.objects.filter(
            number__startswith=need.upper(), number__endswith="DANA"
        ).order_by("number")
        shown = numbers(browse(f"needs={need}&sort=number"))
        assert shown == [row.number for row in named]
        assert shown


def test_the_counts_stand_above_the_list_in_the_order_of_the_work(browse):
    found = needs(browse())
    counts = [
        ("Accept", 2),
        ("Book", 4),
        ("Give a reason", 1),
        ("Answer", 1),
        ("Answer a verdict", 1),
        ("Hold is over", 1),
        ("How did it go?", 1),
        ("Return a part", 3),
    ]
    assert [(label, count) for label, (count, _) in found.items()] == counts
    assert found["Accept"][1] == f"{LIST}?needs=accept"
    page = text_of(browse())
    assert page.index('class="needs"') < page.index('class="ways"')


# --- The list behind a count


@pytest.mark.parametrize(
    "query",
    [
        "",
        "status=on-hold",
        *(
            pytest.param(query, marks=pytest.mark.nightly)
            for query in (
                "q=1",
                "work_type=repair",
                "territory=US-Federal&sort=-number",
                "sla=missed",
            )
        ),
    ],
)
def test_a_count_is_that_of_its_list_whatever_else_is_asked_for(browse, query):
    found = needs(browse(query))
    assert len(found) >= 3
    for count, url in found.values():
        response = browse(urlsplit(url).query)
        assert count == len(numbers(response))
        assert f'<span class="count">{count} waiting for you' in text_of(response)


def test_nothing_waits_where_nothing_is_found(browse):
    assert needs(browse("q=zzz")) == {}


def test_other_filters_narrow_it_and_the_number_says_so(browse):
    expected = {
        "needs=book&status=shipped": ["BOOK-3-TARGET-DANA", "BOOK-4-PASSED-DANA"],
        "needs=book&status=in-progress&sort=-number": ["BOOK-2-IN-VAIN-DANA", "BOOK-1-DANA"],
        "needs=reason&sla=missed": ["REASON-1-DANA"],
        "needs=visit&sla=missed": [],
        "needs=book&work_type=installation": [],
        "needs=return&status=open&sort=number": ["RETURN-2-DUE-DANA", "RETURN-3-OLD-DANA"],
        "needs=return&q=unused": ["RETURN-1-UNUSED-DANA"],
    }
    for query, shown in expected.items():
        response = browse(query)
        assert (query, numbers(response)) == (query, shown)
        assert f'<span class="count">{len(shown)} waiting for you' in text_of(response)


def test_the_order_and_the_filters_keep_it_and_a_status_leaves_it(browse):
    page = browse("needs=book&work_type=repair")
    text = text_of(page)
    headings = re.findall(r'<th scope="col"[^>]*><a href="([^"]+)"', text)
    assert {tuple(parse_qs(urlsplit(url).query)["needs"]) for url in headings} == {("book",)}
    assert '<input type="hidden" name="needs" value="book"' in text
    assert [label for label, (_, url) in chips(page).items() if "needs" in url] == []
    assert re.findall(r'aria-current="true">([^<]+) <b>', text) == ["Book"]
    assert needs(page)["Accept"][1] == f"{LIST}?needs=accept&work_type=repair"


def test_a_row_leads_to_where_it_is_done_and_back(browse, dana, client_of):
    """Each link is followed: the place that it names is on the page."""
    places = {
        "accept": ("Accept<span", "/accept/", "Accept: where should the parts be sent?"),
        "book": ("Book<span", "/#appointment", 'id="appointment_at"'),
        "reason": ("Give the reason<span", "/#appointment", "Give a reason</button>"),
        "answer": ("Answer<span", "/collaborate/#id_body", "Who opens the gate?"),
        "resume": ("Ask to resume<span", "/request-assistance/", 'value="resume" selected'),
        "visit": ("How did it go?<span", "/visits/enter/", "How did it go?"),
        "return": ("Send back<span", "/parts-sent-back/", "Parts sent back"),
    }
    for need, (label, place, words) in places.items():
        rows = text_of(browse(f"needs={need}&sort=number"))
        steps = re.findall(rf'<a class="book" href="([^"]+)">{re.escape(label)}', rows)
        assert len(steps) == len(numbers(browse(f"needs={need}")))
        parts = urlsplit(steps[0])
        assert urlunsplit(parts._replace(query="")).endswith(place)
        query = parse_qs(parts.query)
        assert query.pop("reason", []) == (["resume"] if need == "resume" else [])
        assert query == {"back": [f"needs={need}&sort=number"]}
        answer = text_of(client_of(dana).get(steps[0]))
        assert words in answer
        assert not parts.fragment or f'id="{parts.fragment}"' in answer


# --- For whom


def test_a_technician_is_asked_only_how_it_went(browse, tess, client_of):
    page = client_of(tess).get(LIST)
    assert "Nothing is waiting for you." in text_of(page)
    appointment = book_on(WorkOrder.objects.get(number="VISIT-1-DANA"), tess).appointment
    Appointment.objects.filter(pk=appointment.pk).update(at=LATER - DAY, on=MONDAY + DAY)
    keep_waits(appointment.work_order)
    assert {label: count for label, (count, _) in needs(client_of(tess).get(LIST)).items()} == {
        "How did it go?": 1
    }
    refused = text_of(client_of(tess).get(f"{LIST}?needs=accept"))
    assert "Needs you: This value does not exist, so it was ignored." in refused


def test_staff_have_their_own_day_in_the_admin(browse, staff, client_of):
    page = text_of(client_of(staff).get(LIST))
    assert 'class="needs"' not in page
    assert "Needs you: This value does not exist" in text_of(
        client_of(staff).get(f"{LIST}?needs=book")
    )


@pytest.mark.parametrize(
    ("count", "chosen", "first", "more"),
    [
        (0, None, [], []),
        (5, 4, [0, 1, 2, 3, 4], []),
        (6, None, [0, 1, 2, 3], [4, 5]),
        (6, 2, [0, 1, 2, 3], [4, 5]),
        (6, 5, [0, 1, 2, 5], [3, 4]),
    ],
)
def test_four_stand_above_the_list_with_the_one_chosen_and_a_menu_holds_the_rest(
    count, chosen, first, more
):
    needs = [Chip(f"Need {n}", n + 1, f"?{n}", n == chosen) for n in range(count)]
    shown = needs_shown(needs)
    assert shown.first == [needs[n] for n in first]
    assert shown.more == [needs[n] for n in more]
    assert shown.more_waits == sum(n + 1 for n in more)


# --- How much it asks


@pytest.mark.parametrize("query", ["", "needs=accept", "needs=return"])
def test_with_many_rows_the_list_takes_five_queries(browse, django_assert_num_queries, query):
    browse()  # the calendars are warm from here on
    with django_assert_num_queries(5):
        assert len(numbers(browse(query))) > 1


def test_the_counts_go_through_no_other_partners_rows(browse):
    """As SQLite plans it, which needs no statistics for that."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL plans by how many rows there are")
    with CaptureQueriesContext(connection) as captured:
        browse()
    counting = next(query["sql"] for query in captured if 'AS "number"' in query["sql"])
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {counting}")
        steps = [step for *_, step in cursor.fetchall()]
    index = "USING COVERING INDEX waits_of_partner (partner_id=? AND name=? AND since<?)"
    assert f"SEARCH workorders_wait {index}" in steps
    assert [step for step in steps if step.startswith("SCAN")] == []
