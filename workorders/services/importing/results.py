"""What an import answers: how many rows did what, what is wrong with the others, and what changes."""

import csv
import io
from typing import NamedTuple

from workorders.csv_files import safe_cell


class RowError(NamedTuple):
    """One thing that is wrong.

    `line` is the line of the file on which the row starts, the header's is 1.
    """

    line: int
    column: str  # empty when it is not about one column
    message: str

    def __str__(self) -> str:
        return ": ".join(filter(None, [f"line {self.line}", self.column, self.message]))


class CellChange(NamedTuple):
    """One value, as the file would write it.

    `field` is a column, or what follows from it: status, target_on, parts.
    """

    field: str
    old: str
    new: str


class RowChange(NamedTuple):
    """A row that is created, or brings up to date what was there."""

    line: int
    number: str
    created: bool
    fields: tuple[CellChange, ...]


class Rejected(NamedTuple):
    """A row as it stood in the file, with everything that is wrong with it."""

    cells: list[str]  # as many as the header has
    reason: str
    surplus: list[str]  # cells beyond the header


class ImportResult(NamedTuple):
    """`saved` says whether the database was changed; on a dry run the counts say what would happen."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    errors: tuple[RowError, ...] = ()
    changes: tuple[RowChange, ...] = ()
    rejected: tuple[
        Rejected, ...
    ] = ()  # the rows that have errors; none when the file itself could not be read
    columns: tuple[str, ...] = ()  # of the file, for `rejected`
    saved: bool = False

    @property
    def summary(self) -> str:
        return f"{self.created} created, {self.updated} updated, {self.unchanged} unchanged"


def rejects_csv(result: ImportResult) -> str:
    """The rejected rows as a file that can be mended and imported again: the columns, then the
    column `reason`.

    A spreadsheet runs none of its cells as a formula: those that it might are led by an apostrophe,
    which the import takes off again.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*result.columns, "reason"])
    for row in result.rejected:
        writer.writerow([safe_cell(cell) for cell in [*row.cells, row.reason, *row.surplus]])
    return text.getvalue()
