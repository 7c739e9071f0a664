"""What blocks Completed: each alone, all together, and refused whatever a client
sends.
"""

import datetime as dt

import pytest

from tests.factories import fresh, make_accepted, ready_to_complete, ship
from tests.pages import html_of
from workorders import services
from workorders.fieldwork.completion_blockers import blockers
from workorders.services import Booking, InvalidState
from workorders.states import VisitOutcome
from workorders.targets.judging import needs_reason

REASON = "The reason for delay has not been given yet."
SERIAL = "The serial of the new part is missing on line item 2."


@pytest.fixture
def work_order(clock, dana):
    return fresh(
        make_accepted(dana, parts_required=False, line_items=("Lock out", "Replace [serial]"))
    )


def sentences(work_order) -> list[str]:
    return [blocker.sentence for blocker in blockers(fresh(work_order))]


def test_all_that_is_missing_is_said_with_where_it_is_done(work_order):
    assert [tuple(blocker) for blocker in blockers(work_order)] == [
        ("Line item 1 is not done.", "related", "item-1"),
        ("Line item 2 waits for 1.", "related", "item-2"),
    ]


def test_nothing_is_missing_when_it_is_ready(work_order, dana):
    assert sentences(ready_to_complete(work_order, by=dana)) == []


def test_a_line_item_alone(work_order, dana):
    ready_to_complete(work_order, by=dana)
    services.untick_line_item(work_order, 1, by=dana)
    assert sentences(work_order) == ["Line item 1 is not done."]


def test_a_serial_alone(work_order, dana):
    ready_to_complete(work_order, by=dana)
    services.tick_line_item(work_order, 2, seen_done=True, by=dana)
    assert sentences(work_order) == [SERIAL]


def test_a_visit_under_way_is_done_with_the_work(work_order, dana):
    services.start_visit(ready_to_complete(work_order, by=dana), by=dana)
    assert sentences(work_order) == []
    services.complete(fresh(work_order), by=dana)
    assert [visit.outcome for visit in work_order.visits.all()] == [VisitOutcome.DONE] * 2


def test_a_reason_that_is_not_given_alone(clock, dana):
    """Booked for Friday without a target; then the part came, and the target is Tuesday."""
    work_order = make_accepted(dana, line_items=("Replace",))
    friday = Booking(dt.datetime(2026, 3, 6, 18, tzinfo=dt.UTC), "Tess", "+1 415 555 0188")
    services.book_appointment(work_order, friday, by=dana)
    ship(
        fresh(work_order),
        carrier="",
        service="",
        status="delivered",
        delivered_on=dt.date(2026, 3, 2),
    )
    services.tick_line_item(work_order, 1, by=dana)
    assert (needs_reason(fresh(work_order)), sentences(work_order)) == (True, [])  # asked with when
    clock.move_to(dt.datetime(2026, 3, 6, 18, tzinfo=dt.UTC))
    services.start_visit(work_order, by=dana)
    services.end_visit(work_order, outcome=VisitOutcome.DONE, by=dana)
    assert sentences(work_order) == [REASON]
    began = dt.datetime(2026, 3, 2, 18, tzinfo=dt.UTC)  # in time, whatever was booked
    services.correct_visit(work_order, work_order.visits.get().pk, began_at=began, by=dana)
    assert sentences(work_order) == []


def test_completed_is_refused_with_the_sentences(work_order, dana, client_of):
    with pytest.raises(InvalidState, match=r"Line item 1 is not done. Line item 2"):
        services.complete(work_order, by=dana)
    answer = client_of(dana).post(
        f"/work-orders/{work_order.number}/complete/", {"version": work_order.version}
    )
    page = html_of(answer)
    assert (answer.status_code, fresh(work_order).status) == (409, "in-progress")
    assert (
        f'href="/work-orders/{work_order.number}/related/#item-2">Line item 2 waits for 1.' in page
    )


def test_the_button_leads_to_what_is_missing_and_then_completes(work_order, dana, client_of):
    browser, url = client_of(dana), f"/work-orders/{work_order.number}/"
    page = html_of(browser.get(url))
    assert f'<a class="btn btn-plain" href="{url}complete/" role="button">Completed</a>' in page
    assert "Before Completed: 2 things missing" in page
    ready_to_complete(work_order, by=dana)
    page = html_of(browser.get(url))
    assert f'<form method="post" action="{url}complete/">' in page
    assert "Before Completed" not in page
