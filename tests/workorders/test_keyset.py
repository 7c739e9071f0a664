"""Pages by a keyset: complete, without a row twice, with empty values last in either direction."""

import datetime as dt

import pytest

from tests.factories import make_accepted, make_work_order
from tests.workorders.any_state import DAY, MONDAY, change
from workorders import keyset
from workorders.keyset import Key, Keyset
from workorders.models import WorkOrder

NUMBER = Key("number")
TARGET = Key("target_on", keyset.day, can_be_empty=True)
ACCEPTED = Key("accepted_on", keyset.day, can_be_empty=True)
SUBJECT = Key("subject")


def down(key: Key) -> Key:
    return key._replace(descending=True)


KEYSETS = {
    "number": [NUMBER],
    "number, descending": [down(NUMBER)],
    "id, descending": [down(Key("pk", keyset.number))],
    "text": [SUBJECT, NUMBER],
    "text, both descending": [down(SUBJECT), down(NUMBER)],
    "date that can be empty": [TARGET, NUMBER],
    "date that can be empty, descending": [down(TARGET), NUMBER],
    "two that can be empty": [TARGET, down(ACCEPTED), NUMBER],
    "two that can be empty, the other way": [down(TARGET), ACCEPTED, down(NUMBER)],
}


@pytest.fixture
def rows(clock, dana) -> list[WorkOrder]:
    """Rows that tie, rows that have nothing, and texts that hold what separates values."""
    for n, accepted in enumerate([True, False] * 4):
        row = make_accepted(dana) if accepted else make_work_order(partner=dana.partner)
        change(row, subject=["a", "a~1", "b~2026-03-02"][n % 3])
        change(row, target_on=[None, MONDAY, MONDAY + DAY, None][n // 2])
    return list(WorkOrder.objects.all())


def in_order(rows: list[WorkOrder], keys: list[Key]) -> list[WorkOrder]:
    """The same order, by sorting for one key after the other."""
    for key in reversed(keys):
        given = [row for row in rows if getattr(row, key.name) is not None]
        empty = [row for row in rows if getattr(row, key.name) is None]
        given.sort(key=lambda row: getattr(row, key.name), reverse=key.descending)
        rows = given + empty
    return rows


def pages(keys: list[Key], size: int) -> list[list[WorkOrder]]:
    by = Keyset(*keys)
    found, shown = WorkOrder.objects.order_by(*by.order()), []
    page, after = by.cut(found[: size + 1], size)
    while after:
        shown.append(page)
        page, after = by.cut(found.filter(by.behind(after))[: size + 1], size)
    return [*shown, page]


@pytest.mark.parametrize("size", [1, 3, 8, 9])
@pytest.mark.parametrize("keys", KEYSETS.values(), ids=KEYSETS)
def test_pages_are_complete_and_in_order(rows, keys, size):
    shown = pages(keys, size)
    assert [row.number for page in shown for row in page] == [
        row.number for row in in_order(rows, keys)
    ]
    assert [len(page) for page in shown[:-1]] == [size] * (len(shown) - 1)


def test_a_row_that_comes_or_goes_shifts_nothing(rows):
    by = Keyset(TARGET, NUMBER)
    found = WorkOrder.objects.order_by(*by.order())
    page, after = by.cut(found[:4], 3)
    change(page[0], target_on=None)  # the first row goes to the end
    behind = [row.number for row in found.filter(by.behind(after)) if row != page[0]]
    assert behind == [row.number for row in in_order(rows, [TARGET, NUMBER])[3:]]


def test_the_row_of_a_cursor_may_be_gone(rows):
    by = Keyset(TARGET, NUMBER)
    found = list(WorkOrder.objects.order_by(*by.order()))
    after = by.cursor(found[2])
    left = WorkOrder.objects.exclude(pk=found[2].pk).order_by(*by.order())
    assert list(left.filter(by.behind(after))) == found[3:]


def test_an_instant_is_the_same_in_every_zone_of_a_cursor():
    noon = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
    texts = ["2026-03-02T12:00:00+00:00", "2026-03-02T04:00:00-08:00", "2026-03-02T12:00:00"]
    assert [keyset.instant(text) for text in texts] == [noon, noon, noon]


BAD_DAYS = ["", "~", "x", "2026-03-02", "2026-03-02~", "2026-02-30~WO-1", "x~WO-1"]
BAD_IDS = ["", "x", "-1", "1.5", str(2**63), "9" * 5000, "1\0"]
BAD = [
    *((Keyset(TARGET, NUMBER), text) for text in [*BAD_DAYS, "2026-03-02~WO-1\0"]),
    *((Keyset(Key("assigned_on", keyset.day), NUMBER), text) for text in [*BAD_DAYS, "~WO-1"]),
    *((Keyset(Key("pk", keyset.number)), text) for text in BAD_IDS),
    (Keyset(SUBJECT, NUMBER), "A\0~WO-1"),
    (Keyset(Key("at", keyset.instant), NUMBER), "0001-01-01T00:00:00+14:00~WO-1"),
    (Keyset(Key("at", keyset.instant), NUMBER), "noon~WO-1"),
]


@pytest.mark.once
@pytest.mark.parametrize(("by", "text"), BAD)
def test_a_cursor_of_nobody_is_refused(by, text):
    with pytest.raises(ValueError):
        by.behind(text)


@pytest.mark.once
def test_a_page_that_is_the_last_has_no_cursor():
    by, row = Keyset(NUMBER), WorkOrder(number="WO-1")
    assert [by.cut(rows, 1) for rows in ([], [row], [row, row])] == [
        ([], ""),
        ([row], ""),
        ([row], "WO-1"),
    ]
