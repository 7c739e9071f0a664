"""Work sent back: what staff want done again is open again, with proof of this cycle; the rest
keeps what it had.
"""

import pytest

from tests.factories import fresh, make_accepted, ready_to_complete
from tests.pages import html_of
from tests.workorders.uploads import add
from workorders import services
from workorders.fieldwork.completion_blockers import blockers
from workorders.history.wording import describe_entries
from workorders.models import File, WorkOrder
from workorders.services import change_file, tick_line_item
from workorders.states import Status


@pytest.fixture
def completed(dana) -> WorkOrder:
    """Two line items with a photo each, and photos of the work asked for."""
    steps = ("Lock out [photo]", "Replace [serial] [photo]")
    work_order = make_accepted(dana, parts_required=False, images_required=True, line_items=steps)
    for item in work_order.line_items.all():
        add(work_order, dana, line_item=item)
    return services.complete(ready_to_complete(work_order, by=dana), by=dana)


def send_back(work_order, by, **asked) -> WorkOrder:
    return services.send_back(fresh(work_order), note="Blurred", by=by, **asked)


def missing(work_order) -> list[str]:
    return [
        blocker.sentence
        for blocker in blockers(fresh(work_order))
        if "visit" not in blocker.sentence
    ]


def photos(work_order) -> dict[int, int]:
    return {item.number: item.photo_count for item in work_order.line_items.with_photos()}


def test_what_is_not_asked_for_again_keeps_its_proof(completed, staff):
    send_back(completed, staff)
    assert (missing(completed), photos(completed)) == ([], {1: 1, 2: 1})


def test_a_line_item_to_be_done_again_asks_for_a_tick_and_a_new_photo(completed, dana, staff):
    send_back(completed, staff, again=[2])
    assert [item.number for item in completed.line_items.all() if item.done_at] == [1]
    assert missing(completed) == [
        "Line item 2 is not done.",
        "Line item 2 needs a new photo.",
    ]
    assert photos(completed) == {1: 1, 2: 0}
    tick_line_item(completed, 2, serial="N-2", by=dana)
    item = completed.line_items.get(number=2)
    add(completed, dana, line_item=completed.line_items.get(number=1))
    assert missing(completed) == ["Line item 2 needs a new photo."]
    add(completed, dana, line_item=item)
    assert (missing(completed), photos(completed)) == ([], {1: 2, 2: 1})
    assert set(File.objects.values_list("line_item__number", "cycle")) == {
        (1, 1),
        (2, 1),
        (1, 2),
        (2, 2),
    }


def test_a_photo_is_given_to_another_line_item_and_stays_of_its_own_cycle(completed, dana, staff):
    send_back(completed, staff, again=[2])
    old, new = completed.files.get(line_item__number=1), add(completed, dana)
    for file, sentences in ((old, 2), (new, 1)):
        change_file(
            file, caption="", moment="", line_item=completed.line_items.get(number=2), by=dana
        )
        assert len(missing(completed)) == sentences + 1  # line item 1 has lost its own
    assert [
        change.label for change in describe_entries([completed.ledger.last()], dana)[0].changes
    ] == ["Line item"]


def test_a_photo_counts_on_in_the_cycles_after_the_one_it_was_asked_for_in(completed, dana, staff):
    send_back(completed, staff, again=[2])
    add(completed, dana, line_item=completed.line_items.get(number=2))
    services.complete(ready_to_complete(completed, by=dana), by=dana)
    send_back(completed, staff)
    assert missing(completed) == []


def test_new_photos_of_the_work_are_asked_for_as_a_whole(completed, dana, staff):
    send_back(completed, staff, new_photos=True)
    assert missing(completed) == ["New photos of the work are required."]
    add(completed, dana)
    assert missing(completed) == []


def test_undone_the_line_items_are_done_as_they_were(completed, dana, staff):
    before = list(completed.line_items.values("done_at", "done_by", "proof_from"))
    send_back(completed, staff, again=[1, 2], new_photos=True)
    assert [entry.title for entry in completed.ledger.all()][-2:] == [
        "Line item reopened: 1. Lock out",
        "Line item reopened: 2. Replace",
    ]
    row = services.undo_last_step(fresh(completed), note="It is fine", by=staff)
    assert list(completed.line_items.values("done_at", "done_by", "proof_from")) == before
    assert (row.status, row.cycle, row.photos_from) == (Status.COMPLETED, 1, 1)


def test_undone_what_was_ticked_anew_stays_so(completed, dana, staff, clock):
    send_back(completed, staff, again=[1])
    clock.shift(3600)
    ticked = tick_line_item(completed, 1, by=dana)
    services.undo_last_step(fresh(completed), note="It is fine", by=staff)
    item = completed.line_items.get(number=1)
    assert (item.done_at, item.proof_from) == (ticked.done_at, 1)


def test_the_page_says_what_is_to_be_done_again(completed, dana, staff, client_of):
    send_back(completed, staff, again=[2])
    page = html_of(client_of(dana).get(f"/work-orders/{completed.number}/related/?item=2"))
    for words in (
        "to be done again",
        "A new photo is required",
        "1 photo",
        '<option value="2" selected>2. Replace',
    ):
        assert words in page
    assert page.count("to be done again") == 1
