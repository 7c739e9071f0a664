"""Files as they come: whatever is wrong with one is said by line and column, and nothing is
changed.
"""

import csv
import io
from itertools import product

import pytest
import time_machine

from tests.workorders.services.importing.import_files import (
    ANY_CELL,
    ANY_COLUMN,
    NOW,
    as_csv,
    errors,
    prepare,
    read_rows,
    sample,
    shipments,
    with_cell,
    work_orders,
)
from workorders.csv_files import safe_cell
from workorders.models import Account, Shipment, Site, WorkOrder
from workorders.services.importing import rejects_csv
from workorders.services.importing.work_orders import COLUMNS as WORK_ORDER_COLUMNS

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def _prepared(shared_rows):
    with time_machine.travel(NOW, tick=False):
        prepare()
        yield


def test_unknown_and_double_columns_are_named():
    content = as_csv(sample("shipments")).replace(b"number,kind", b"number,number,color,kind", 1)
    assert errors(shipments(content)) == [
        "line 1: number: this column appears twice",
        "line 1: color: this column is unknown",
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "line 1: the file is empty"),
        (b"\xef\xbb\xbf\r\n", "line 1: the file is empty"),
        ("\ufeff\n".encode("utf-16"), "line 1: the file is empty"),
        (b",,,\n\xc2\xa0,\n", "line 1: the file is empty"),
    ],
)
def test_a_file_that_is_no_csv_is_refused(content, said):
    assert errors(shipments(content)) == [said]


def test_what_is_partly_utf_8_is_refused_with_its_line():
    """Read as Windows-1252, the letters that are right would be wrong."""
    content = as_csv(sample("work_orders")).replace("München".encode(), b"M\xfcnchen", 1)
    line = content[: content.index(b"\xfc")].count(b"\n") + 1
    said = f"line {line}: the file is not UTF-8: it has byte 0xfc here; save it as CSV UTF-8"
    assert errors(work_orders(content)) == [said]


def test_an_open_quote_is_refused_with_the_line_where_its_row_begins():
    content = as_csv(sample("shipments"))
    assert errors(shipments(content + b'X-1,"open\nand on\n')) == [
        "line 13: the row cannot be read as CSV: unexpected end of data"
    ]


def test_a_byte_order_mark_another_order_of_columns_and_blank_lines_are_no_matter():
    columns = sorted(WORK_ORDER_COLUMNS)
    content = (
        b"\xef\xbb\xbf"
        + as_csv(sample("work_orders"), columns).replace(b"\r\n", b"\n")
        + b"\n,,,\n"
    )
    result = work_orders(content.replace(b"\n,,,\n", b"\n\n"))
    assert (result.errors, result.summary) == ((), "12 created, 0 updated, 0 unchanged")


def test_lines_are_those_of_the_file_also_after_a_cell_of_two_lines():
    rows = sample("work_orders")
    assert "\n" in rows[0]["description"]
    rows[1]["assigned_on"] = "2026-02-30"
    assert errors(work_orders(rows)) == ["line 4: assigned_on: '2026-02-30' is not a date"]


def test_too_few_and_too_many_cells_are_said():
    work_orders(sample("work_orders"))
    content = as_csv(sample("shipments")) + b"X-1,FSO\r\n" + b"X-2" + b"," * 13 + b"x\r\n"
    assert errors(shipments(content)) == [
        "line 13: the row has 2 cells, the header 13",
        "line 14: the row has 14 cells, the header 13",
    ]


def test_a_number_that_appears_twice_is_refused():
    rows = sample("work_orders")
    assert errors(work_orders([*rows, rows[0]])) == [
        "line 15: number: 'WO-00900001' is already on line 2"
    ]


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("assigned_on", "2026-02-30", "'2026-02-30' is not a date"),
        ("partner", "Nobody", "'Nobody' is unknown"),
        ("service_territory", "US-XX", "'US-XX' is unknown"),
        ("entitlement", "assure", "'assure' is unknown"),
    ],
)
def test_a_bad_cell_is_quoted_and_nothing_is_created(column, cell, said):
    rows = sample("work_orders")
    rows[2][column] = cell
    assert errors(work_orders(rows)) == [f"line 5: {column}: {said}"]
    assert WorkOrder.objects.count() == 0


def test_no_cell_brings_an_import_down():
    """Refused or taken, never an exception. Those that cannot be read do not come so far."""
    work_orders(sample("work_orders"))
    for column, cell in product(ANY_COLUMN, ANY_CELL):
        name, rows = with_cell(column, cell)
        if any(row.errors for row in read_rows(name, as_csv(rows))):
            continue
        try:
            result = (work_orders if name == "work_orders" else shipments)(rows, dry_run=True)
        except Exception as error:
            error.add_note(f"in {column}: {cell[:20]!r}")
            raise
        assert result.created + result.updated + result.unchanged + len(result.rejected) == 2


def test_all_errors_of_all_rows_are_told_at_once_and_nothing_is_changed():
    rows = sample("work_orders")
    rows[0]["assigned_on"] = "soon"
    rows[0]["country"] = "us"
    rows[4]["accepted_on"] = "2026-02-01"
    result = work_orders(rows)
    assert errors(result) == [
        "line 2: country: 'us' is not a country: two capital letters, such as US",
        "line 2: assigned_on: 'soon' is not a date: write YYYY-MM-DD",
        "line 7: accepted_on: The day must be from its assignment to today.",
    ]
    assert not result.saved
    assert (WorkOrder.objects.count(), Account.objects.count(), Site.objects.count()) == (0, 0, 0)


def test_a_dry_run_tells_what_would_happen_and_changes_nothing():
    result = work_orders(sample("work_orders"), dry_run=True)
    assert (result.summary, result.saved) == ("12 created, 0 updated, 0 unchanged", False)
    assert (WorkOrder.objects.count(), Site.objects.count()) == (0, 0)


def test_the_good_rows_can_be_taken_alone_and_the_rest_mended():
    rows = sample("work_orders")
    rows[2]["country"] = "Hawaii"
    rows[2]["subject"] = "=HYPERLINK(1)"
    result = work_orders(rows, good_rows_only=True)
    assert (result.summary, len(result.rejected)) == ("11 created, 0 updated, 0 unchanged", 1)
    rejects = list(csv.DictReader(io.StringIO(rejects_csv(result))))
    assert (
        rejects[0]["reason"]
        == "country: 'Hawaii' is not a country: two capital letters, such as US"
    )
    assert rejects[0]["subject"] == "'=HYPERLINK(1)"
    assert rejects[0]["poc_phone"] == "'+1 808 555 0116"
    rejects[0]["country"] = "US"
    assert work_orders(rejects).summary == "1 created, 0 updated, 0 unchanged"
    mended = WorkOrder.objects.get(number=rows[2]["number"])
    assert (mended.subject, mended.poc_phone) == ("=HYPERLINK(1)", "+1 808 555 0116")
    assert work_orders([*rows[:2], *rows[3:]]).summary == "0 created, 0 updated, 11 unchanged"


def test_a_rejected_row_leaves_nothing_behind_that_a_later_row_relies_on():
    """Both are at a new site; the first is refused after the site was made."""
    rows = [row for row in sample("work_orders") if row["site"] == "Pier 9 Lot"]
    rows[0]["accepted_on"] = "2026-02-01"
    result = work_orders(rows, good_rows_only=True)
    assert (result.created, len(result.rejected)) == (1, 1)
    assert Site.objects.get().work_orders.count() == 1


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "＝", "＋", "－", "＠", "|", "%", '"']
)
def test_no_cell_of_the_rejects_is_a_formula(start):
    assert safe_cell(f"{start}1") == f"'{start}1"
    assert safe_cell("Pier 9") == "Pier 9"


def test_shipments_of_a_file_that_fails_are_not_kept():
    work_orders(sample("work_orders"))
    rows = sample("shipments")
    rows[-1]["work_order"] = "WO-1"
    assert errors(shipments(rows)) == ["line 12: work_order: there is no work order 'WO-1'"]
    assert Shipment.objects.count() == 0
