"""The commands: what they print, their exit status, and the file of rejected rows."""

import csv
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from tests.workorders.services.importing.import_files import NOW, SAMPLES, as_csv, prepare, sample
from workorders.models import Shipment, WorkOrder

pytestmark = pytest.mark.django_db
WORK_ORDERS, SHIPMENTS = SAMPLES / "work_orders.csv", SAMPLES / "shipments.csv"


@pytest.fixture(scope="module", autouse=True)
def _prepared(shared_rows):
    with time_machine.travel(NOW, tick=False):
        prepare()
        yield


def run(command: str, *arguments: object) -> str:
    out = StringIO()
    call_command(command, *map(str, arguments), stdout=out)
    return out.getvalue()


def failing(command: str, *arguments: object) -> list[str]:
    """What goes to stderr of a run that ends with exit status 1."""
    err = StringIO()
    with pytest.raises(CommandError) as error:
        call_command(command, *map(str, arguments), stderr=err)
    assert error.value.returncode == 1
    return [*err.getvalue().splitlines(), str(error.value)]


@pytest.fixture
def bad(tmp_path) -> Path:
    rows = sample("work_orders")
    rows[3]["assigned_on"] = "2026-02-30"
    rows[5]["country"] = "Canada"
    path = tmp_path / "bad.csv"
    path.write_bytes(as_csv(rows))
    return path


def test_both_say_what_they_did():
    assert run("import_work_orders", WORK_ORDERS) == "12 created, 0 updated, 0 unchanged\n"
    assert run("import_shipments", SHIPMENTS) == "11 created, 0 updated, 0 unchanged\n"
    assert run("import_work_orders", WORK_ORDERS) == "0 created, 0 updated, 12 unchanged\n"
    assert run("import_shipments", SHIPMENTS) == "0 created, 0 updated, 11 unchanged\n"


def test_a_dry_run_changes_nothing():
    said = run("import_work_orders", WORK_ORDERS, "--dry-run")
    assert said == "12 created, 0 updated, 0 unchanged (dry run: nothing was changed)\n"
    assert WorkOrder.objects.count() == 0


def test_a_bad_row_ends_it_with_a_line_for_each_error(bad):
    assert failing("import_work_orders", bad) == [
        "line 6: assigned_on: '2026-02-30' is not a date",
        "line 8: country: 'Canada' is not a country: two capital letters, such as US",
        "Nothing was imported: 2 errors.",
    ]
    assert WorkOrder.objects.count() == 0


def test_with_rejects_the_good_rows_are_taken(bad, tmp_path):
    rejects = tmp_path / "rejects.csv"
    said = run("import_work_orders", bad, "--rejects", rejects)
    assert said == f"10 created, 0 updated, 0 unchanged, 2 rejected, see {rejects}\n"
    with rejects.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["number"], row["reason"].partition(":")[0]) for row in rows] == [
        ("WO-00900004", "assigned_on"),
        ("WO-00900006", "country"),
    ]
    assert list(rows[0])[-1] == "reason"


def test_rejects_may_be_a_workbook_that_comes_back(bad, tmp_path):
    rejects = tmp_path / "rejects.xlsx"
    run("import_work_orders", bad, "--rejects", rejects)
    again = failing("import_work_orders", rejects)
    assert again[0] == "line 2: assigned_on: '2026-02-30' is not a date"
    assert len(again) == 3


def test_how_a_file_was_read_is_noted(tmp_path, capsys):
    path = tmp_path / "windows.csv"
    path.write_bytes(as_csv(sample("work_orders")).decode().encode("cp1252"))
    run("import_work_orders", path)
    said = f"Note: {path} was read as Windows-1252: Landstraße, München, Größl"
    assert capsys.readouterr().err.splitlines()[0] == said


def test_rejects_never_replace_the_file_that_is_imported(bad, tmp_path):
    content = bad.read_bytes()
    link = tmp_path / "link.csv"
    link.symlink_to(bad)
    for rejects in (bad, link):
        said = failing("import_work_orders", bad, "--rejects", rejects)
        assert said == [f"{rejects} is the file to import. Name another one for rejected rows."]
    assert (bad.read_bytes(), WorkOrder.objects.count()) == (content, 0)


def test_a_file_that_cannot_be_read_is_never_partly_taken(tmp_path):
    path, rejects = tmp_path / "bad.csv", tmp_path / "rejects.csv"
    path.write_bytes(b"number\nWO-1\n")
    assert (
        failing("import_shipments", path, "--rejects", rejects)[0]
        == "line 1: kind: this column is missing"
    )
    assert Shipment.objects.count() == 0


def test_a_missing_file_and_a_place_that_cannot_be_written_are_said(tmp_path):
    missing = tmp_path / "missing.csv"
    assert failing("import_work_orders", missing) == [f"{missing}: No such file or directory"]
    nowhere = tmp_path / "no" / "rejects.csv"
    assert failing("import_work_orders", WORK_ORDERS, "--rejects", nowhere) == [
        f"{nowhere}: No such file or directory"
    ]
    assert failing("import_work_orders", tmp_path) == [f"{tmp_path}: Is a directory"]
    assert WorkOrder.objects.count() == 0


def test_certifications_come_by_command_too(tmp_path, tess):
    path = tmp_path / "certifications.csv"
    path.write_text(
        f"technician,certification,number,expires_on\n{tess.email},CP6000 repair,CP-7,2027-05-01\n"
    )
    assert run("import_certifications", path).splitlines()[-1].startswith("1 created")
    certification = tess.certifications.get()
    assert (certification.number, str(certification.expires_on)) == ("CP-7", "2027-05-01")


def test_targets_are_recalculated_by_command(db):
    assert run("recalculate_targets") == "0 Target SLAs moved. All changes are applied.\n"


@pytest.fixture
def behind(db) -> None:
    """The latest migration has not been applied yet."""
    (latest,) = [
        name
        for app, name in MigrationLoader(None).graph.leaf_nodes("workorders")
        if app == "workorders"
    ]
    MigrationRecorder(connection).record_unapplied("workorders", latest)
    with connection.cursor() as cursor:
        for table in ("workorders_listedregion", "workorders_serviceterritory"):
            cursor.execute(f"ALTER TABLE {table} RENAME TO not_yet_{table}")


@pytest.mark.once
def test_a_database_that_is_not_migrated_is_not_called_busy(behind):
    said = "The database is not migrated. Run “manage.py migrate” first."
    for command in ("import_work_orders", "refresh_calendars"):
        path = [WORK_ORDERS] if command == "import_work_orders" else []
        assert failing(command, *path)[-1] == said
