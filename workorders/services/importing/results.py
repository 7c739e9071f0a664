"""The results of an import: counts, errors and changes."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from workorders.csv_files import csv_lines


class RowError(NamedTuple):
    """One error; `line` is the line of the file on which the row starts, and 1 for the header."""

    line: int
    column: str  # empty when it is not about one column
    message: str

    def __str__(self) -> str:
        return ": ".join(filter(None, [f"line {self.line}", self.column, self.message]))


class FileError(Exception):
    """The file as a whole cannot be read."""

    def __init__(self, *errors: RowError) -> None:
        super().__init__("; ".join(map(str, errors)))
        self.errors = errors


class CellChange(NamedTuple):
    """A changed value, as the file would write it.

    `field` is a column, or a field that follows from it: status, target_on or parts.
    """

    field: str
    old: str
    new: str


class RowChange(NamedTuple):
    """A row that creates something or updates what exists."""

    line: int
    number: str
    created: bool
    fields: tuple[CellChange, ...]


class Rejected(NamedTuple):
    """A row as it was in the file, with everything wrong with it."""

    cells: list[str]  # as many as the header has
    reason: str
    surplus: list[str]  # cells beyond the header


class ImportResult(NamedTuple):
    """The result of an import; the counts of a dry run are those of what it would have done."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    errors: tuple[RowError, ...] = ()
    warnings: tuple[RowError, ...] = ()
    changes: tuple[RowChange, ...] = ()
    rejected: tuple[Rejected, ...] = ()  # rows with errors; empty when the file was not readable
    columns: tuple[str, ...] = ()  # of the file, for `rejected`
    saved: bool = False  # whether the database was changed
    notes: tuple[str, ...] = ()  # how the file was read, where a person should look at it
    separator: str = ","  # of the file

    @property
    def summary(self) -> str:
        return f"{self.created} created, {self.updated} updated, {self.unchanged} unchanged"


def rejected_rows(columns: Sequence[str], rejected: Iterable[Rejected]) -> Iterator[list[str]]:
    """The rejected rows as a file to correct and import again, with an additional column `reason`.

    It begins with the headings.
    """
    yield [*columns, "reason"]
    for row in rejected:
        yield [*row.cells, row.reason, *row.surplus]


def rejects_csv(result: ImportResult) -> str:
    """The rejected rows as CSV, with the separator of the file and a byte order mark."""
    rows = rejected_rows(result.columns, result.rejected)
    return "".join(csv_lines(rows, result.separator))
