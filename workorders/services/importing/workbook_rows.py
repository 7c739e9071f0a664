"""The rows of a workbook (.xlsx): of its first visible sheet, with the values that it shows."""

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator
from itertools import repeat
from typing import Any, cast

import openpyxl
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from workorders.folding import is_blank
from workorders.services.importing.cells import DateCell, FaultyCell
from workorders.services.importing.csv_rows import NumberedRow, RawRows
from workorders.services.importing.results import FileError, RowError

MAX_UNPACKED = 50_000_000  # bytes
MAX_OTHER_PART = 5_000_000  # of what is read as a whole: styles, names, relations
MAX_ROWS = 100_000
MAX_COLUMNS = 200
LAST_ROW = 1_048_576  # of any sheet
EXACT = 10**15  # spreadsheets keep fifteen digits of a number

_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_IN_ROWS = re.compile(r"(?i)/?xl/(worksheets/|sharedStrings|media/|drawings/)")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_ZEROS = re.compile("0+")  # the number format 00000, which shows 2139 as 02139


def is_workbook(content: bytes) -> bool:
    """Raises FileError for workbooks that nobody but Excel can read."""
    if content.startswith(_OLD_EXCEL):
        message = "the file is an old Excel file (.xls) or has a password: save it as .xlsx"
        raise FileError(RowError(1, "", message))
    return content.startswith(_ZIP)


def workbook_rows(content: bytes) -> RawRows:
    """Raises FileError for what is no workbook, or too large a one."""
    try:
        has_formulas = _checked(content)
        sheet = _first_sheet(content, data_only=True)
        formulas = _first_sheet(content, data_only=False) if has_formulas else None
        return RawRows(_rows(sheet, formulas))
    except FileError:
        raise
    except Exception as error:  # a damaged file may raise anything
        raise _unreadable() from error


def _unreadable() -> FileError:
    message = "the file cannot be read as a workbook (.xlsx): open it and save it once more"
    return FileError(RowError(1, "", message))


def _checked(content: bytes) -> bool:
    """Whether any sheet holds a formula. Unpacks nothing that would be too large."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        infos = parts.infolist()
        others = [info.file_size for info in infos if not _IN_ROWS.match(info.filename)]
        if sum(info.file_size for info in infos) > MAX_UNPACKED or max(others, default=0) > (
            MAX_OTHER_PART
        ):
            size = f"more than {MAX_UNPACKED // 1_000_000} MB once it is unpacked"
            message = f"the workbook has {size}: split it, or save it as CSV UTF-8"
            raise FileError(RowError(1, "", message))
        if "[Content_Types].xml" not in parts.namelist():
            message = "the file is no workbook (.xlsx): save it as .xlsx or as CSV UTF-8"
            raise FileError(RowError(1, "", message))
        sheets = [info for info in infos if "/worksheets/" in info.filename.lower()]
        return any(_FORMULA.search(parts.read(info)) for info in sheets)


def _first_sheet(content: bytes, *, data_only: bool) -> Any:
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=data_only)
    sheets = [
        sheet
        for sheet in book.worksheets  # charts among them
        if isinstance(sheet, ReadOnlyWorksheet) and sheet.sheet_state == "visible"
    ]
    if not sheets:
        raise FileError(RowError(1, "", "the workbook has no visible sheet"))
    sheets[0].reset_dimensions()  # which some programs write wrongly
    return sheets[0]


def _rows(sheet: Any, formulas: Any) -> Iterator[NumberedRow]:
    found = 0
    entered = formulas.iter_rows() if formulas else repeat(())
    shown = sheet.iter_rows()
    try:
        for line, (row, with_formulas) in enumerate(zip(shown, entered, strict=False), start=1):
            if line > LAST_ROW:
                raise FileError(RowError(line, "", "no sheet has as many rows"))
            cells = list(_cells(row[:MAX_COLUMNS], with_formulas))
            if all(map(is_blank, cells)):
                continue
            found += 1
            if found > MAX_ROWS + 1:  # with the headings
                message = f"the sheet has more than {MAX_ROWS:,} rows: split it"
                raise FileError(RowError(line, "", message))
            yield line, cells
    except FileError:
        raise
    except Exception as error:  # of what the file holds, not of who reads the rows
        raise _unreadable() from error


def _cells(row: tuple[Any, ...], with_formulas: tuple[Any, ...]) -> Iterator[str]:
    for position, cell in enumerate(row):
        if cell.value is None:
            is_text = cell.data_type == "str"  # a formula that has yielded an empty text
            entered = with_formulas[position : position + 1]
            is_formula = bool(entered) and entered[0].data_type == "f"
            yield _faulty(entered[0]) if is_formula and not is_text else ""
        else:
            yield _text(cell)


def _faulty(cell: Any) -> FaultyCell:
    faulty = FaultyCell("#VALUE!")
    faulty.formula = str(getattr(cell.value, "text", cell.value) or "=")
    return faulty


def _text(cell: Any) -> str:
    """The value as a CSV file would hold it, so that both are read alike."""
    value = cell.value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, dt.datetime):
        has_time = value.time() != dt.time()
        return DateCell(value.isoformat(" ") if has_time else value.date().isoformat())
    if isinstance(value, dt.date | dt.time | dt.timedelta):
        return DateCell(str(value))
    if isinstance(value, int | float):
        return _digits(value, cast(str, cell.number_format or ""))
    return str(value)


def _digits(value: float, number_format: str) -> str:
    if abs(value) >= EXACT:
        return f"{float(value):.14E}"
    if value != int(value):
        return str(value)
    return str(int(value)).zfill(len(number_format) if _ZEROS.fullmatch(number_format) else 0)
