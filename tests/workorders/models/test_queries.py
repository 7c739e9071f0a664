"""Reads of work orders: whose, which, in what order, a page at a time."""

import datetime as dt
import itertools

import pytest

from tests.factories import make_accepted, make_site, make_territory, make_work_order, ship
from tests.workorders.any_state import DAY, MONDAY, an_appointment, change
from workorders.models import WorkOrder
from workorders.models.queries import SEARCH_LENGTH, SORTS, fold, keyset_of
from workorders.states import Status

DIRECTED = [f"{sign}{name}" for name in SORTS for sign in ("", "-")]

# --- Whose


def test_a_partner_sees_its_own_and_staff_see_all(dana, omar, staff):
    mine, theirs = make_work_order(partner=dana.partner), make_work_order(partner=omar.partner)
    assert list(WorkOrder.objects.visible_to(dana)) == [mine]
    assert list(WorkOrder.objects.visible_to(omar)) == [theirs]
    assert list(WorkOrder.objects.visible_to(staff)) == [mine, theirs]


def test_nobody_else_sees_anything(dana, staff):
    make_work_order(partner=dana.partner)
    dana.is_active = staff.is_active = False
    assert [WorkOrder.objects.visible_to(person).count() for person in (dana, staff, None)] == [
        0,
        0,
        0,
    ]


# --- Search


@pytest.fixture
def found(clock, dana):
    """A work order with everything one can search for, beside another one; and how many a query
    finds.
    """
    site = make_site("Parkhaus Süd", "Société Générale", city="Zürich", time_zone="Europe/Zurich")
    work_order = make_accepted(
        dana,
        number="WO-00200777",
        case_number="00701498",
        subject="Replace charging cable - CT4000",
        site=site,
        serial="9353-3153",
        poc_name="Jürgen O’Connor-Weiß",
        poc_phone="+44 20 7946 0958",
    )
    ship(
        work_order,
        "FSO-9",
        tracking_number="7866 0103 4275",
        estimated_delivery_on=dt.date(2026, 3, 4),
    )
    make_accepted(dana, subject="Install modem", poc_name="Priya", poc_phone="+1 415 555 0187")
    return lambda query: [row.number for row in WorkOrder.objects.search(query)]


@pytest.mark.parametrize(
    "query",
    [
        *(
            "WO-00200777",
            "wo-00200777",
            "00200777",
            "0701498",
            "CT4000",
            "société",
            "SOCIETE GENERALE",
            "Parkhaus Sud",
        ),
        *(
            "zurich",
            "ZÜRICH",
            "Jürgen",
            "jurgen weiss",
            "O'Connor",
            "oconnor",
            "9353-3153",
            "93533153",
            "FSO-9",
        ),
        *(
            "+44 20 7946 0958",
            "+442079460958",
            "020 7946 0958",
            "(020) 7946-0958",
            "7946 0958",
            "7946-0958",
        ),
        *("786601034275", "7866 0103 4275", "7866-0103-4275", "cable zurich 7946"),
    ],
)
def test_search_finds_in_any_spelling(found, query):
    assert found(query) == ["WO-00200777"]


@pytest.mark.parametrize(
    "query", ["cable atlanta", "WO-00200778", "%", "_", "%00200777", "\\", "' OR 1=1 --", "*", "💡"]
)
def test_search_takes_no_sign_for_a_wildcard(found, query):
    assert found(query) == (["WO-00200777"] if fold(query) == "00200777" else [])


@pytest.mark.parametrize(
    ("text", "folded"), [("\u210cotel", "hotel"), ("Straße", "strasse"), ("İzmir", "izmir")]
)
def test_fold_twice_is_fold_once(text, folded):
    assert fold(fold(text)) == fold(text) == folded


def test_search_for_nothing_finds_all_and_for_nonsense_nothing(found):
    queries = ["", "   ", "\0", "x" * 10_000, "a " * 5_000, "ﷺ" * 200]
    assert [len(found(query)) for query in queries] == [2, 2, 0, 0, 0, 0]
    assert found("WO-0020\x000777") == ["WO-00200777"]
    assert found("a " * (SEARCH_LENGTH // 2)) == found("a")


def test_search_stays_within_what_is_visible(found, omar):
    assert WorkOrder.objects.visible_to(omar).search("WO-00200777").count() == 0


# --- Order and pages


@pytest.fixture
def many(clock, dana) -> int:
    """Rows that tie in every column, and rows that have nothing in those that may be empty."""
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
