"""Work orders that a search finds, in any spelling, among two that all tests share."""

import datetime as dt
from collections.abc import Callable

import pytest

from tests.factories import make_accepted, make_dana, make_site, ship
from workorders.models import WorkOrder
from workorders.models.queries import SEARCH_LENGTH, fold


@pytest.fixture(scope="module")
def _two(shared_monday) -> None:
    """A work order with everything one can search for, beside another one."""
    dana = make_dana()
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


@pytest.fixture
def found(_two, db) -> Callable[[str], list[str]]:
    """The numbers of those that a query finds."""
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
