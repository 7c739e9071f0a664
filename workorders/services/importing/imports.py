"""Imports of the admin: a file is kept with its preview, and what is long is left to the worker.

An import is checked, shown, and written when its person says so. One process has it at a time, for
as long as it gets on; one that was killed leaves it to the next, which goes on where it was.
"""

import datetime as dt
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO, cast

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import OperationalError, transaction
from django.db.models import F, Q
from django.utils import timezone

from portal.people.models import User
from workorders.models import Import
from workorders.models.imports import FILE_NAME_LENGTH, UNDER_WAY, ImportKind, ImportState
from workorders.services.errors import InvalidState, NotAllowed
from workorders.services.files.storage import discard, stored
from workorders.services.files.uploads import display_name
from workorders.services.importing.certifications import CertificationTable, import_certifications
from workorders.services.importing.progress import Progress, Tally
from workorders.services.importing.results import (
    CellChange,
    ImportResult,
    Rejected,
    RowChange,
    RowError,
)
from workorders.services.importing.running import Table, rejected
from workorders.services.importing.shipments import ShipmentTable, import_shipments
from workorders.services.importing.work_orders import WorkOrderTable, import_work_orders

SHORT = 64_000  # bytes: a file that takes a second or two, and needs no worker
KEPT_FOR = dt.timedelta(days=7)
LEASE = dt.timedelta(minutes=1)  # without progress, until another process takes it over
EVERY = 2.0  # seconds between two notes of progress while nothing is written
MOST_ATTEMPTS = 3  # without getting on
MOST_CHANGES = 200  # that a preview shows

RUNS: Mapping[str, Callable[..., ImportResult]] = {
    ImportKind.WORK_ORDERS: import_work_orders,
    ImportKind.SHIPMENTS: import_shipments,
    ImportKind.CERTIFICATIONS: import_certifications,
}
TABLES: Mapping[str, Callable[[User], Table]] = {
    ImportKind.WORK_ORDERS: WorkOrderTable,
    ImportKind.SHIPMENTS: ShipmentTable,
    ImportKind.CERTIFICATIONS: lambda by: CertificationTable(),
}

logger = logging.getLogger(__name__)


class TakenOver(Exception):
    """Another process goes on with the import, because this one has not got on for too long."""


def enter_import(kind: ImportKind, upload: "UploadedFile[bytes]", *, by: User) -> Import:
    """Keep the file, to be checked by `go_on`. Raises NotStored."""
    name = display_name(upload.name or "")[:FILE_NAME_LENGTH] or "file"
    entered = Import(kind=kind, name=name, by=by, entered_at=timezone.now())
    with stored({entered.file_name: upload.read()}), transaction.atomic():
        entered.save(force_insert=True)
    return entered


def confirm_import(key: Any, *, good_rows_only: bool, by: User) -> None:
    """Have `go_on` write what was checked. Raises InvalidState unless it waits for that."""
    waiting = Import.objects.visible_to(by).filter(key=key, state=ImportState.CHECKED)
    if not waiting.update(
        state=ImportState.WRITING,
        good_rows_only=good_rows_only,
        attempts=0,
        checked=0,
        claimed_until=None,
    ):
        raise InvalidState("This file was imported already, or is being imported.")


def is_short(entered: Import) -> bool:
    return default_storage.size(entered.file_name) <= SHORT


def go_on_with_all() -> int:
    """Go on with one import after the other, the oldest first, unless someone does; returns how
    many.

    The worker has other work for its threads: imports take one of them.
    """
    tried: list[Any] = []
    waiting = Import.objects.filter(state__in=UNDER_WAY).order_by("entered_at", "pk")
    while not waiting.filter(~_is_free()).exists():
        key = waiting.exclude(key__in=tried).values_list("key", flat=True).first()
        if key is None:
            break
        go_on(key)
        tried.append(key)
    return len(tried)


def go_on(key: Any) -> None:
    """Check or write an import that is under way, unless another process has it."""
    until = timezone.now() + LEASE
    free = Import.objects.filter(_is_free(), key=key, state__in=UNDER_WAY)
    if not free.update(claimed_until=until, attempts=F("attempts") + 1):
        return
    entered = Import.objects.select_related("by").get(key=key)
    progress = _Kept(entered)
    try:
        if entered.attempts > MOST_ATTEMPTS:
            progress.give_back(state=ImportState.FAILED)
        else:
            _run(entered, progress)
    except TakenOver:
        logger.info("Import %s is taken over", key)
    except OperationalError:  # the database is busy or away
        progress.give_back(attempts=0)
        logger.warning("Import %s is tried again", key, exc_info=True)
    except Exception:
        logger.exception("Import %s was interrupted by an error", key)
        progress.give_back()


def _is_free() -> Q:
    return Q(claimed_until=None) | Q(claimed_until__lt=timezone.now())


def _run(entered: Import, progress: "_Kept") -> None:
    is_check = entered.state == ImportState.CHECKING
    try:
        with default_storage.open(entered.file_name) as file:
            result = RUNS[entered.kind](
                file,
                by=entered.by,
                dry_run=is_check,
                good_rows_only=entered.good_rows_only,
                progress=progress,
            )
    except NotAllowed as refusal:
        result = ImportResult(errors=(RowError(1, "", f"{refusal}"),))
    progress.end(result, is_check=is_check)


class _Kept(Progress):
    """Progress that is kept in the import's row, for whoever looks at its page or goes on."""

    most_changes = MOST_CHANGES

    def __init__(self, entered: Import) -> None:
        self.import_ = entered
        self.written = entered.written
        self.noted_at = time.monotonic()
        report = entered.report if entered.has_begun else {}
        counts = [report.get(name, 0) for name in ("created", "updated", "unchanged")]
        self.tally = Tally(*counts, most_changes=0)
        self.tally.errors = _errors(report.get("errors", []))
        self.tally.warnings = _errors(report.get("warnings", []))

    @property
    def has_begun(self) -> bool:
        return self.import_.has_begun

    def refused(self) -> dict[int, list[RowError]]:
        return errors_by_line(self.tally.errors)

    def read(self, rows: int) -> None:
        self._note_now_and_then(rows=max(rows, self.import_.rows))

    def counted(self, rows: int) -> None:
        self._note(rows=rows)

    def checked(self, rows: int) -> None:
        self._note_now_and_then(checked=rows)

    def begin(self, errors: Sequence[RowError]) -> None:
        self.tally.errors += errors
        self._note(has_begun=True, report=self._counted())

    def wrote(self, rows: int, tally: Tally) -> None:
        super().wrote(rows, tally)
        self._note(written=rows, report=self._counted(), attempts=0)

    def end(self, result: ImportResult, *, is_check: bool) -> None:
        report = report_of(result)
        if result.saved:
            self._note(state=ImportState.DONE, report=report, claimed_until=None)
            return
        report["has_changed"] = not is_check  # what a person saw was another preview
        self._note(
            state=ImportState.CHECKED,
            report=report,
            previewed=result.summary,
            claimed_until=None,
        )

    def give_back(self, **values: Any) -> None:
        """Leave the import to whoever comes next."""
        Import.objects.filter(self._is_ours()).update(claimed_until=None, **values)

    def _note_now_and_then(self, **values: Any) -> None:
        if time.monotonic() - self.noted_at >= EVERY:
            self._note(**values)

    def _note(self, **values: Any) -> None:
        values = {"claimed_until": timezone.now() + LEASE} | values
        if not Import.objects.filter(self._is_ours()).update(**values):
            raise TakenOver
        vars(self.import_).update(values)
        self.noted_at = time.monotonic()

    def _is_ours(self) -> Q:
        return Q(pk=self.import_.pk, claimed_until=self.import_.claimed_until)

    def _counted(self) -> dict[str, Any]:
        names = ("created", "updated", "unchanged", "errors", "warnings")
        return {name: getattr(self.tally, name) for name in names}


def report_of(result: ImportResult) -> dict[str, Any]:
    """What is kept of a result: all but the rejected rows, which are in the file."""
    return result._asdict() | {"rejected": (), "has_changed": False}


def result_of(entered: Import) -> ImportResult:
    """The result that is kept with it, without the rejected rows."""
    kept = {name: entered.report[name] for name in ImportResult._fields if name in entered.report}
    changes = [
        RowChange(line, number, created, tuple(CellChange(*field) for field in fields))
        for line, number, created, fields in kept.get("changes", [])
    ]
    lists = {name: tuple(_errors(kept.get(name, []))) for name in ("errors", "warnings")}
    return ImportResult(
        **kept
        | lists
        | {"changes": tuple(changes), "rejected": ()}
        | {name: tuple(kept.get(name, ())) for name in ("columns", "notes")}
    )


def rejected_of(entered: Import) -> tuple[tuple[str, ...], Iterator[Rejected]]:
    """The columns of its file, and the rows that were refused."""
    found = errors_by_line(result_of(entered).errors)
    with default_storage.open(entered.file_name) as file:
        return rejected(cast(BinaryIO, file), TABLES[entered.kind](entered.by), found)


def forget_imports(now: dt.datetime | None = None) -> int:
    """Delete what was entered more than a week ago, with the files; returns how many."""
    old = Import.objects.filter(entered_at__lt=(now or timezone.now()) - KEPT_FOR)
    rows = list(old.exclude(_is_claimed()))
    Import.objects.filter(pk__in=[row.pk for row in rows]).delete()
    discard([row.file_name for row in rows])
    return len(rows)


def _is_claimed() -> Q:
    return ~_is_free() & Q(state__in=UNDER_WAY)


def errors_by_line(errors: Sequence[RowError]) -> dict[int, list[RowError]]:
    found = defaultdict(list)
    for error in errors:
        found[error.line].append(error)
    return found


def _errors(kept: Sequence[Sequence[Any]]) -> list[RowError]:
    return [RowError(*each) for each in kept]
