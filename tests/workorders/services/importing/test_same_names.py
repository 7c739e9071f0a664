"""Numbers, accounts, sites and serials are those that look the same; where two do, both are named.

Twins are from before that was asked: they stay, and each is found by its own spelling.
"""

import pytest
import time_machine

from tests.workorders.services.importing.import_files import (
    NOW,
    errors,
    prepare,
    sample,
    shipments,
    work_orders,
)
from workorders.exports.for_import import shipment_import_rows, work_order_import_rows
from workorders.models import Account, Shipment, Site, Station, WorkOrder

pytestmark = [pytest.mark.django_db, pytest.mark.no_waits]
FIRST = sample("work_orders")[0]
COUNTED = (Account, Site, Station, WorkOrder, Shipment)


@pytest.fixture(scope="module", autouse=True)
def _imported(shared_rows):
    with time_machine.travel(NOW, tick=False):
        prepare()
        work_orders(sample("work_orders"))
        shipments(sample("shipments"))
        yield


def counts() -> list[int]:
    return [model.objects.count() for model in COUNTED]


SPELLINGS = {
    "number": "wo-00900001",
    "account": "harborlight\xa0 STORAGE",
    "site": "Pier\u200b 9 lot",
    "station_serial": " 9900 0000 0101 ",
}


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize("column", SPELLINGS)
def test_a_name_in_another_spelling_is_the_same(column, dry_run):
    before = counts()
    result = work_orders([FIRST | {column: SPELLINGS[column]}], dry_run=dry_run)
    assert (errors(result), result.summary) == ([], "0 created, 0 updated, 1 unchanged")
    assert counts() == before


def test_shipments_are_found_in_another_spelling():
    rows = [
        row | {"number": row["number"].lower(), "work_order": f"{row['work_order'].lower()} "}
        for row in sample("shipments")
    ]
    for dry_run in (True, False):
        result = shipments(rows, dry_run=dry_run)
        assert (errors(result), result.summary) == ([], "0 created, 0 updated, 11 unchanged")


def test_new_names_are_the_same_within_a_file():
    new = {"account": "Bolt & Co", "site": "Yard", "station_serial": "SN-1"}
    other = {"account": "BOLT &  CO", "site": "yard", "station_serial": "sn-1"}
    rows = [FIRST | new | {"number": "WO-1"}, FIRST | other | {"number": "WO-2"}]
    for dry_run in (True, False):
        result = work_orders(rows, dry_run=dry_run)
        assert (errors(result), result.created) == ([], 2)
    assert [row.station.serial for row in WorkOrder.objects.order_by("-pk")[:2]] == ["SN-1", "SN-1"]
    again = [rows[0], rows[0] | {"number": "wo-1"}]
    assert errors(work_orders(again)) == ["line 4: number: 'wo-1' is already on line 2"]


@pytest.fixture
def twins() -> None:
    """As they could come into being before."""
    account = Account.objects.create(name="HARBORLIGHT storage")
    first = Site.objects.get(name="Pier 9 Lot")
    values = {"street": "1 A St", "city": "Oakland", "country": "US", "time_zone": first.time_zone}
    Site.objects.create(account=first.account, name="PIER 9 LOT", **values)
    Site.objects.create(account=account, name="Pier 9 Lot", **values)
    Station.objects.create(site=first, serial="9900 00000101", model="CP6000")
    row = WorkOrder.objects.get(number=FIRST["number"])
    row.pk, row.number = None, "Wo-00900001"
    row.save(force_insert=True)


TWINS = {
    "account": ("harborlight storage", "'Harborlight Storage' or 'HARBORLIGHT storage'"),
    "site": ("pier 9 lot", "'Pier 9 Lot' or 'PIER 9 LOT'"),
    "number": ("wo-00900001", "'WO-00900001' or 'Wo-00900001'"),
}


@pytest.mark.usefixtures("twins")
@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize("column", TWINS)
def test_a_name_that_may_be_two_is_an_error_that_names_both(column, dry_run):
    cell, names = TWINS[column]
    said = f"line 2: {column}: '{cell}' may be {names}: write it as one of them"
    assert errors(work_orders([FIRST | {column: cell}], dry_run=dry_run)) == [said]


@pytest.mark.usefixtures("twins")
def test_a_serial_that_may_be_two_is_an_error_that_names_both():
    said = "'990 000000101' may be '990000000101' or '9900 00000101': write it as one of them"
    wrong = work_orders([FIRST | {"station_serial": "990 000000101"}])
    assert errors(wrong) == [f"line 2: station_serial: {said}"]


@pytest.mark.usefixtures("twins")
def test_a_shipment_of_a_work_order_that_may_be_two_is_an_error():
    row = sample("shipments")[0]
    said = "'wo-00900001' may be 'WO-00900001' or 'Wo-00900001': write it as one of them"
    wrong = shipments([row | {"work_order": "wo-00900001"}])
    assert errors(wrong) == [f"line 2: work_order: {said}"]


@pytest.mark.usefixtures("twins")
def test_twins_are_found_by_their_own_spelling():
    """So an export is taken back unchanged, whatever is there."""
    for rows, run in [
        (work_order_import_rows(WorkOrder.objects.exclude(number="Wo-00900001")), work_orders),
        (shipment_import_rows(Shipment.objects.all()), shipments),
    ]:
        columns, *cells = rows
        result = run([dict(zip(columns, row, strict=True)) for row in cells])
        assert (errors(result), result.created, result.updated) == ([], 0, 0)


ZIPS = [
    ("US", "2139", "5"),
    ("US", "2139-1234", "5"),
    ("DE", "1067", "5"),
    ("NO", "150", "4"),
    ("AU", "800", "4"),
    ("FR", "1000", "5"),
]


@pytest.mark.parametrize(("country", "code", "digits"), ZIPS)
def test_a_postal_code_without_its_zeros_is_refused_by_the_length_of_its_country(
    country, code, digits
):
    (said,) = errors(work_orders([FIRST | {"country": country, "postal_code": code}]))
    reason = f"'{code}' has lost zeros at its start to a spreadsheet"
    assert said == (
        f"line 2: postal_code: {reason}: a postal code of {country} has {digits} digits"
    )


@pytest.mark.parametrize(
    ("country", "code"),
    [("US", "02139"), ("US", "02139-1234"), ("CH", "8001"), ("GB", "SW1A 1AA"), ("CA", "M5V 2T6")],
)
def test_another_postal_code_is_taken(country, code):
    row = FIRST | {"country": country, "postal_code": code, "number": "WO-9", "site": "Elsewhere"}
    assert errors(work_orders([row | {"station_serial": "X9"}])) == []
