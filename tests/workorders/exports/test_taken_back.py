"""What is exported in the columns of the import is taken back unchanged: as a workbook, and as CSV
with each separator. Nothing in it starts a formula, whatever it is opened with.
"""

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterator
from typing import Any

import openpyxl
import pytest
import time_machine

from tests.factories import make_dana
from tests.workorders.services.importing.import_files import (
    NOW,
    errors,
    prepare,
    sample,
    shipments,
    work_orders,
)
from tests.workorders.test_csv_files import starts_a_formula
from workorders.csv_files import SEPARATORS
from workorders.exports import workbooks
from workorders.exports.files import CSV, XLSX, chunks
from workorders.exports.for_import import (
    SHIPMENT_COLUMNS,
    WORK_ORDER_COLUMNS,
    shipment_import_rows,
    work_order_import_rows,
)
from workorders.exports.workbooks import workbook_chunks
from workorders.models import LineItem, Shipment, Site, WorkOrder
from workorders.services import parts_received
from workorders.services.importing import ImportResult, rejected_rows, rejects_csv
from workorders.services.importing.shipments import COLUMNS as OF_SHIPMENTS
from workorders.services.importing.work_orders import COLUMNS as OF_WORK_ORDERS

pytestmark = pytest.mark.django_db
NASTY = {
    "subject": "=1+1;-2,@x | 5' cable",
    "description": "- first\r\n- second; =A1\r\n\t+3 “quoted”",
    "access_notes": "'=SUM(A1)\n''s-Gravenhage, \"=1\"",
    "poc_name": "'s Jacob",
}
FORMATS = [(CSV, separator) for separator in SEPARATORS.values()] + [(XLSX, "")]


@pytest.fixture(scope="module", autouse=True)
def _filled(shared_rows):
    """The samples; a work order and its account with whatever a person may type; a delivery that
    the partner has reported.
    """
    with time_machine.travel(NOW, tick=False):
        prepare()
        work_orders(sample("work_orders"))
        shipments(sample("shipments"))
        WorkOrder.objects.filter(number="WO-00900001").update(**NASTY)
        LineItem.objects.filter(work_order__number="WO-00900001", number=1).update(
            description="=Lock | tag\\"
        )
        site = Site.objects.get(name="Pier 9 Lot")
        site.name = "+Pier 9;=Lot"
        site.save()
        row = WorkOrder.objects.get(number="WO-00900004")
        parts_received(row, numbers=["FSO-0900003"], on=dt.date(2026, 3, 4), by=make_amped_person())
        yield


def make_amped_person() -> Any:
    dana = make_dana()
    dana.partner = WorkOrder.objects.get(number="WO-00900004").partner
    dana.save(update_fields=["partner"])
    return dana


def exported() -> Iterator[tuple[Callable[..., ImportResult], list[list[str]]]]:
    yield work_orders, list(work_order_import_rows(WorkOrder.objects.all()))
    yield shipments, list(shipment_import_rows(Shipment.objects.all()))


def test_the_columns_are_those_of_the_import():
    assert list(OF_WORK_ORDERS) == WORK_ORDER_COLUMNS
    assert list(OF_SHIPMENTS) == SHIPMENT_COLUMNS


@pytest.mark.parametrize(("ending", "separator"), FORMATS)
def test_an_export_is_taken_back_unchanged(ending, separator):
    for (run, rows), count in zip(exported(), (12, 11), strict=True):
        content = b"".join(chunks(rows, ending, separator))
        result = run(content, dry_run=True)
        assert errors(result) == []
        assert result.summary == f"0 created, 0 updated, {count} unchanged"


def cells_of(content: bytes, ending: str, opened: str) -> list[str]:
    if ending == XLSX:
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active
        kinds = {cell.data_type for row in sheet.rows for cell in row if cell.value is not None}
        assert kinds == {"s"}
        return [str(cell or "") for row in sheet.values for cell in row]
    text = content.decode("utf-8-sig")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=opened)
    return [cell for row in reader for cell in row]


@pytest.mark.parametrize(("ending", "separator"), FORMATS)
@pytest.mark.parametrize("opened", SEPARATORS.values())
def test_nothing_in_it_starts_a_formula(ending, separator, opened):
    for _, rows in exported():
        content = b"".join(chunks(rows, ending, separator))
        assert content.startswith(b"PK" if ending == XLSX else b"\xef\xbb\xbf")
        cells = cells_of(content, ending, opened)
        assert len(cells) >= 12
        assert [cell for cell in cells if starts_a_formula(cell)] == []


def test_a_computed_delivery_and_a_partners_report_stay_what_they_are():
    headings, *rows = shipment_import_rows(Shipment.objects.all())
    shipment = Shipment.objects.get(number="FSO-0900003")
    assert (shipment.status, shipment.edd_is_computed) == ("delivered", True)
    (row,) = [dict(zip(headings, row, strict=True)) for row in rows if row[0] == shipment.number]
    names = ("status", "estimated_delivery_on", "delivered_on")
    assert [row[name] for name in names] == ["shipped", "", ""]


def rejects_of(result: ImportResult) -> Iterator[list[str]]:
    return rejected_rows(result.columns, result.rejected)


@pytest.mark.parametrize(("ending", "separator"), FORMATS)
def test_rejects_are_taken_back_unchanged(ending, separator):
    """As they are they are rejected for the same; corrected in one cell they are imported."""
    typed = NASTY | {"description": "- first\n- second", "time_zone": "UTC"}
    rows = [row | typed for row in sample("work_orders")[:2]]
    headings, *rejected = rejects_of(work_orders(rows, dry_run=True, good_rows_only=True))
    again = work_orders(b"".join(chunks([headings, *rejected], ending, separator)), dry_run=True)
    assert list(rejects_of(again)) == [headings, *rejected]
    new = {"time_zone": "America/Los_Angeles", "number": "WO-1", "site": "+Pier 9;=Lot"}
    mended = [dict(zip(headings, rejected[0], strict=True)) | new]
    content = chunks([headings, *(list(row.values()) for row in mended)], ending, separator)
    result = work_orders(b"".join(content), dry_run=True)
    assert errors(result) == []
    values = {field.field: field.new for field in result.changes[0].fields}
    assert (values["poc_name"], values["subject"]) == ("'s Jacob", NASTY["subject"])
    # which came in without the apostrophe that an export might have put there
    assert values["access_notes"] == NASTY["access_notes"][1:]


def test_rejects_have_the_separator_of_the_file():
    rows = [row | {"time_zone": "UTC"} for row in sample("work_orders")[:2]]
    content = b"".join(chunks([list(rows[0]), *(list(row.values()) for row in rows)], CSV, ";"))
    text = rejects_csv(work_orders(content, dry_run=True))
    assert text.startswith('\ufeff"number";"case_number";')


def test_a_workbook_is_sent_while_it_is_written(monkeypatch):
    """The first piece is there before the last row is asked for."""
    asked: list[int] = []

    def rows() -> Iterator[list[str]]:
        yield ["a", "b"]
        for number in range(1000):
            asked.append(number)
            yield [f"x{number}\r\ny\x07\ufffe", ""]

    pieces = workbook_chunks(rows())
    assert next(pieces)
    assert len(asked) < 500
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join([b"", *workbook_chunks(rows())]))).active
    assert (sheet.max_row, sheet["A2"].value, sheet["B2"].value) == (1001, "x0\ny", None)
    assert {sheet["A2"].number_format, sheet["B2"].number_format} == {"@"}
    monkeypatch.setattr(workbooks, "MAX_SHEET", 400)
    book = openpyxl.load_workbook(io.BytesIO(b"".join(workbook_chunks(rows()))))
    sizes = [(sheet.max_row, sheet["A1"].value) for sheet in book.worksheets]
    assert sizes == [(401, "a"), (401, "a"), (201, "a")]


def test_what_is_too_long_for_a_cell_is_cut_and_not_imported():
    rows = list(work_order_import_rows(WorkOrder.objects.filter(number="WO-00900002")))
    rows[1][WORK_ORDER_COLUMNS.index("line_items")] = "|".join(["x" * 299] * 200)
    wrong = work_orders(b"".join(chunks(rows, XLSX, "")), dry_run=True)
    said = "is cut: a cell of a workbook was too small for it"
    assert errors(wrong) == [f"line 2: line_items: {said}"]
    assert errors(work_orders(b"".join(chunks(rows, CSV, ";")), dry_run=True)) == []
