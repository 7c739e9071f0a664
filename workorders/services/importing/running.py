"""Runs an import: writes all rows in one transaction, then commits it or rolls it back. A dry run
writes them on paper only: nobody waits for it.
"""

from collections.abc import Iterator, Mapping
from itertools import chain, zip_longest
from typing import BinaryIO, Protocol

from django.db import IntegrityError, transaction

from workorders.csv_files import plain_cell
from workorders.folding import is_blank
from workorders.services import saving
from workorders.services.errors import DomainError
from workorders.services.importing.cells import CellError, DateCell, Parser
from workorders.services.importing.reading import REASON, Row, read
from workorders.services.importing.results import (
    FileError,
    ImportResult,
    Rejected,
    RowChange,
    RowError,
)
from workorders.services.notifications.recipients import collect_notices

CHUNK = 500  # rows whose existing rows in the database are fetched together


class Table(Protocol):
    """What is specific to one kind of file."""

    columns: Mapping[str, Parser]
    # the column of a service's `field`, where their names differ
    column_of: Mapping[str, str]
    warnings: list[RowError]  # what can hardly be meant of the rows written so far

    def conflicts(self, row: Row) -> Iterator[RowError]:
        """Errors for what contradicts an earlier row of the same file."""

    def order(self, row: Row) -> int:
        """Rows with a lower order are written first, whatever their line."""

    def load(self, rows: list[Row]) -> None:
        """Fetch what the database has for these rows; what they may mean of it is an error."""

    def write(self, row: Row) -> RowChange | None:
        """Create or update; None when nothing changes. Raises DomainError or CellError."""

    def forget(self, row: Row) -> None:
        """Forget what the row has done, which has been rolled back, or is to be on paper."""


def run(file: BinaryIO, table: Table, *, dry_run: bool, good_rows_only: bool) -> ImportResult:
    """Import the file. With an error nothing is saved, unless `good_rows_only`."""
    try:
        header, rows, separator, notes = read(file, table.columns)
    except FileError as error:
        return ImportResult(errors=error.errors)
    for row in rows:
        if not row.errors:
            row.errors.extend(table.conflicts(row))
    if dry_run:
        with saving.on_paper():
            changes, unchanged = _write_all(table, rows)
        saved = False
    else:
        with transaction.atomic():
            with collect_notices():
                changes, unchanged = _write_all(table, rows)
            saved = good_rows_only or not any(row.errors for row in rows)
            transaction.set_rollback(not saved)
    created = sum(change.created for change in changes)
    return ImportResult(
        created=created,
        updated=len(changes) - created,
        unchanged=unchanged,
        errors=tuple(chain.from_iterable(row.errors for row in rows)),
        warnings=tuple(sorted(table.warnings)),
        changes=tuple(changes),
        rejected=tuple(_rejected(row, header) for row in rows if row.errors),
        columns=tuple(filter(_is_kept, header)),
        saved=saved,
        notes=notes,
        separator=separator,
    )


def _write_all(table: Table, rows: list[Row]) -> tuple[list[RowChange], int]:
    """What the rows change, and how many change nothing; adds what is wrong to the rows' errors."""
    changes, unchanged = [], 0
    good = sorted((row for row in rows if not row.errors), key=table.order)
    for start in range(0, len(good), CHUNK):
        chunk = good[start : start + CHUNK]
        table.load(chunk)
        for row in chunk:
            if row.errors:
                continue
            change = _write(table, row)
            if change:
                changes.append(change)
            elif not row.errors:
                unchanged += 1
    return sorted(changes, key=lambda change: change.line), unchanged


def _write(table: Table, row: Row) -> RowChange | None:
    try:
        with saving.together(), collect_notices():
            return table.write(row)
    except DomainError as refusal:
        column = table.column_of.get(refusal.field or "", refusal.field or "")
        row.errors.append(RowError(row.line, column, refusal.message))
    except CellError as error:
        row.errors.append(RowError(row.line, "", str(error)))
    except IntegrityError as error:  # a constraint that no check above covers
        first_line = str(error).splitlines()[0]
        row.errors.append(RowError(row.line, "", f"the database refuses the row: {first_line}"))
    table.forget(row)
    return None


def _is_kept(column: str) -> bool:
    """Whether it comes back in the rejected rows: the reasons of an earlier import do not."""
    return column not in ("", REASON)


def _rejected(row: Row, header: list[str]) -> Rejected:
    wrong = {error.column for error in row.errors}
    padded = list(zip_longest(header, row.cells[: len(header)], fillvalue=""))
    cells = [_as_found(cell, column in wrong) for column, cell in padded if _is_kept(column)]
    errors = [": ".join(filter(None, [error.column, error.message])) for error in row.errors]
    nameless = [cell for column, cell in padded if not column and not is_blank(cell)]
    return Rejected(cells, "; ".join(errors), nameless + row.cells[len(header) :])


def _as_found(cell: str, is_wrong: bool) -> str:
    """What is wrong stays wrong: a date that was none must not become a text."""
    return f"{cell} 00:00:00" if isinstance(cell, DateCell) and is_wrong else plain_cell(cell)
