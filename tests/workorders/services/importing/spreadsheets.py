"""Files as spreadsheets of many countries save them, made from the project's own samples."""

import codecs
import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

from openpyxl import Workbook

from tests.workorders.services.importing.import_files import Rows, sample

WORK_ORDERS = [row for row in sample("work_orders") if row["city"] == "München"]
HEADINGS = list(WORK_ORDERS[0])
DATES = ("assigned_on", "accepted_on")
NBSP = "\xa0"
# by which values the parts of a workbook are changed afterwards
Patch = Callable[[str], str]


def grid(rows: Rows | None = None) -> list[list[str]]:
    """The headings and the cells."""
    rows = WORK_ORDERS if rows is None else rows
    return [HEADINGS, *([row[column] for column in HEADINGS] for row in rows)]


def text(cells: list[list[str]] | None = None, separator: str = ",", **options: Any) -> str:
    content = io.StringIO(newline="")
    csv.writer(content, delimiter=separator, **options).writerows(cells or grid())
    return content.getvalue()


def with_cell(column: str, cell: Any) -> list[list[Any]]:
    """The sheet with another cell in its first row."""
    cells: list[list[Any]] = grid()
    cells[1] = [
        cell if name == column else each for name, each in zip(HEADINGS, cells[1], strict=True)
    ]
    return cells


def in_one_row(**values: str) -> str:
    """CSV of the first row, with other cells."""
    return text(grid([WORK_ORDERS[0] | values]))


def in_windows(plain: str) -> bytes:
    return plain.encode("cp1252")


def in_utf_16(plain: str, order: str = "le", *, mark: bool = True) -> bytes:
    marks = {"le": codecs.BOM_UTF16_LE, "be": codecs.BOM_UTF16_BE}
    return (marks[order] if mark else b"") + plain.encode(f"utf-16-{order}")


def typed() -> list[list[Any]]:
    """The cells as a workbook has them: days as dates, serials and codes as numbers."""
    cells: list[list[Any]] = grid()
    for row in cells[1:]:
        for position, column in enumerate(HEADINGS):
            if column in DATES and row[position]:
                row[position] = dt.date.fromisoformat(row[position])
            elif column in ("station_serial", "postal_code"):
                row[position] = int(row[position])
    return cells


def saved(book: Workbook) -> bytes:
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def workbook(cells: list[list[Any]] | None = None, *, at: str = "A1") -> bytes:
    book = Workbook()
    fill(book.active, cells or grid(), at)
    return saved(book)


def fill(sheet: Any, cells: list[list[Any]], at: str = "A1") -> None:
    first = sheet[at]
    for line, row in enumerate(cells, start=first.row):
        for position, value in enumerate(row, start=first.column):
            cell = sheet.cell(line, position, value if value != "" else None)
            if isinstance(value, str) and not value.startswith("=="):
                cell.data_type = "s"


def patched(content: bytes, name: str, patch: Patch) -> bytes:
    """The workbook with one of its parts changed."""
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(changed, "w") as new:
        for part in old.namelist():
            whole = old.read(part)
            new.writestr(part, patch(whole.decode()).encode() if part == name else whole)
    return changed.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def with_formula(column: str, formula: str, stored: str, kind: str = "") -> bytes:
    """A workbook whose first row has a formula in this column, with what was stored for it."""
    content = workbook(with_cell(column, "@HERE@"))
    shared = "<f>" + formula + "</f>" + stored

    def patch(xml: str) -> str:
        start = xml.index("@HERE@")
        begin, end = xml.rindex("<c ", 0, start), xml.index("</c>", start)
        reference = xml[begin:end].split('r="')[1].split('"')[0]
        kind_of = f' t="{kind}"' if kind else ""
        return f'{xml[:begin]}<c r="{reference}"{kind_of}>{shared}{xml[end:]}'

    return patched(content, SHEET, patch)


SHARED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
SHARED_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"


def with_shared_texts() -> bytes:
    """As Excel writes it: each text once, in a part of its own."""
    content, texts = workbook(), []

    def shared(found: re.Match[str]) -> str:
        texts.append(found[1])
        return f't="s"><v>{len(texts) - 1}</v></c>'

    def sheet(xml: str) -> str:
        return re.sub(r't="inlineStr"><is>(.*?)</is></c>', shared, xml, flags=re.DOTALL)

    def relation(xml: str) -> str:
        part = f'<Relationship Id="rId99" Type="{SHARED}" Target="sharedStrings.xml"/>'
        return xml.replace("</Relationships>", f"{part}</Relationships>")

    def kind(xml: str) -> str:
        part = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{SHARED_TYPE}"/>'
        return xml.replace("</Types>", f"{part}</Types>")

    content = patched(content, SHEET, sheet)
    content = patched(content, "xl/_rels/workbook.xml.rels", relation)
    content = patched(content, "[Content_Types].xml", kind)
    whole = io.BytesIO(content)
    namespace = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    items = "".join(f"<si>{each}</si>" for each in texts)
    with zipfile.ZipFile(whole, "a") as parts:
        parts.writestr("xl/sharedStrings.xml", f"<sst {namespace}>{items}</sst>")
    return whole.getvalue()
