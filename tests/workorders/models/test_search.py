"""Work orders that a search finds, in any spelling, among two that all tests share."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import connection
from django.db.models import Q

from tests.factories import (
    book_on,
    make_accepted,
    make_dana,
    make_site,
    make_tess,
    make_work_order,
    ship,
)
from workorders.models import ShipmentPart, WorkOrder
from workorders.models.queries import SEARCH_LENGTH
from workorders.models.searching import is_typo_of, searchable


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
    assert found(query) == (["WO-00200777"] if searchable(query) == "00200777" else [])


@pytest.mark.parametrize(
    ("text", "folded"), [("\u210cotel", "hotel"), ("Straße", "strasse"), ("İzmir", "izmir")]
)
def test_fold_twice_is_fold_once(text, folded):
    assert searchable(searchable(text)) == searchable(text) == folded


def test_search_for_nothing_finds_all_and_for_nonsense_nothing(found):
    queries = ["", "   ", "\0", "x" * 10_000, "a " * 5_000, "ﷺ" * 200]
    assert [len(found(query)) for query in queries] == [2, 2, 0, 0, 0, 0]
    assert found("WO-0020\x000777") == ["WO-00200777"]
    assert found("a " * (SEARCH_LENGTH // 2)) == found("a")


def test_search_stays_within_what_is_visible(found, omar):
    assert WorkOrder.objects.visible_to(omar).search("WO-00200777").count() == 0


# --- What belongs to a work order
@pytest.fixture(scope="module")
def _full(shared_monday) -> None:
    """Accepted work with a technician booked, a part under way, and words that others lack."""
    dana = make_dana()
    site = make_site(
        "Parkhaus Werksviertel",
        "Alpenland Parkraum",
        street="171 Liberty Lane",
        postal_code="81671",
        city="München",
        time_zone="Europe/Berlin",
    )
    row = make_accepted(
        dana,
        number="WO-00200778",
        case_number="40000399",
        subject="Replace charging cable - CP6000",
        site=site,
        poc_email="celeste@site.example",
    )
    row.station.location_note = "Level P1, bay 12"
    row.station.save()
    shipment = ship(row, "FSO-000000570", estimated_delivery_on=dt.date(2026, 3, 4))
    shipment.parts.create(part_number="PWR-MOD-31", quantity=1)
    tess = make_tess()
    book_on(row, tess)
    make_accepted(dana, subject="Install modem", poc_name="Priya")


@pytest.fixture
def found_in_full(_full, db) -> Callable[[str], list[str]]:
    return lambda query: [row.number for row in WorkOrder.objects.search(query)]


@pytest.mark.parametrize(
    "query",
    [
        *("Tess", "tess cable", "celeste@site.example", "Celeste@Site.Example"),
        *("171 Liberty", "liberty lane", "81671", "level P1", "bay 12", "PWR-MOD-31", "pwr-mod-31"),
        *("WO-200778", "wo200778", "FSO-570", "case 40000399", "Case 400003"),
        *("München", "Munich", "Muenchen", "munchen", "MUENCHEN cable"),
    ],
)
def test_search_finds_what_belongs_to_the_work(found_in_full, query):
    assert found_in_full(query) == ["WO-00200778"]


@pytest.mark.parametrize(
    "query", ["Robin", "PWR-MOD", "WO-778", "someone@site.example", "level P2"]
)
def test_search_finds_nothing_by_halves(found_in_full, query):
    assert found_in_full(query) == []


@pytest.mark.parametrize(
    ("typed", "is_one"),
    [
        *(("replcae", True), ("replac", True), ("replaace", True), ("raplace", True)),
        *(("eplace", True), ("replaces", True), ("erplace", True), ("replace", True)),
        *(("relpcae", False), ("repla", False), ("place", False), ("replacings", False)),
    ],
)
def test_one_letter_may_be_wrong(typed, is_one):
    assert is_typo_of(typed, "replace") is is_one


@pytest.mark.parametrize("query", ["chargin werksviertle", "Werksveirtel", "munchn", "WO-00200788"])
def test_a_search_with_one_typo_in_a_word_finds_it(found_in_full, query):
    assert found_in_full(query) == []
    rows = WorkOrder.objects.search_with_a_typo(query)
    assert [row.number for row in rows] == ["WO-00200778"]


@pytest.mark.every_database
@pytest.mark.usefixtures("_full")
def test_a_search_looks_up_what_belongs_to_the_work_by_an_index(db):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        for query, index in (
            ("celeste@site.example", "work_order_by_poc_email"),
            ("PWR-MOD-31", "shipment_part_by_number"),
        ):
            rows = WorkOrder.objects.filter(Q(poc_email=query))
            if "@" not in query:
                rows = ShipmentPart.objects.filter(part_number=query)
            assert index in rows.order_by().explain()
        if connection.vendor == "postgresql":
            found = WorkOrder.objects.filter(search_text__contains="liberty").order_by()
            assert "work_order_search_text" in found.explain()


@pytest.mark.parametrize("query", ["M6K 3P6", "m6k3p6", "3P6", "M6K", "M6K3"])
def test_postal_code_with_a_blank_is_found(db, query):
    row = make_work_order(site=make_site("Liberty Village", postal_code="M6K 3P6"))
    make_work_order(site=make_site("Elsewhere", postal_code="M5V 2T6"))
    assert list(WorkOrder.objects.search(query)) == [row]
