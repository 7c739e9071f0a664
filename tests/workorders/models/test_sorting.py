"""The order of work orders, and a page of them at a time, among eight that all tests share."""

import itertools

import pytest
from django.db import connection

from tests.factories import make_dana, make_site, make_territory, make_work_order
from tests.workorders.any_state import DAY, MONDAY, an_appointment, change
from workorders.models import WorkOrder
from workorders.models.by_value import by_value
from workorders.models.queries import SORTS, keyset_of
from workorders.states import Status

DIRECTED = [f"{sign}{name}" for name in SORTS for sign in ("", "-")]


@pytest.fixture(scope="module")
def _eight(shared_monday) -> None:
    """Rows that tie in every column, and rows that have nothing in those that may be empty."""
    dana = make_dana()
    late_site = make_site("Alpha", "Zeta", city="Reno")
    for n, site in enumerate([None, late_site] * 4):
        work_order = make_work_order(
            partner=dana.partner,
            site=site,
            case_number=["", "00000007", "00000003"][n % 3],
            subject=["Same", "Other"][n // 4],
            work_type=["repair", "installation"][n % 2],
            territory=make_territory("US-CA", "US", "CA") if n % 2 else None,
        )
        change(
            work_order,
            target_on=[None, MONDAY, MONDAY + DAY][n % 3],
            assigned_on=MONDAY - n // 3 * DAY,
        )
        if n % 3 == 0:
            appointment = an_appointment(work_order, MONDAY + n // 4 * DAY, dana)
            appointment.save()
            change(work_order, appointment=appointment)
        if n % 2:
            change(work_order, status=Status.SHIPPED, accepted_on=MONDAY)


@pytest.fixture
def many(_eight, db) -> int:
    return 8


def values(rows) -> list:
    return [row.sort_value for row in rows]


@pytest.mark.parametrize("sort", DIRECTED)
def test_sorted_by_puts_empty_values_last_either_way_and_ties_by_number(many, sort):
    rows = list(WorkOrder.objects.sorted_by(sort))
    given = [value for value in values(rows) if value is not None]
    assert given == sorted(given, reverse=sort.startswith("-"))
    assert values(rows)[len(given) :] == [None] * (many - len(given))
    for _, ties in itertools.groupby(rows, key=lambda row: row.sort_value):
        numbers = [row.number for row in ties]
        assert numbers == sorted(numbers)


@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize("sort", DIRECTED)
def test_pages_are_complete_and_without_duplicates(many, sort, size):
    rows = list(WorkOrder.objects.page(sort, size))
    while rest := list(
        WorkOrder.objects.following(sort, keyset_of(sort).cursor(rows[-1])).page(sort, size)
    ):
        rows += rest
    assert rows == list(WorkOrder.objects.sorted_by(sort))


def test_a_row_that_changes_place_does_not_disturb_the_pages_behind(many):
    rows = list(WorkOrder.objects.sorted_by("target"))
    change(rows[0], target_on=None)
    rest = WorkOrder.objects.following("target", keyset_of("target").cursor(rows[2])).sorted_by(
        "target"
    )
    assert [row.number for row in rest if row != rows[0]] == [row.number for row in rows[3:]]


@pytest.mark.parametrize(
    ("sort", "after"),
    [
        *(
            ("target", "x"),
            ("target", "x~WO-1"),
            ("target", "~"),
            ("target", "2026-02-30~WO-1"),
            ("status", "11~WO-1"),
        ),
        *(
            ("status", "-1~WO-1"),
            ("status", "~WO-1"),
            ("appointment", "0001-01-01T00:00:00+14:00~WO-1"),
        ),
        *(
            ("assigned", "~WO-1"),
            ("number", "A\0~WO-1"),
            ("target", "2026-03-02~WO-1\0"),
            ("appointment", "noon~WO-1"),
        ),
    ],
)
def test_a_cursor_that_we_have_not_made_is_refused(db, sort, after):
    with pytest.raises(ValueError):
        WorkOrder.objects.following(sort, after)


def test_sorting_by_anything_else_is_no_query(db):
    with pytest.raises(KeyError):
        WorkOrder.objects.sorted_by("partner__email_domain")


@pytest.mark.every_database
def test_names_are_sorted_by_letters_whatever_their_case_and_accents(many, db):
    dana = make_dana()
    for number, account in (("WO-1", "Zoo"), ("WO-2", "Ärzte"), ("WO-3", "aurora"), ("WO-4", "Bo")):
        make_work_order(number, partner=dana.partner, site=make_site(f"Site {number}", account))
    rows = WorkOrder.objects.sorted_by("account").filter(
        number__in=["WO-1", "WO-2", "WO-3", "WO-4"]
    )
    assert [str(row.site.account) for row in rows] == ["Ärzte", "aurora", "Bo", "Zoo"]


NUMBERS = ["FSO", "WO-", "WO-0", "WO-00", "WO-2", "WO-02", "WO-9", "WO-10", "WO-010", "WO-100"]
NUMBERS += ["WO-99999999", "WO-100000000", f"X-{'9' * 28}", "X9-1", "Y-7-B", "Z-10-A", "Z-9-A"]


@pytest.mark.every_database
def test_numbers_and_cases_are_sorted_by_their_value(db):
    dana = make_dana()
    cases = {"WO-10": "9", "WO-9": "10", "WO-2": "0000000100", "WO-0": "C-2", "WO-00": "C-10"}
    for number in reversed(NUMBERS):
        make_work_order(number, partner=dana.partner, case_number=cases.get(number, ""))
    rows = WorkOrder.objects.filter(number__in=NUMBERS)
    keys = dict(rows.values_list("number", "number_by_value"))
    assert keys == {number: by_value(number) for number in NUMBERS}
    assert len(set(keys.values())) == len(NUMBERS)
    assert [row.number for row in rows.sorted_by("number")] == NUMBERS
    assert [row.number for row in rows] == NUMBERS
    in_order = [row.case_number for row in rows.sorted_by("case")]
    assert in_order[:6] == ["9", "10", "0000000100", "C-2", "C-10", ""]
    pages, after = [], ""
    while page := list((rows.following("-case", after) if after else rows).page("-case", 4)):
        pages += page
        after = keyset_of("-case").cursor(page[-1])
    assert pages == list(rows.sorted_by("-case"))


@pytest.mark.parametrize(
    ("sort", "index"),
    [
        ("target", "work_order_by_target"),
        ("number", "work_order_by_number"),
        ("-number", "work_order_by_number"),
        ("case", "work_order_by_case_value"),
    ],
)
def test_a_partners_pages_come_in_the_order_of_an_index(db, sort, index):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL plans by how many rows there are")
    own = WorkOrder.objects.filter(partner=1)
    for rows in (own, own.following(sort, "2026-03-02~WO-5")):
        plan = rows.sorted_by(sort).values("pk")[:51].explain()
        assert f"USING INDEX {index} (partner_id=?)" in plan
        assert "B-TREE" not in plan
    everybodys = WorkOrder.objects.sorted_by("-number").values("pk")[:51].explain()
    assert "USING INDEX work_order_by_value" in everybodys
