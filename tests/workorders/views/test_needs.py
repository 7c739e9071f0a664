"""What waits for a partner, above the list of work orders: what counts and what does not, each
count with its list.
"""

import datetime as dt
import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.people.models import User
from tests.factories import (
    book_on,
    fresh,
    make_accepted,
    make_entitlement,
    make_user,
    make_work_order,
    ready_to_complete,
    ship,
)
from tests.workorders.views.list_page import LIST, MONDAY, chips, numbers, text_of
from workorders import services
from workorders.models import Appointment, WorkOrder
from workorders.models.todos import NEEDS
from workorders.states import VerdictKind, VisitOutcome

LATER = dt.datetime(2026, 3, 4, 17, tzinfo=dt.UTC)  # Wednesday, 9:00 in San Francisco
DAY = dt.timedelta(days=1)
RETURN = {"kind": "RMA", "direction": "return", "required": False, "status": "ordered"}


def book(work_order: WorkOrder, day: int, by: User) -> WorkOrder:
    at = dt.datetime(2026, 3, day, 18, tzinfo=dt.UTC)
    return services.book_appointment(
        work_order, services.Booking(at, "Robin", "+1 415 555 0111"), by=by
    )


def at_work(by: User, number: str, **fields: bool) -> WorkOrder:
    """In Progress, with Target SLA Tue, Mar 10."""
    relaxed = make_entitlement("Relaxed", 6)
    return make_accepted(by, number=number, parts_required=False, entitlement=relaxed, **fields)


def visited(by: User, number: str, outcome: VisitOutcome) -> WorkOrder:
    work_order = book(at_work(by, number), 9, by)
    services.start_visit(work_order, by=by)
    services.end_visit(work_order, outcome=outcome, by=by)
    return work_order


def what_waits(by: User, staff: User, mark: str, clock) -> None:
    """Lives of a partner, each work order named after what it waits for; those called NONE wait for
    nothing of his.
    """
    make_work_order(f"ACCEPT-1-{mark}", partner=by.partner)
    make_work_order(f"ACCEPT-2-{mark}", partner=by.partner, parts_required=False)
    for_booking(by, staff, mark)
    for_a_word(by, staff, mark)
    held(by, staff, mark)
    parts_back(by, staff, mark)
    for name in ("REASON-1", "NONE-GIVEN"):
        row = book(make_accepted(by, number=f"{name}-{mark}"), 20, by)
        ship(
            row,
            f"FSO-{name}-{mark}",
            carrier="",
            service="",
            estimated_delivery_on=MONDAY + 7 * DAY,
        )
    reason = {"reason": "weather", "confirmed_target": fresh(row).target_on}
    again = services.Booking(fresh(row).appointment.at, "Robin", "+1 415 555 0111", **reason)
    services.book_appointment(fresh(row), again, by=by)
    for name, kind in (("VERDICT-1", VerdictKind.MORE), ("NONE-EXCUSED", VerdictKind.EXCUSED)):
        judged(by, staff, f"{name}-{mark}", kind)
    book(at_work(by, f"VISIT-1-{mark}"), 3, by)
    began = book(at_work(by, f"NONE-UNDER-WAY-{mark}"), 3, by)
    book(at_work(by, f"NONE-AHEAD-{mark}"), 9, by)
    clock.move_to(LATER)
    services.start_visit(began, by=by)


def judged(by: User, staff: User, number: str, kind: VerdictKind) -> None:
    """Booked for Mon, Mar 9, after Target SLA Tue, Mar 3; staff have said what they think of the
    reason.
    """
    row = make_accepted(by, number=number, parts_required=False)
    late = {"reason": "weather", "confirmed_target": row.target_on}
    at = dt.datetime(2026, 3, 9, 18, tzinfo=dt.UTC)
    services.book_appointment(row, services.Booking(at, "Robin", "+1 415 555 0111", **late), by=by)
    services.review_reason(row.missed_sla_reasons.get(), kind=kind, note="Which storm?", by=staff)


def for_booking(by: User, staff: User, mark: str) -> None:
    at_work(by, f"BOOK-1-{mark}")
    visited(by, f"BOOK-2-IN-VAIN-{mark}", VisitOutcome.NOBODY)
    known = make_accepted(by, number=f"BOOK-3-TARGET-{mark}")
    ship(known, f"FSO-3-{mark}", carrier="", service="", estimated_delivery_on=MONDAY + 7 * DAY)
    passed = book(
        make_accepted(by, number=f"BOOK-4-PASSED-{mark}"), 3, by
    )  # and the parts are not there yet
    ship(passed, f"FSO-4-{mark}", carrier="", service="", estimated_delivery_on=MONDAY + 7 * DAY)
    make_accepted(by, number=f"NONE-NO-TARGET-{mark}")
    visited(by, f"NONE-DONE-{mark}", VisitOutcome.DONE)
    book(visited(by, f"NONE-BOOKED-AGAIN-{mark}", VisitOutcome.RETURN), 10, by)
    services.hold(
        at_work(by, f"NONE-ON-HOLD-{mark}"), reason="Fenced off", stops_clock=False, by=staff
    )


def held(by: User, staff: User, mark: str) -> None:
    """To be resumed on Wednesday; what is asked for already waits for nobody here."""
    for name, day in (("RESUME-1", 4), ("NONE-ASKED-TO-RESUME", 4), ("NONE-HELD-ON", 5)):
        row = at_work(by, f"{name}-{mark}")
        ahead = dt.date(2026, 3, day)
        row = services.hold(row, reason="Fenced off", stops_clock=False, resume_on=ahead, by=staff)
        if name == "NONE-ASKED-TO-RESUME":
            services.request_assistance(row, body="The fence is gone.", by=by)


def for_a_word(by: User, staff: User, mark: str) -> None:
    names = ("ANSWER-1", "NONE-REPLIED", "NONE-READ", "NONE-INTERNAL", "NONE-OVER")
    for name in names:
        row = book(at_work(by, f"{name}-{mark}"), 9, by)
        services.request_assistance(row, body="Nobody answers the door.", by=by)
        services.comment(
            row, body="Who opens the gate?", internal=name == "NONE-INTERNAL", by=staff
        )
        if name == "NONE-REPLIED":
            services.comment(
                row, body="The guard.", by=make_user(f"kim-{mark}@x.example", partner=by.partner)
            )
        elif name == "NONE-READ":
            services.read_thread(row, by=by)
        elif name == "NONE-OVER":
            services.cancel(fresh(row), comment="The fault cleared.", by=staff)


def parts_back(by: User, staff: User, mark: str) -> None:
    unused = make_accepted(by, number=f"RETURN-1-UNUSED-{mark}")
    ship(unused, f"FSO-U-{mark}", status="delivered", carrier="", service="", delivered_on=MONDAY)
    services.cancel(fresh(unused), comment="The fault cleared.", by=staff)
    for name, due in ((f"RETURN-2-DUE-{mark}", MONDAY + 7 * DAY), (f"NONE-NOT-YET-{mark}", None)):
        row = book(at_work(by, name), 9, by)
        ship(row, f"RMA-{name}", carrier="", service="", return_due_on=due, **RETURN)
    old = book(
        at_work(by, f"RETURN-3-OLD-{mark}", return_parts_required=True), 9, by
    )  # nobody has entered a return
    services.start_visit(old, by=by)
    services.end_visit(old, outcome=VisitOutcome.DONE, by=by)
    book(at_work(by, f"NONE-NOT-VISITED-{mark}", return_parts_required=True), 9, by)
    gone = ready_to_complete(visited(by, f"NONE-SENT-{mark}", VisitOutcome.DONE), by=by)
    ship(gone, f"RMA-SENT-{mark}", carrier="", service="", **RETURN | {"status": "shipped"})


@pytest.fixture
def browse(clock, dana, omar, staff, client_of) -> Callable:
    """The list as Dana, with as much waiting for Omar."""
    what_waits(omar, staff, "OMAR", clock)
    clock.move_to(dt.datetime(2026, 3, 2, 17, tzinfo=dt.UTC))
    what_waits(dana, staff, "DANA", clock)
    browser = client_of(dana)
    return lambda query="", **more: browser.get(f"{LIST}?{query}", **more)


def links(response) -> dict[str, tuple[int, str]]:
    """What waits, as the page says it: each count and address."""
    found = re.search(r'<nav class="needs".*?</nav>', text_of(response), re.DOTALL)
    rows = re.findall(r'<a href="([^"]*)"[^>]*>([^<]*) <b>(\d+)</b>', found[0] if found else "")
    return {label: (int(count), url) for url, label, count in rows}


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
    found = links(browse())
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
    assert page.index('class="needs"') < page.index('class="chips"')


def test_what_stood_before_another_partner_got_the_work_waits_for_nobody(
    clock, dana, omar, staff, client_of
):
    work_order = make_work_order("WO-1", partner=omar.partner)
    services.comment(work_order, body="Who opens the gate?", by=staff)
    clock.shift(60)
    services.reassign(work_order, partner=dana.partner, assigned_on=MONDAY, note="", by=staff)
    assert numbers(client_of(dana).get(f"{LIST}?needs=answer")) == []
    services.comment(fresh(work_order), body="Welcome. Can you go there this week?", by=staff)
    assert numbers(client_of(dana).get(f"{LIST}?needs=answer")) == ["WO-1"]


# --- The list behind a count


def test_a_count_is_that_of_its_list_whatever_else_is_asked_for(browse):
    for query in (
        "",
        "q=1",
        "work_type=repair",
        "territory=US-Federal&sort=-number",
        "sla=missed",
        "status=on-hold",
    ):
        found = links(browse(query))
        assert len(found) >= 3
        for count, url in found.values():
            response = browse(urlsplit(url).query)
            assert count == len(numbers(response))
            assert f'<span class="count">{count} waiting for you' in text_of(response)
    assert links(browse("q=zzz")) == {}


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
    assert links(page)["Accept"][1] == f"{LIST}?needs=accept&work_type=repair"


def test_a_row_leads_to_where_it_is_done_and_back(browse, dana, client_of):
    """Each link is followed: the place that it names is on the page."""
    places = {
        "accept": ("Accept<span", "/accept/", "Accept: where should the parts be sent?"),
        "book": ("Book<span", "/#appointment", 'id="appointment_at"'),
        "reason": ("Give the reason<span", "/#appointment", "Give a reason</button>"),
        "answer": ("Answer<span", "/collaborate/#id_body", "Who opens the gate?"),
        "resume": ("Ask to resume<span", "/request-assistance/", "Request for Assistance"),
        "visit": ("How did it go?<span", "/visits/enter/", "How did it go?"),
        "return": ("Send back<span", "/parts-sent-back/", "Parts sent back"),
    }
    for need, (label, place, words) in places.items():
        rows = text_of(browse(f"needs={need}&sort=number"))
        steps = re.findall(rf'<a class="book" href="([^"]+)">{re.escape(label)}', rows)
        assert len(steps) == len(numbers(browse(f"needs={need}")))
        parts = urlsplit(steps[0])
        assert f"{parts.path}{'#' * bool(parts.fragment)}{parts.fragment}".endswith(place)
        assert parse_qs(parts.query) == {"back": [f"needs={need}&sort=number"]}
        answer = text_of(client_of(dana).get(steps[0]))
        assert words in answer
        assert not parts.fragment or f'id="{parts.fragment}"' in answer


# --- For whom


def test_a_technician_is_asked_only_how_it_went(browse, tess, client_of):
    page = client_of(tess).get(LIST)
    assert "Nothing is waiting for you." in text_of(page)
    appointment = book_on(WorkOrder.objects.get(number="VISIT-1-DANA"), tess).appointment
    Appointment.objects.filter(pk=appointment.pk).update(at=LATER - DAY, on=MONDAY + DAY)
    assert {label: count for label, (count, _) in links(client_of(tess).get(LIST)).items()} == {
        "How did it go?": 1
    }
    refused = text_of(client_of(tess).get(f"{LIST}?needs=accept"))
    assert "Needs you: There is no such value; it was left out." in refused


def test_staff_have_their_own_day_in_the_admin(browse, staff, client_of):
    page = text_of(client_of(staff).get(LIST))
    assert 'class="needs"' not in page
    assert "Needs you: There is no such value" in text_of(
        client_of(staff).get(f"{LIST}?needs=book")
    )


def test_where_nothing_waits_the_page_says_so_calmly(clock, dana, client_of):
    browser = client_of(dana)
    assert "Nothing is waiting for you." in text_of(browser.get(LIST))
    make_work_order(partner=dana.partner)
    assert list(links(browser.get(LIST))) == ["Accept"]
    assert "None of these is waiting for you." in text_of(
        browser.get(f"{LIST}?work_type=installation")
    )
    emptied = text_of(browser.get(f"{LIST}?needs=book"))
    assert "Nothing left here" in emptied
    assert 'aria-current="true">Book <b>0</b>' in emptied


# --- How much it asks


@pytest.mark.parametrize("query", ["", "needs=accept", "needs=return"])
def test_what_waits_takes_no_query_of_its_own(
    clock, dana, staff, client_of, django_assert_num_queries, query
):
    make_accepted(dana)
    client_of(dana).get(LIST)  # the calendars are warm from here on
    browser = client_of(dana)
    with django_assert_num_queries(5):
        browser.get(f"{LIST}?{query}")
    what_waits(dana, staff, "DANA", clock)
    browser = client_of(dana)
    with django_assert_num_queries(5):
        assert len(numbers(browser.get(f"{LIST}?{query}"))) > 1


def test_the_counts_go_through_no_other_partners_rows(browse):
    """As SQLite plans it, which needs no statistics for that."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL plans by how many rows there are")
    with CaptureQueriesContext(connection) as captured:
        browse()
    counting = next(query["sql"] for query in captured if '"missed"' in query["sql"])
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {counting}")
        steps = [step for *_, step in cursor.fetchall()]
    assert (
        "SEARCH workorders_workorder USING INDEX work_order_list (partner_id=? AND status=?)"
        in steps
    )
    assert "SEARCH U0 USING INDEX shipment_to_be_sent_back (work_order_id=?)" in steps
    assert [step for step in steps if step.startswith("SCAN")] == []
