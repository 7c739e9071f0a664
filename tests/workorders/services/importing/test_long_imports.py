"""An import is checked whole, and then written in batches; what is killed goes on where it was."""

import datetime as dt
import io
import uuid
from collections.abc import Sequence

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from tests.factories import make_staff
from tests.workorders.services.importing.import_files import (
    NOW,
    Rows,
    as_csv,
    errors,
    prepare,
    sample,
    shipments,
    work_orders,
)
from workorders.models import Import, Shipment, WorkOrder
from workorders.models.imports import ImportState
from workorders.services import DomainError
from workorders.services.files.storage import delete_orphaned_files
from workorders.services.importing import ImportResult, import_work_orders
from workorders.services.importing import imports as kept
from workorders.services.importing.imports import (
    confirm_import,
    enter_import,
    forget_imports,
    go_on,
    go_on_with_all,
    rejected_of,
    result_of,
)
from workorders.services.importing.progress import Progress, Tally
from workorders.services.importing.results import RowError

FOUR = 4  # rows of a batch here: the sample's twelve are three


class Killed(BaseException):
    """The process ends."""


@pytest.fixture(scope="module")
def prepared(shared_rows):
    with time_machine.travel(NOW, tick=False):
        prepare()
        yield


@pytest.fixture(autouse=True)
def _batches(prepared, db, monkeypatch):
    monkeypatch.setattr("workorders.services.importing.running.BATCH", FOUR)
    monkeypatch.setattr("workorders.services.importing.running.PAUSE", {})


@pytest.fixture
def boss():
    return make_staff()


def entered(rows: Rows, by, kind: str = "work-orders") -> Import:
    return enter_import(kind, SimpleUploadedFile("rows.csv", as_csv(rows)), by=by)


def again(row: Import) -> Import:
    return Import.objects.get(pk=row.pk)


def checked(rows: Rows, by, kind: str = "work-orders") -> Import:
    row = entered(rows, by, kind)
    go_on(row.key)
    return again(row)


def test_each_batch_is_a_transaction_of_its_own(boss, monkeypatch):
    """What a batch writes is one savepoint of this test's transaction."""
    sizes, wrote = [], Progress.wrote
    outside = len(connection.savepoint_ids)

    def counted(progress: Progress, rows: int, tally: Tally) -> None:
        depth = len(connection.savepoint_ids) - outside
        sizes.append((rows, WorkOrder.objects.count(), depth))
        wrote(progress, rows, tally)

    monkeypatch.setattr(Progress, "wrote", counted)
    work_orders(sample("work_orders"))
    assert sizes == [(4, 4, 1), (8, 8, 1), (12, 12, 1)]


def test_a_bad_row_ends_it_before_the_first_is_written():
    rows = sample("work_orders")
    rows[-1]["partner"] = "Nobody"
    with CaptureQueriesContext(connection) as queries:
        result = work_orders(rows)
    assert errors(result) == ["line 14: partner: 'Nobody' is unknown"]
    assert {query["sql"].split()[0] for query in queries} == {"SELECT"}


def test_a_row_that_became_wrong_meanwhile_is_reported_and_the_rest_goes_on():
    rows = sample("work_orders")
    work_orders(rows)
    at = next(n for n, row in enumerate(rows) if not row["accepted_on"])

    class AcceptedMeanwhile(Progress):
        def begin(self, errors: Sequence[RowError]) -> None:
            work_orders([rows[at] | {"accepted_on": "2026-03-05"}])

    changed = [each | {"subject": "Another subject"} for each in rows]
    file = io.BytesIO(as_csv(changed))
    result = import_work_orders(file, by=None, progress=AcceptedMeanwhile())
    said = "accepted_on: It was accepted on 2026-03-05; this cannot be empty."
    assert (result.saved, result.updated) == (True, 11)
    assert [(row.cells[0], row.reason) for row in result.rejected] == [(rows[at]["number"], said)]
    assert WorkOrder.objects.filter(subject="Another subject").count() == 11


def kill_after(batches: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """End the process while it writes the next batch."""
    wrote = kept._Kept.wrote

    def killed(progress: kept._Kept, rows: int, tally: Tally) -> None:
        if rows > batches * FOUR:
            raise Killed
        wrote(progress, rows, tally)

    monkeypatch.setattr(kept._Kept, "wrote", killed)


@pytest.mark.parametrize("batches", [0, 1, 2])
def test_what_was_killed_goes_on_where_it_was(boss, monkeypatch, batches):
    rows = sample("work_orders")
    rows[1]["partner"] = "Nobody"
    row = checked(rows, boss)
    confirm_import(row.key, good_rows_only=True, by=boss)
    with monkeypatch.context() as patched:
        kill_after(batches, patched)
        with pytest.raises(Killed):
            go_on(row.key)
    done = WorkOrder.objects.count()
    assert done == max(0, batches * FOUR - 1)
    WorkOrder.objects.update(subject="Written by another since")
    with time_machine.travel(NOW + dt.timedelta(minutes=2), tick=False):
        assert go_on_with_all() == 1
    assert again(row).state == ImportState.DONE
    result = result_of(again(row))
    assert (result.summary, len(result.errors)) == ("11 created, 0 updated, 0 unchanged", 1)
    kept_words = WorkOrder.objects.filter(subject="Written by another since")
    assert (WorkOrder.objects.count(), kept_words.count()) == (11, done)


def test_the_same_command_finishes_what_was_killed(boss, monkeypatch):
    rows = sample("work_orders")
    wrote = Progress.wrote

    def killed(progress: Progress, rows: int, tally: Tally) -> None:
        if rows > FOUR:
            raise Killed
        wrote(progress, rows, tally)

    with monkeypatch.context() as patched:
        patched.setattr(Progress, "wrote", killed)
        with pytest.raises(Killed):
            work_orders(rows)
    assert WorkOrder.objects.count() == FOUR
    assert work_orders(rows).summary == "8 created, 0 updated, 4 unchanged"


def test_progress_is_kept(boss, monkeypatch):
    monkeypatch.setattr(kept, "EVERY", 0.0)
    monkeypatch.setattr("workorders.services.importing.running.CHUNK", FOUR)
    seen: list[tuple[str, int, int]] = []
    note = kept._Kept._note

    def noted(progress, **values: object) -> None:
        note(progress, **values)
        row = again(progress.import_)
        seen.append((row.state, row.done_with, row.rows))

    monkeypatch.setattr(kept._Kept, "_note", noted)
    row = checked(sample("work_orders"), boss)
    confirm_import(row.key, good_rows_only=False, by=boss)
    go_on(row.key)
    assert seen == [
        ("checking", 0, 12),
        ("checking", 4, 12),
        ("checking", 8, 12),
        ("checking", 12, 12),
        ("checked", 12, 12),
        ("writing", 0, 12),
        ("writing", 4, 12),
        ("writing", 8, 12),
        ("writing", 12, 12),
        ("writing", 0, 12),
        ("writing", 4, 12),
        ("writing", 8, 12),
        ("writing", 12, 12),
        ("done", 12, 12),
    ]


def test_one_process_has_it_at_a_time(boss):
    row = entered(sample("work_orders"), boss)
    Import.objects.update(claimed_until=NOW + dt.timedelta(seconds=30))
    go_on(row.key)
    assert (go_on_with_all(), again(row).state) == (0, ImportState.CHECKING)
    with time_machine.travel(NOW + dt.timedelta(seconds=31), tick=False):
        assert (go_on_with_all(), again(row).state) == (1, ImportState.CHECKED)


def test_who_was_taken_over_stops_and_writes_nothing(boss, monkeypatch):
    row = checked(sample("work_orders"), boss)
    confirm_import(row.key, good_rows_only=False, by=boss)
    begin = kept._Kept.begin

    def slow(progress: kept._Kept, found: Sequence[RowError]) -> None:
        begin(progress, found)
        Import.objects.update(claimed_until=NOW + dt.timedelta(hours=1))

    monkeypatch.setattr(kept._Kept, "begin", slow)
    go_on(row.key)
    assert (WorkOrder.objects.count(), again(row).written) == (0, 0)


def test_an_error_of_the_portal_ends_it_after_three_attempts(boss, monkeypatch, caplog):
    row = entered(sample("work_orders"), boss)
    default_storage.delete(row.file_name)
    states = []
    for _ in range(4):
        go_on(row.key)
        states.append(again(row).state)
    assert states == ["checking", "checking", "checking", "failed"]
    assert go_on_with_all() == 0
    assert "was interrupted by an error" in caplog.text


def test_a_busy_database_is_waited_for(boss, monkeypatch, caplog):
    row = entered(sample("work_orders"), boss)

    def busy(*args: object, **options: object) -> ImportResult:
        raise OperationalError("database is locked")

    monkeypatch.setitem(kept.RUNS, "work-orders", busy)
    for _ in range(5):
        go_on(row.key)
    assert (again(row).state, again(row).attempts) == (ImportState.CHECKING, 0)
    monkeypatch.undo()
    go_on(row.key)
    assert again(row).state == ImportState.CHECKED


def test_good_rows_can_be_taken_and_the_others_had_again(boss):
    rows = sample("work_orders")
    rows[3]["assigned_on"], rows[5]["country"] = "2026-02-30", "Canada"
    row = checked(rows, boss)
    assert len(result_of(row).errors) == 2
    confirm_import(row.key, good_rows_only=True, by=boss)
    go_on(row.key)
    assert result_of(again(row)).summary == "10 created, 0 updated, 0 unchanged"
    _, found = rejected_of(again(row))
    assert [(each.cells[0], each.reason.partition(":")[0]) for each in found] == [
        ("WO-00900004", "assigned_on"),
        ("WO-00900006", "country"),
    ]


def test_shipments_are_written_in_their_order_whatever_the_batches():
    work_orders(sample("work_orders"))
    assert shipments(sample("shipments")).summary == "11 created, 0 updated, 0 unchanged"
    assert Shipment.objects.count() == 11


def test_an_import_is_confirmed_once_and_by_its_person(boss):
    row = checked(sample("work_orders"), boss)
    with pytest.raises(DomainError):
        confirm_import(row.key, good_rows_only=False, by=make_staff("other@example.com"))
    confirm_import(row.key, good_rows_only=False, by=boss)
    with pytest.raises(DomainError, match="imported already"):
        confirm_import(row.key, good_rows_only=False, by=boss)
    with pytest.raises(DomainError):
        confirm_import(uuid.uuid4(), good_rows_only=False, by=boss)


def test_files_are_kept_for_a_week_and_no_longer(boss):
    row = checked(sample("work_orders"), boss)
    later = NOW + dt.timedelta(days=7)
    assert (forget_imports(later), delete_orphaned_files(later)) == (0, 0)
    assert forget_imports(later + dt.timedelta(seconds=1)) == 1
    assert (Import.objects.count(), default_storage.exists(row.file_name)) == (0, False)


def test_imports_take_one_thread_of_the_worker_one_after_the_other(boss):
    rows = [entered(sample("work_orders"), boss) for _ in range(3)]
    Import.objects.filter(pk=rows[1].pk).update(claimed_until=NOW + dt.timedelta(seconds=30))
    assert go_on_with_all() == 0
    Import.objects.update(claimed_until=None)
    assert go_on_with_all() == 3
    assert {again(row).state for row in rows} == {ImportState.CHECKED}


def test_a_batch_ends_when_its_time_is_over(monkeypatch):
    monkeypatch.setattr("workorders.services.importing.running.STEP", 1)
    monkeypatch.setattr("workorders.services.importing.running.SECONDS", 0.0)
    sizes = []
    wrote = Progress.wrote

    def counted(progress: Progress, rows: int, tally: Tally) -> None:
        sizes.append(rows)
        wrote(progress, rows, tally)

    monkeypatch.setattr(Progress, "wrote", counted)
    work_orders(sample("work_orders"))
    assert sizes == list(range(1, 13))


def test_a_file_of_headings_alone_says_so():
    said = "line 1: there are no rows below the headings"
    assert errors(work_orders(as_csv(sample("work_orders")[:1]).splitlines()[0])) == [said]
