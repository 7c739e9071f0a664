"""Reads a CSV file into rows with their line numbers, or finds everything wrong with it."""

import codecs
import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, NamedTuple

from workorders.services.importing.cells import CellError, Parser, cleaned
from workorders.services.importing.results import RowError

MAX_BYTES = 50_000_000
REASON = "reason"  # a file of rejected rows may come back with this column


class Row(NamedTuple):
    """A row: the line it starts on, its cells, their values by column, and its errors."""

    line: int
    cells: list[str]
    values: dict[str, Any]
    errors: list[RowError]


class FileError(Exception):
    """The file as a whole cannot be read."""

    def __init__(self, *errors: RowError) -> None:
        super().__init__("; ".join(map(str, errors)))
        self.errors = errors


def read(file: BinaryIO, columns: Mapping[str, Parser]) -> tuple[list[str], list[Row]]:
    """The header and all rows after it.

    Raises FileError when the file cannot be read or its columns are wrong.
    """
    lines = _lines(_decoded(file.read(MAX_BYTES + 1)))
    _, header = next(lines, (1, []))
    header = [name.strip() for name in header]
    _check_header(header, columns)
    return header, [_parsed(line, cells, header, columns) for line, cells in lines]


def _decoded(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise FileError(
            RowError(1, "", f"the file is larger than {MAX_BYTES // 1_000_000} MB; split it")
        )
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise FileError(RowError(1, "", "the file is UTF-16; save it as CSV UTF-8"))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = error.object[error.start]
        message = f"the file is not UTF-8: it has byte 0x{byte:02x} here; save it as CSV UTF-8"
        raise FileError(RowError(line, "", message)) from None
    if not text.strip():
        raise FileError(RowError(1, "", "the file is empty"))
    return text


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not empty, each with its first physical line."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise FileError(RowError(line, "", f"the row cannot be read as CSV: {error}")) from None
        if any(cells):
            yield line, cells


def _check_header(header: list[str], columns: Mapping[str, Parser]) -> None:
    if len(header) == 1 and (separator := next((s for s in ";\t" if s in header[0]), "")):
        name = "semicolons" if separator == ";" else "tabs"
        message = f"the columns are separated by {name}; save the file with commas"
        raise FileError(RowError(1, "", message))
    missing = [column for column in columns if column not in header]
    errors = [RowError(1, column, "this column is missing") for column in missing]
    for position, column in enumerate(header, start=1):
        name = column[:60] or f"column {position}"
        if column in header[: position - 1]:
            errors.append(RowError(1, name, "this column appears twice"))
        elif column not in columns and column != REASON:
            errors.append(RowError(1, name, "this column is unknown"))
    if errors:
        raise FileError(*errors)


def _parsed(line: int, cells: list[str], header: list[str], columns: Mapping[str, Parser]) -> Row:
    row = Row(line, cells, {}, [])
    if len(cells) != len(header):
        message = f"the row has {len(cells)} cells, the header {len(header)}"
        row.errors.append(RowError(line, "", message))
        return row
    for column, cell in zip(header, cells, strict=True):
        if column == REASON:
            continue
        try:
            row.values[column] = columns[column](cleaned(cell))
        except CellError as error:
            row.errors.append(RowError(line, column, str(error)))
    return row
