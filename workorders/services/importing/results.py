"""The results of an import: counts, errors and changes."""

import csv
import io
from typing import NamedTuple

from workorders.csv_files import safe_cell


class RowError(NamedTuple):
    """One error; `line` is the line of the file on which the row starts, and 1 for the header."""

    line: int
    column: str  # empty when it is not about one column
    message: str

    def __str__(self) -> str:
        return ": ".join(filter(None, [f"line {self.line}", self.column, self.message]))


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

    @property
    def summary(self) -> str:
        return f"{self.created} created, {self.updated} updated, {self.unchanged} unchanged"


def rejects_csv(result: ImportResult) -> str:
    """The rejected rows as a file to correct and import again, with an additional column `reason`.

    Cells that a spreadsheet might take for a formula begin with an apostrophe, which the import
    removes.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*result.columns, "reason"])
    for row in result.rejected:
        writer.writerow([safe_cell(cell) for cell in [*row.cells, row.reason, *row.surplus]])
    return text.getvalue()
