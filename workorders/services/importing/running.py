"""Runs an import: checks every row before it writes the first, then writes them in batches.

The check writes on paper only, so that nobody waits for it, and a bad row ends the import there. A
batch is one transaction of under a second. A row that another write has made wrong since the check
is reported, and the rest goes on.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from itertools import chain, zip_longest
from typing import BinaryIO, Protocol

from django.db import IntegrityError, connection, transaction

from workorders.csv_files import plain_cell
from workorders.folding import is_blank
from workorders.services import saving
from workorders.services.errors import DomainError
from workorders.services.importing.cells import CellError, DateCell, Parser
from workorders.services.importing.progress import Progress, Tally
from workorders.services.importing.reading import REASON, FileRows, Row, opened, read
from workorders.services.importing.results import (
    FileError,
    ImportResult,
    Rejected,
    RowChange,
    RowError,
)
from workorders.services.notifications.recipients import collect_notices
from workorders.services.waiting import keep_waits_in_sets

CHUNK = 500  # rows that are checked together: what the database has of them is fetched at once
BATCH = 100  # rows that are written in one transaction, at most
STEP = 50  # rows of a batch that are fetched together
SECONDS = 0.3  # after which a batch ends with its step
# Seconds between two batches: whoever waits for the write lock of SQLite looks for it ten times a
# second.
PAUSE = {"sqlite": 0.11}


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


def run(
    file: BinaryIO,
    new_table: Callable[[], Table],
    *,
    dry_run: bool,
    good_rows_only: bool,
    progress: Progress | None = None,
) -> ImportResult:
    """Check the file, and import it. With an error nothing is saved, unless `good_rows_only`.

    A run that was killed while it wrote goes on where its `progress` says.
    """
    progress = progress or Progress()
    table = new_table()
    try:
        found = read(file, table.columns, progress)
    except FileError as error:
        return ImportResult(errors=error.errors)
    if not found.rows:
        return ImportResult(errors=(RowError(1, "", "there are no rows below the headings"),))
    progress.counted(len(found.rows))
    ordered = sorted(found.rows, key=lambda row: _order(table, row))
    if progress.has_begun:
        _mark(found.rows, progress.refused())
    else:
        checked = _check(table, found.rows, ordered, progress)
        is_refused = any(row.errors for row in found.rows) and not good_rows_only
        if dry_run or is_refused:
            return _result(found, checked, saved=False)
        progress.begin([error for row in found.rows for error in row.errors])
    return _result(found, _write_all(new_table(), ordered, progress), saved=True)


def rejected(
    file: BinaryIO, table: Table, errors: Mapping[int, list[RowError]]
) -> tuple[tuple[str, ...], Iterator[Rejected]]:
    """The columns and the rejected rows of an earlier run, whose `errors` are by line.

    The rows come one by one, and nothing in them is parsed again.
    """
    header, raw = opened(file, table.columns)
    rows = (Row(line, cells, {}, errors[line]) for line, cells in raw.rows if line in errors)
    return _columns(header), (_rejected(row, header) for row in rows)


def _mark(rows: list[Row], errors: Mapping[int, list[RowError]]) -> None:
    for row in rows:
        row.errors[:] = errors.get(row.line, [])


def _check(table: Table, rows: list[Row], ordered: list[Row], progress: Progress) -> Tally:
    for row in rows:
        if not row.errors:
            row.errors.extend(table.conflicts(row))
    tally = Tally(most_changes=progress.most_changes)
    with saving.on_paper():
        for start in range(0, len(ordered), CHUNK):
            _take(table, ordered[start : start + CHUNK], tally)
            with saving.aside():
                progress.checked(min(start + CHUNK, len(ordered)))
    tally.warnings += table.warnings
    return tally


def _write_all(table: Table, ordered: list[Row], progress: Progress) -> Tally:
    done = progress.written
    while done < len(ordered):
        tally = Tally(most_changes=progress.most_changes)
        with transaction.atomic(), collect_notices(), keep_waits_in_sets():
            done = _write_batch(table, ordered, done, tally)
            tally.warnings += table.warnings
            table.warnings.clear()
            progress.wrote(done, tally)
        if done < len(ordered):
            time.sleep(PAUSE.get(connection.vendor, 0))
    return progress.tally


def _write_batch(table: Table, ordered: list[Row], done: int, tally: Tally) -> int:
    """Write the next rows; returns how many rows are done with."""
    last, ends = min(done + BATCH, len(ordered)), time.monotonic() + SECONDS
    while True:
        step = min(done + STEP, last)
        _take(table, ordered[done:step], tally)
        if step == last or time.monotonic() >= ends:
            return step
        done = step


def _take(table: Table, rows: list[Row], tally: Tally) -> None:
    """Write these rows, but for those with errors; adds what is wrong to the rows' errors."""
    good = [row for row in rows if not row.errors]
    table.load(good)
    good = [row for row in good if not row.errors]  # of what they may mean
    if not saving.is_on_paper():
        if _take_in_sets(table, good, tally):
            return
        table.load(good)
    for row in good:
        if row.errors:
            continue
        change = _write(table, row)
        if change or not row.errors:
            tally.add(change)
        else:
            tally.errors += row.errors


def _take_in_sets(table: Table, rows: list[Row], tally: Tally) -> bool:
    """Write these rows together, or none of them, where one is refused or has to be alone."""
    warnings = len(table.warnings)
    try:
        with transaction.atomic(), collect_notices(), saving.in_sets():
            changes = [table.write(row) for row in rows]
    except (DomainError, CellError, IntegrityError, saving.NotInSets):
        del table.warnings[warnings:]
        return False
    for change in changes:
        tally.add(change)
    return True


def _order(table: Table, row: Row) -> int:
    return 0 if row.errors else table.order(row)


def _result(found: FileRows, tally: Tally, *, saved: bool) -> ImportResult:
    rows, header = found.rows, found.header
    return ImportResult(
        created=tally.created,
        updated=tally.updated,
        unchanged=tally.unchanged,
        errors=tuple(chain.from_iterable(row.errors for row in rows)),
        warnings=tuple(sorted(tally.warnings)),
        changes=tuple(sorted(tally.changes, key=lambda change: change.line)),
        rejected=tuple(_rejected(row, header) for row in rows if row.errors),
        columns=_columns(header),
        saved=saved,
        notes=found.notes,
        separator=found.separator,
    )


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


def _columns(header: list[str]) -> tuple[str, ...]:
    return tuple(filter(_is_kept, header))


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
