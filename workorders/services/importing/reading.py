"""From the bytes of a CSV file to rows, each with the line it starts on; or everything that is
wrong with them.
"""

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
    """One row: the line it starts on, its cells as they stand, their values by column, and what is
    wrong with it.
    """

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
    """The header and all rows behind it.

    Raises FileError when there is no telling what the columns are.
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
        message = f"the file is not UTF-8: byte 0x{byte:02x} stands here; save it as CSV UTF-8"
        raise FileError(RowError(line, "", message)) from None
    if not text.strip():
        raise FileError(RowError(1, "", "the file is empty"))
    return text


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold anything, each with its first physical line."""
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
        raise FileError(
            RowError(1, "", f"the columns are separated by {name}; save the file with commas")
        )
    errors = [
        RowError(1, column, "this column is missing") for column in columns if column not in header
    ]
    for position, column in enumerate(header, start=1):
        if column in header[: position - 1]:
            errors.append(RowError(1, column[:60], "this column stands twice"))
        elif column not in columns and column != REASON:
            errors.append(
                RowError(1, column[:60] or f"column {position}", "this column is unknown")
            )
    if errors:
        raise FileError(*errors)


def _parsed(line: int, cells: list[str], header: list[str], columns: Mapping[str, Parser]) -> Row:
    row = Row(line, cells, {}, [])
    if len(cells) != len(header):
        row.errors.append(
            RowError(line, "", f"the row has {len(cells)} cells, the header {len(header)}")
        )
        return row
    for column, cell in zip(header, cells, strict=True):
        if column == REASON:
            continue
        try:
            row.values[column] = columns[column](cleaned(cell))
        except CellError as error:
            row.errors.append(RowError(line, column, str(error)))
    return row
