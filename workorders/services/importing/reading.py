"""Reads a file into rows with their line numbers, or finds everything wrong with it.

A CSV file or a workbook, with the headings in any order and case. Columns without a heading may
stand anywhere as long as they are empty.
"""

import functools
from collections.abc import Mapping
from typing import Any, BinaryIO, NamedTuple

from workorders.folding import is_blank
from workorders.services.importing.cells import CellError, Parser, cleaned, shown
from workorders.services.importing.csv_rows import RawRows, csv_rows, heading
from workorders.services.importing.progress import Progress
from workorders.services.importing.results import FileError, RowError
from workorders.services.importing.workbook_rows import is_workbook, workbook_rows

MAX_BYTES = 50_000_000
MOST_ERRORS = 100_000
READ = 1000  # rows after which the progress is told
KEPT = 10_000  # cells
REASON = "reason"  # a file of rejected rows may come back with this column


class Row(NamedTuple):
    """A row: the line it starts on, its cells, their values by column, and its errors."""

    line: int
    cells: list[str]
    values: dict[str, Any]
    errors: list[RowError]


class FileRows(NamedTuple):
    """What a file holds: the names of its columns, "" for none, and the rows below them."""

    header: list[str]
    rows: list[Row]
    separator: str
    notes: tuple[str, ...]


def opened(file: BinaryIO, columns: Mapping[str, Parser]) -> tuple[list[str], RawRows]:
    """The header, and the rows after it as they stand in the file.

    Raises FileError when the file cannot be read or its columns are wrong.
    """
    content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        message = f"the file is larger than {MAX_BYTES // 1_000_000} MB; split it"
        raise FileError(RowError(1, "", message))
    is_ragged = is_workbook(content)  # it leaves out cells that are empty
    raw = workbook_rows(content) if is_ragged else csv_rows(content, {*columns, REASON})
    header = _header(raw, columns)
    fitted = ((line, _fitted(cells, len(header), is_ragged)) for line, cells in raw.rows)
    return header, raw._replace(rows=fitted)


def read(
    file: BinaryIO, columns: Mapping[str, Parser], progress: Progress | None = None
) -> FileRows:
    """The header and all rows after it.

    Raises FileError when the file cannot be read, its columns are wrong, or hardly anything in it
    is right.
    """
    header, raw = opened(file, columns)
    parsers = {column: _once_for_each(parser) for column, parser in columns.items()}
    seen: dict[str, str] = {}
    rows, errors = [], 0
    for line, cells in raw.rows:
        same = [_as_seen(cell, seen) for cell in cells]
        rows.append(_parsed(Row(line, same, {}, []), header, parsers))
        errors += len(rows[-1].errors)
        if errors > MOST_ERRORS:
            message = f"there are more than {MOST_ERRORS:,} errors up to here: put them right first"
            raise FileError(RowError(line, "", message))
        if progress and len(rows) % READ == 0:
            progress.read(len(rows))
    return FileRows(header, rows, raw.separator, raw.notes)


def _once_for_each(parser: Parser) -> Parser:
    """Most columns hold few cells again and again: each is parsed, and kept, once."""
    return functools.lru_cache(KEPT, typed=True)(lambda cell: parser(cleaned(cell)))


def _as_seen(cell: str, seen: dict[str, str]) -> str:
    """The same cell as an earlier one, where that says the same."""
    if type(cell) is not str:
        return cell
    return seen.setdefault(cell, cell) if len(seen) < KEPT else seen.get(cell, cell)


def _header(raw: RawRows, columns: Mapping[str, Parser]) -> list[str]:
    line, cells = next(raw.rows, (1, []))
    if not cells:
        raise FileError(RowError(1, "", "the file is empty"))
    header = ["" if is_blank(cell) else heading(cell) for cell in cells]
    while not header[-1]:
        header.pop()
    missing = [column for column in columns if column not in header]
    if len(missing) == len(columns):
        raise FileError(RowError(line, "", _no_heading(columns)))
    errors = [RowError(line, column, "this column is missing") for column in missing]
    for position, column in enumerate(header):
        if column and column in header[:position]:
            errors.append(RowError(line, column[:60], "this column appears twice"))
        elif column and column not in columns and column != REASON:
            errors.append(RowError(line, cells[position].strip()[:60], "this column is unknown"))
    if errors:
        raise FileError(*errors)
    return header


def _no_heading(columns: Mapping[str, Parser]) -> str:
    names = [*columns]
    first = ", ".join(names[:3])
    return f"none of the {len(names)} columns has its heading here: {first} … {names[-1]}"


def _fitted(cells: list[str], width: int, is_ragged: bool) -> list[str]:
    """The cells without empty ones beyond the header, and with those that a workbook leaves out."""
    while len(cells) > width and is_blank(cells[-1]):
        cells.pop()
    return cells + ["" for _ in range(len(cells), width)] if is_ragged else cells


def _parsed(row: Row, header: list[str], columns: Mapping[str, Parser]) -> Row:
    line, cells = row.line, row.cells
    if len(cells) != len(header):
        message = f"the row has {len(cells)} cells, the header {len(header)}"
        row.errors.append(RowError(line, "", message))
        return row
    for column, cell in zip(header, cells, strict=True):
        if column == REASON:
            continue
        if column:
            try:
                row.values[column] = columns[column](cell)
            except CellError as error:
                row.errors.append(RowError(line, column, str(error)))
        elif not is_blank(cell):
            row.errors.append(RowError(line, "", f"{shown(cell)} is in a column without a heading"))
    return row
