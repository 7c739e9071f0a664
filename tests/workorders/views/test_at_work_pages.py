"""The pages of work in progress: start, end, correct, how did it go, line items; with and without
htmx.
"""

import datetime as dt

import pytest
from django.urls import reverse

from tests.factories import book_on, fresh, make_accepted
from tests.pages import html_of
from workorders import services
from workorders.services import Booking
from workorders.states import VisitOutcome

pytestmark = pytest.mark.once

HTMX = {"HX-Request": "true"}
TUESDAY = dt.datetime(2026, 3, 3, 17, tzinfo=dt.UTC)


@pytest.fixture
def work_order(clock, dana):
    return fresh(
        make_accepted(
            dana, parts_required=False, line_items=("Lock out", "Replace [serial]", "Test")
        )
    )


def url(name: str, work_order, *more) -> str:
    return reverse(name, args=[work_order.number, *more])


@pytest.mark.parametrize(
    ("name", "more"),
    [
        *(
            ("start-visit", ()),
            ("end-visit", ()),
            ("enter-visit", ()),
            ("correct-visit", (1,)),
            ("line-items", ()),
        ),
        ("take-back-visit", (1,)),
        *(("tick-line-item", (1,)), ("untick-line-item", (1,))),
    ],
)
def test_another_partner_and_staff_are_kept_out(work_order, omar, staff, client_of, name, more):
    address = url(name, work_order, *more)
    assert client_of(omar).get(address).status_code == 404
    assert client_of(omar).post(address).status_code in (404, 405)
    if name != "line-items":
        assert client_of(staff).post(address).status_code == 403
    assert fresh(work_order).version == work_order.version


def test_a_technician_starts_and_ends_with_a_tap_each(work_order, tess, client_of):
    book_on(work_order, tess)
    browser = client_of(tess)
    assert "Start work" in html_of(browser.get(url("work-order", work_order)))
    assert browser.post(url("start-visit", work_order)).status_code == 302
    page = html_of(browser.get(url("work-order", work_order)))
    assert "At work since" in page
    assert "Start work" not in page
    assert browser.post(url("end-visit", work_order), {"note": "Gate shut"}).status_code == 422
    assert (
        browser.post(
            url("end-visit", work_order), {"outcome": "nobody-there", "note": "Gate shut"}
        ).status_code
        == 302
    )
    page = html_of(browser.get(url("work-order", work_order)))
    assert "Nobody there, " in page
    assert "A dispatcher books the next appointment." in page


def test_a_passed_booking_asks_on_the_page_and_in_the_list(work_order, dana, client_of, clock):
    services.book_appointment(work_order, Booking(TUESDAY, "Robin", "+1 415 555 0111"), by=dana)
    browser = client_of(dana)
    assert "How did it go?" not in html_of(browser.get(reverse("work-orders")))
    clock.move_to(TUESDAY + dt.timedelta(hours=2))
    browser = client_of(dana)  # a session lasts a day
    for page in (reverse("work-orders"), url("work-order", work_order)):
        assert f'href="{url("enter-visit", work_order)}">How did it go?' in html_of(
            browser.get(page)
        )
    page = html_of(browser.get(url("enter-visit", work_order)))
    assert 'value="2026-03-03T09:00"' in page
    typed = {"began_at": "2026-03-03T12:00", "outcome": "done"}
    assert browser.post(url("enter-visit", work_order), typed).status_code == 422
    assert (
        browser.post(
            url("enter-visit", work_order), typed | {"began_at": "2026-03-03T09:00"}
        ).status_code
        == 302
    )
    assert work_order.visits.get().on == dt.date(2026, 3, 3)
    assert "How did it go?" not in html_of(browser.get(reverse("work-orders")))


def test_a_time_is_corrected_on_its_page(work_order, dana, client_of):
    visit = services.start_visit(work_order, by=dana)
    address = url("correct-visit", work_order, visit.pk)
    assert 'value="2026-03-02T09:00"' in html_of(client_of(dana).get(address))
    assert client_of(dana).post(address, {"began_at": "2026-03-02T08:30"}).status_code == 302
    assert work_order.visits.get().began_at == dt.datetime(2026, 3, 2, 16, 30, tzinfo=dt.UTC)
    assert client_of(dana).get(url("correct-visit", work_order, visit.pk + 1)).status_code == 404


def test_start_work_that_was_tapped_by_mistake_is_taken_back(work_order, dana, client_of):
    visit, browser = services.start_visit(work_order, by=dana), client_of(dana)
    address = url("take-back-visit", work_order, visit.pk)
    assert address in html_of(browser.get(url("correct-visit", work_order, visit.pk)))
    assert "will not count" in html_of(browser.get(address))
    assert browser.post(address).status_code == 302
    assert (work_order.visits.count(), fresh(work_order).visited_on) == (0, None)
    assert browser.post(address).status_code == 404
    ended = services.start_visit(work_order, by=dana)
    services.end_visit(work_order, outcome=VisitOutcome.NOBODY, by=dana)
    answer = browser.post(url("take-back-visit", work_order, ended.pk))
    assert (answer.status_code, work_order.visits.count()) == (409, 1)
    assert "Take Start work back" not in html_of(
        browser.get(url("correct-visit", work_order, ended.pk))
    )


def test_without_javascript_a_tick_leads_back_to_its_item(work_order, tess, client_of):
    book_on(work_order, tess)
    answer = client_of(tess).post(url("tick-line-item", work_order, 1), {"note": "Breaker 4"})
    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        f"{url('related', work_order)}#item-1",
    )
    page = html_of(client_of(tess).get(url("related", work_order)))
    assert "done <time" in page
    assert "“Breaker 4”" in page


def test_with_htmx_the_list_comes_back_alone_with_what_is_missing(work_order, dana, client_of):
    page = html_of(client_of(dana).post(url("tick-line-item", work_order, 1), headers=HTMX))
    assert page.strip().startswith('<section class="sheet pad" id="line-items"')
    assert "Line item 2 is not done." in page
    assert "Line item 1 is not done." not in page
    assert page.count("hx-swap-oob") == 2
    assert "<h1" not in page


def test_the_one_that_is_next_stands_out_and_the_later_ones_ask_why_they_come_first(
    work_order, dana, client_of
):
    def stands_out() -> list[str]:
        shown = html_of(client_of(dana).get(url("related", work_order)))
        marks = ('id="item-1" class="item next"', 'id="item-2" class="item next"', "(why before 1)")
        return [mark for mark in marks if mark in shown]

    assert stands_out() == ['id="item-1" class="item next"', "(why before 1)"]
    services.tick_line_item(work_order, 1, by=dana)
    assert stands_out() == ['id="item-2" class="item next"']


@pytest.mark.parametrize("headers", [None, HTMX])
def test_out_of_order_is_said_at_the_item_and_keeps_what_was_typed(
    work_order, tess, client_of, headers
):
    book_on(work_order, tess)
    answer = client_of(tess).post(
        url("tick-line-item", work_order, 2), {"serial": "C-77"}, headers=headers
    )
    page = html_of(answer)
    assert answer.status_code == 422
    assert "Line item 1 is not done yet. Explain in the note why 2 comes first." in page
    assert 'value="C-77"' in page
    assert (
        client_of(tess).post(url("tick-line-item", work_order, 2), {"note": "n" * 501}).status_code
        == 422
    )


@pytest.mark.every_database
@pytest.mark.parametrize("item", [0, 9, 10**20])
def test_an_item_that_there_is_not_is_404(work_order, tess, client_of, item):
    book_on(work_order, tess)
    for name in ("tick-line-item", "untick-line-item"):
        assert client_of(tess).post(url(name, work_order, item)).status_code == 404


def test_a_tick_on_work_that_has_ended_is_409(work_order, tess, staff, client_of):
    book_on(work_order, tess)
    services.cancel(work_order, comment="Not needed", by=staff)
    assert (
        client_of(tess).post(url("tick-line-item", work_order, 1), headers=HTMX).status_code == 409
    )


def test_related_takes_as_many_queries_with_three_items_as_with_one(
    clock, dana, client_of, django_assert_num_queries
):
    browser = client_of(dana)
    rows = [
        make_accepted(dana, parts_required=False, line_items=items)
        for items in (("A",), ("A", "B", "C"))
    ]
    browser.get(url("related", rows[0]))
    for row in rows:
        services.tick_line_item(row, 1, by=dana)
        services.start_visit(row, by=dana)
        with django_assert_num_queries(QUERIES):
            browser.get(url("related", row))


# session, user, work order, shipments, visits, items with who did them and their photos
QUERIES = 8


def test_visits_stand_on_the_page_with_what_came_of_them(work_order, dana, tess, client_of):
    book_on(work_order, tess)
    services.start_visit(work_order, by=tess)
    services.end_visit(work_order, outcome=VisitOutcome.RETURN, note="Another breaker", by=tess)
    page = html_of(client_of(dana).get(url("work-order", work_order)))
    for words in (
        "<h2>Visits</h2>",
        "Return visit needed",
        "“Another breaker”",
        "Book the next appointment",
    ):
        assert words in page


# --- A technician finishes a job whose old part goes back


def test_a_technician_is_led_from_start_work_to_completed_where_a_part_goes_back(
    dana, tess, clock, client_of
):
    row = make_accepted(
        dana, parts_required=False, return_parts_required=True, line_items=("Replace",)
    )
    book_on(row, tess)
    browser, home = client_of(tess), reverse("work-order", args=[row.number])

    def bar() -> tuple[str, list[str]]:
        shown = browser.get(home).context["bar"]
        return shown.main.label, [action.label for action in (*shown.more, *shown.reach)]

    steps = [bar()[0]]
    browser.post(reverse("start-visit", args=[row.number]))
    steps.append(bar()[0])
    assert "Completed" not in bar()[1]
    browser.post(reverse("end-visit", args=[row.number]), {"outcome": "done"})
    steps.append(bar()[0])
    browser.post(reverse("tick-line-item", args=[row.number, 1]))
    steps.append(bar()[0])
    sent = {"shipment": f"{row.number}-R", "carrier": "UPS", "sent_on": "2026-03-02"}
    sent |= {"version": fresh(row).version}
    answer = browser.post(reverse("parts-sent-back", args=[row.number]), sent)
    assert (answer.status_code, answer.url) == (302, home)
    steps.append(bar()[0])
    assert steps == [
        "Start work",
        "End the visit",
        "What is missing",
        "Parts sent back",
        "Completed",
    ]
    browser.post(reverse("complete", args=[row.number]), {"version": fresh(row).version})
    assert fresh(row).status == "completed"
