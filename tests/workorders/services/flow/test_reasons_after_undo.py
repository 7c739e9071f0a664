"""The reason of a late, visited day counts again once the end of the work is undone; and two line
items with one text keep apart when the work comes back.
"""

from collections.abc import Callable

import pytest

from portal.people.models import User
from tests.factories import fresh, make_accepted
from tests.workorders.services.visits.in_progress import at, book
from workorders import services as s
from workorders.models import WorkOrder
from workorders.states import CouldNotCompleteReason, VisitOutcome


@pytest.fixture
def visited(clock, dana) -> WorkOrder:
    """One business day late, with a reason."""
    row = make_accepted(dana, parts_required=False)
    book(row, 4, dana)
    clock.move_to(at(4))
    s.start_visit(fresh(row), by=dana)
    s.end_visit(fresh(row), outcome=VisitOutcome.DONE, by=dana)
    return fresh(row)


def completed(row: WorkOrder, dana: User, staff: User) -> None:
    s.complete(row, by=dana)
    s.take_back_completed(fresh(row), by=dana)


def given_up(row: WorkOrder, dana: User, staff: User) -> None:
    s.could_not_complete(row, reason=CouldNotCompleteReason.OBSTRUCTION, note="Fenced off", by=dana)
    s.undo_last_step(fresh(row), note="x", by=staff)


def canceled(row: WorkOrder, dana: User, staff: User) -> None:
    s.cancel(row, comment="It cleared", by=staff)
    s.undo_last_step(fresh(row), note="x", by=staff)


@pytest.mark.parametrize("ends", [completed, given_up, canceled])
def test_reason_counts_again(visited, dana, staff, ends: Callable):
    ends(visited, dana, staff)
    assert visited.missed_sla_reasons.get().counts
    s.complete(fresh(visited), by=dana)
    assert visited.missed_sla_reasons.get().counts


def test_line_items_with_one_text_keep_apart(clock, dana, omar, staff):
    row = make_accepted(dana, parts_required=False, line_items=("Replace the cable [serial]",) * 2)
    s.tick_line_item(row, 1, serial="LEFT", by=dana)
    s.undo_last_step(fresh(row), note="x", by=staff)
    for person in (omar, dana):
        s.reassign(fresh(row), partner=person.partner, assigned_on=at(2).date(), by=staff)
    serials = row.line_items.order_by("number").values_list("serial", flat=True)
    assert list(serials) == ["LEFT", ""]
