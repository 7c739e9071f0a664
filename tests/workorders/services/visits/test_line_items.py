"""Line items: in their order or with a note, undone, twice, by two people at once; each a line in
the ledger.
"""

import datetime as dt
from threading import Thread

import pytest
from django.db import connection

from portal.people.models import User
from tests.factories import book_on, fresh, make_accepted, make_partner, make_user
from tests.pages import html_of
from workorders import services
from workorders.models import LineItem, WorkOrder
from workorders.models.ledger import Event
from workorders.services import DomainError, InvalidState, tick_line_item, untick_line_item

NOON = dt.datetime(
    2026, 3, 4, 18, tzinfo=dt.UTC
)  # Wednesday, 10:00 in San Francisco; accepted on Monday
STEPS = ("Lock out the station", "Replace the cable [serial]", "Test a charge")


@pytest.fixture
def work_order(clock, dana) -> WorkOrder:
    return fresh(make_accepted(dana, parts_required=False, line_items=STEPS))


def ticked(work_order: WorkOrder) -> list[int]:
    return [item.number for item in work_order.line_items.exclude(done_at=None)]


def logged(work_order: WorkOrder) -> list[tuple[str, str]]:
    rows = work_order.ledger.filter(event__startswith="line-item")
    return [(entry.title, entry.note) for entry in rows]


def test_a_tick_says_who_when_and_what(work_order, tess):
    book_on(work_order, tess)
    tick_line_item(work_order, 1, note=" Breaker 4 ", by=tess)
    item = work_order.line_items.get(number=1)
    assert (item.done_by, item.done_at, item.note) == (
        tess,
        dt.datetime(2026, 3, 2, 17, tzinfo=dt.UTC),
        "Breaker 4",
    )
    assert logged(work_order) == [("Line item done: 1. Lock out the station", "Breaker 4")]


def test_out_of_order_needs_a_note(work_order, tess):
    book_on(work_order, tess)
    with pytest.raises(DomainError, match="Line item 1 is not done yet"):
        tick_line_item(work_order, 2, note="  ", by=tess)
    assert ticked(work_order) == []
    tick_line_item(work_order, 2, note="station was locked out", serial="C-77", by=tess)
    assert ticked(work_order) == [2]
    assert logged(work_order)[0][1] == "out of order: station was locked out · serial C-77"


def test_an_undone_tick_keeps_what_was_noted(work_order, tess, dana):
    book_on(work_order, tess)
    tick_line_item(work_order, 1, note="Breaker 4", by=tess)
    item = untick_line_item(work_order, 1, by=dana)
    assert (item.done_at, item.done_by, item.note, ticked(work_order)) == (
        None,
        None,
        "Breaker 4",
        [],
    )
    untick_line_item(work_order, 1, by=dana)
    assert [title for title, _ in logged(work_order)] == [
        "Line item done: 1. Lock out the station",
        "Line item reopened: 1. Lock out the station",
    ]


def test_the_same_item_twice_is_one_and_loses_nothing(work_order, tess, dana):
    book_on(work_order, tess)
    tick_line_item(work_order, 1, note="Breaker 4", by=tess)
    item = tick_line_item(work_order, 1, note="Something else", by=dana)
    assert (item.done_by, item.note, len(logged(work_order))) == (tess, "Breaker 4", 1)


def test_a_serial_is_given_later_and_a_note_corrected_by_who_saw_it_done(work_order, tess):
    book_on(work_order, tess)
    tick_line_item(work_order, 1, note="Braeker", by=tess)
    tick_line_item(work_order, 1, note="Breaker", seen_done=True, by=tess)
    tick_line_item(work_order, 2, by=tess)
    tick_line_item(work_order, 2, serial="C-77", by=tess)
    assert [(item.note, item.serial) for item in work_order.line_items.all()[:2]] == [
        ("Breaker", ""),
        ("", "C-77"),
    ]
    assert logged(work_order)[-1] == ("Line item noted: 2. Replace the cable", "serial C-77")


def test_ticks_make_nobody_elses_page_stale(work_order, tess, dana):
    book_on(work_order, tess)
    seen = work_order.version
    tick_line_item(work_order, 1, by=tess)
    noted = services.note_requirements(work_order, text="A ladder", by=dana, version=seen)
    assert noted.partner_notes == "A ladder"


def test_a_tick_that_has_waited_on_a_phone_keeps_its_own_time(work_order, dana, clock, client_of):
    clock.move_to(dt.datetime(2026, 3, 4, 19, 42, tzinfo=dt.UTC))
    item = tick_line_item(work_order, 1, note="Breaker 4", made_ago=dt.timedelta(hours=2), by=dana)
    assert (item.done_at, item.received_at) == (
        NOON - dt.timedelta(minutes=18),
        NOON + dt.timedelta(hours=1, minutes=42),
    )
    assert logged(work_order)[0][1] == "Breaker 4 · made Wed, Mar 4, 9:42 AM PST, sent later"
    page = html_of(client_of(dana).get(f"/work-orders/{work_order.number}/related/"))
    assert " · sent later, <time" in page
    assert untick_line_item(work_order, 1, by=dana).received_at is None


@pytest.mark.parametrize(
    ("ago", "made_at", "is_late"),
    [
        (None, NOON, False),
        (dt.timedelta(minutes=4), NOON - dt.timedelta(minutes=4), False),
        (dt.timedelta(days=2), NOON - dt.timedelta(days=2), True),
        (dt.timedelta(days=2, hours=11), NOON, False),  # before it was accepted
        (dt.timedelta(days=8), NOON, False),
        (dt.timedelta(seconds=-60), NOON, False),
    ],
)
def test_a_tick_was_made_neither_long_ago_nor_before_acceptance_nor_in_the_future(
    work_order, dana, clock, ago, made_at, is_late
):
    clock.move_to(NOON)
    item = tick_line_item(work_order, 1, made_ago=ago, by=dana)
    assert (item.done_at, item.received_at) == (made_at, NOON if is_late else None)


@pytest.mark.parametrize("sent", ["", "-5", "soon", "1e3", "9" * 30, "٣"])
def test_a_time_that_is_none_is_passed_over(work_order, dana, client_of, sent):
    url = f"/work-orders/{work_order.number}/line-items/1/tick/"
    assert client_of(dana).post(url, {"made_ago": sent}).status_code == 302
    assert work_order.line_items.get(number=1).done_at == dt.datetime(2026, 3, 2, 17, tzinfo=dt.UTC)


def test_nothing_is_ticked_once_the_work_has_ended(work_order, tess, staff):
    book_on(work_order, tess)
    services.cancel(work_order, comment="Not needed", by=staff)
    with pytest.raises(InvalidState):
        tick_line_item(work_order, 1, by=tess)
    with pytest.raises(InvalidState):
        untick_line_item(work_order, 1, by=tess)


def test_a_number_that_there_is_not_is_no_line_item(work_order, tess):
    book_on(work_order, tess)
    with pytest.raises(LineItem.DoesNotExist):
        tick_line_item(work_order, 9, by=tess)


def test_what_an_item_asks_for_comes_with_its_words(work_order, staff):
    items = [
        (item.description, item.serial_required, item.photo_required)
        for item in work_order.line_items.all()
    ]
    assert items[1] == ("Replace the cable", True, False)
    lines = ["[serial]", "Close [photo] [serial]", "Say [what]"]
    services.update_work_order(work_order, {}, line_items=lines, by=staff)
    entered = work_order.line_items.all()
    assert [(i.description, i.serial_required, i.photo_required) for i in entered] == [
        ("[serial]", False, False),
        ("Close", True, True),
        ("Say [what]", False, False),
    ]
    assert [item.as_entered for item in entered] == [
        "[serial]",
        "Close [serial] [photo]",
        "Say [what]",
    ]


def test_edited_steps_stay_done_where_they_stay(work_order, tess, staff):
    book_on(work_order, tess)
    tick_line_item(work_order, 1, by=tess)
    tick_line_item(work_order, 2, by=tess)
    services.update_work_order(
        fresh(work_order), {}, line_items=[STEPS[0], "Replace the plug"], by=staff
    )
    assert (ticked(work_order), work_order.line_items.count()) == ([1], 2)


def tick(work_order: WorkOrder, number: int, note: str, by: User) -> None:
    """As a thread does it, with a connection of its own."""
    try:
        tick_line_item(work_order, number, note=note, by=by)
    finally:
        connection.close()


def test_two_people_tick_at_once(real_transactions):
    voltfix = make_partner()
    people = [make_user(f"{name}@voltfix.example", partner=voltfix) for name in ("ann", "ben")]
    work_order = make_accepted(
        people[0], parts_required=False, line_items=STEPS, assigned_on=dt.date(2026, 3, 2)
    )
    for numbers in ([1, 1], [2, 3]):
        notes = [f"by {person.name}" for person in people]
        threads = [
            Thread(target=tick, args=(work_order, n, note, person))
            for n, note, person in zip(numbers, notes, people, strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert ticked(work_order) == [1, 2, 3]
    assert work_order.ledger.filter(event=Event.LINE_ITEM_DONE).count() == 3
