"""Whoever pressed Completed takes it back within 15 minutes, unless staff have acted on it."""

import datetime as dt

import pytest

from tests.factories import fresh, make_accepted, make_user, ready_to_complete
from tests.pages import html_of, url
from workorders.models import WorkOrder
from workorders.services import InvalidState, NotAllowed, comment, complete, take_back_completed
from workorders.states import Status

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def completed(clock, dana) -> WorkOrder:
    made = make_accepted(dana, parts_required=False, line_items=("Lock out",))
    return complete(ready_to_complete(made, by=dana), by=dana)


def test_completed_is_taken_back(completed, dana):
    row = take_back_completed(completed, by=dana)
    assert (row.status, row.completed_at, row.outcome_days_late) == (
        Status.IN_PROGRESS,
        None,
        None,
    )
    assert row.ledger.last().title == "Undone: Completed"
    assert complete(fresh(row), by=dana).status == Status.COMPLETED


@pytest.mark.parametrize(("minutes", "possible"), [(15, True), (16, False)])
def test_it_is_taken_back_within_fifteen_minutes(completed, dana, clock, minutes, possible):
    clock.shift(minutes * MINUTE)
    if possible:
        assert take_back_completed(completed, by=dana).status == Status.IN_PROGRESS
    else:
        with pytest.raises(InvalidState, match="within 15 minutes"):
            take_back_completed(completed, by=dana)


def test_not_after_staff_have_acted_on_it(completed, dana, staff):
    comment(completed, body="Well done", by=staff)
    with pytest.raises(InvalidState, match="Staff have acted on it since"):
        take_back_completed(completed, by=dana)


def test_not_by_somebody_else(completed, voltfix, tess, staff):
    mia = make_user("mia@voltfix.example", "manager", partner=voltfix)
    for person in (mia, tess, staff):
        with pytest.raises(NotAllowed):
            take_back_completed(completed, by=person)


def test_page_offers_it_while_it_is_possible(completed, dana, clock, client_of):
    page = url("work-order", completed.number)
    address = url("take-back-completed", completed.number)
    assert address in html_of(client_of(dana).get(page))
    answer = client_of(dana).post(address, {"version": completed.version}, follow=True)
    assert "Taken back: the work goes on." in html_of(answer)
    complete(fresh(completed), by=dana)
    clock.shift(16 * MINUTE)
    assert address not in html_of(client_of(dana).get(page))
