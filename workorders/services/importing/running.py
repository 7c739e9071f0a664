"""The course of every import: all rows are tried in one transaction, which stands only if it may."""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import BinaryIO, Protocol

from django.db import IntegrityError, transaction

from workorders.services.errors import DomainError
from workorders.services.importing.cells import CellError, Parser
from workorders.services.importing.reading import REASON, FileError, Row, read
from workorders.services.importing.results import ImportResult, Rejected, RowChange, RowError
from workorders.services.notifications.recipients import collect_notices

CHUNK = 500  # rows whose counterparts in the database are fetched together


class Table(Protocol):
    """What one kind of file is about."""

    columns: Mapping[str, Parser]
    # where a service's `field` stands in the file, if it is named differently
    column_of: Mapping[str, str]

    def conflicts(self, row: Row) -> Iterator[RowError]:
        """What cannot be true together with an earlier row of the same file."""

    def order(self, row: Row) -> int:
        """Rows of a lower order are written first, whatever line they stand on."""

    def load(self, rows: list[Row]) -> None:
        """Fetch what the database holds for these rows."""

    def write(self, row: Row) -> RowChange | None:
        """Create or update; None when everything stands already.

        Raises DomainError or CellError.
        """

    def forget(self, row: Row) -> None:
        """The row was taken back: what it created does not stand."""


def run(file: BinaryIO, table: Table, *, dry_run: bool, good_rows_only: bool) -> ImportResult:
    """Import the file. With an error nothing is saved, unless the good rows alone are wanted."""
    try:
        header, rows = read(file, table.columns)
    except FileError as error:
        return ImportResult(errors=error.errors)
    for row in rows:
        if not row.errors:
            row.errors.extend(table.conflicts(row))
    with transaction.atomic():
        with collect_notices():
            changes, unchanged = _write_all(table, rows)
        errors = tuple(chain.from_iterable(row.errors for row in rows))
        saved = not dry_run and (good_rows_only or not errors)
        transaction.set_rollback(not saved)
    created = sum(change.created for change in changes)
    return ImportResult(
        created=created,
        updated=len(changes) - created,
        unchanged=unchanged,
        errors=errors,
        changes=tuple(changes),
        rejected=tuple(_rejected(row, header) for row in rows if row.errors),
        columns=tuple(column for column in header if column != REASON),
        saved=saved,
    )


def _write_all(table: Table, rows: list[Row]) -> tuple[list[RowChange], int]:
    """What the rows change, and how many change nothing.

    What is wrong is added to the rows' errors.
    """
    changes, unchanged = [], 0
    good = sorted((row for row in rows if not row.errors), key=table.order)
    for start in range(0, len(good), CHUNK):
        chunk = good[start : start + CHUNK]
        table.load(chunk)
        for row in chunk:
            change = _write(table, row)
            if change:
                changes.append(change)
            elif not row.errors:
                unchanged += 1
    return sorted(changes, key=lambda change: change.line), unchanged


def _write(table: Table, row: Row) -> RowChange | None:
    try:
        with transaction.atomic(), collect_notices():
            return table.write(row)
    except DomainError as refusal:
        column = table.column_of.get(refusal.field or "", refusal.field or "")
        row.errors.append(RowError(row.line, column, refusal.message))
    except CellError as error:
        row.errors.append(RowError(row.line, "", str(error)))
    except IntegrityError as error:  # a rule of the database that no check above knows
        row.errors.append(
            RowError(row.line, "", f"the database refuses the row: {str(error).splitlines()[0]}")
        )
    table.forget(row)
    return None


def _rejected(row: Row, header: list[str]) -> Rejected:
    padded = row.cells + [""] * (len(header) - len(row.cells))
    cells = [cell for column, cell in zip(header, padded, strict=False) if column != REASON]
    reason = "; ".join(
        ": ".join(filter(None, [error.column, error.message])) for error in row.errors
    )
    return Rejected(cells, reason, row.cells[len(header) :])
