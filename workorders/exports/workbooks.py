"""Rows as a workbook (.xlsx), sent while it is written: it is never in memory as a whole.

Every cell is a text, so that no spreadsheet changes what it holds. openpyxl makes all of the
workbook but its rows, which it would write thirty times as slowly.
"""

import io
import itertools
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from workorders.csv_files import CUT, safe_cell

MAX_CELL = 32_767  # characters
MAX_SHEET = 1_000_000  # rows below the headings; more go to further sheets
BATCH = 200  # rows sent at once
WIDTH = 18  # of a column, in characters
AS_TEXT = "@"  # the format of a cell in which what is typed stays what it is

_LINE_BREAK = re.compile(r"\r\n?")
_NOT_XML = re.compile("[\ufffe\uffff]")
_NO_ROWS = re.compile("<sheetData ?(?:/>|></sheetData>)")
_SHEET = "xl/worksheets/sheet{}.xml"

TextRow = Sequence[str]


def workbook_chunks(rows: Iterable[TextRow]) -> Iterator[bytes]:
    """The workbook, piece by piece; `rows` begins with the headings."""
    every = iter(rows)
    headings = next(every, [])
    sent = _Sent()
    with zipfile.ZipFile(sent, "w", zipfile.ZIP_DEFLATED) as book:
        head, tail = _NO_ROWS.split(_parts(len(headings), 1)[_SHEET.format(1)].decode())
        first = next(every, None)
        for number in itertools.count(1):
            below = itertools.islice(every, MAX_SHEET - 1)
            numbered = enumerate(itertools.chain([headings], [first] if first else [], below), 1)
            with book.open(_SHEET.format(number), "w") as sheet:
                sheet.write(f"{head}<sheetData>".encode())
                while batch := list(itertools.islice(numbered, BATCH)):
                    sheet.write("".join(_row(line, row) for line, row in batch).encode())
                    yield sent.taken()
                sheet.write(f"</sheetData>{tail}".encode())
            first = next(every, None)
            if first is None:
                break
        for name, content in _parts(len(headings), number).items():
            if name not in book.namelist():
                book.writestr(name, content)
    yield sent.taken()


class _Sent(io.RawIOBase):
    """What the workbook is written to; it keeps what has not been taken yet."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: bytes) -> int:  # type: ignore[override]
        self.pieces.append(bytes(piece))
        return len(piece)

    def taken(self) -> bytes:
        whole, self.pieces = b"".join(self.pieces), []
        return whole


def _parts(width: int, sheets: int) -> dict[str, bytes]:
    """The files of a workbook with so many columns and sheets, and no row."""
    book = Workbook()
    for number in range(1, sheets + 1):
        sheet = book.active if number == 1 else book.create_sheet()
        sheet.title, sheet.freeze_panes = f"Sheet{number}", "A2"
        for position in range(1, width + 1):
            column = sheet.column_dimensions[get_column_letter(position)]
            column.width, column.number_format = WIDTH, AS_TEXT
    content = io.BytesIO()
    book.save(content)
    with zipfile.ZipFile(content) as parts:
        return {name: parts.read(name) for name in parts.namelist()}


def _row(line: int, row: TextRow) -> str:
    cells = (f"{get_column_letter(n)}{line}" for n in range(1, len(row) + 1))
    return f'<row r="{line}">{"".join(map(_cell, cells, row))}</row>'


def _cell(reference: str, cell: str) -> str:
    """In the style 1, the only one besides the usual: a text."""
    if not cell:
        return f'<c r="{reference}" s="1"/>'
    text = safe_cell(_NOT_XML.sub("", _LINE_BREAK.sub("\n", cell)))
    if len(text) > MAX_CELL:
        text = text[: MAX_CELL - len(CUT)] + CUT
    shown = f'<t xml:space="preserve">{escape(text)}</t>'
    return f'<c r="{reference}" s="1" t="inlineStr"><is>{shown}</is></c>'
