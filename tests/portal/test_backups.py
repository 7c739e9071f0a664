"""What was backed up while the portal was in use comes back, and whatever is not whole does not."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection

from tests import ROOT
from tests.factories import make_accepted, make_dana
from workorders.models import LedgerEntry

pytestmark = pytest.mark.every_database
PHOTO = "0f8fad5b-d9cd-469f-a165-70867728950e.jpg"


@pytest.fixture
def backup(real_transactions, tmp_path) -> Path:
    make_accepted(make_dana())
    default_storage.save(PHOTO, ContentFile(b"a photo" * 1000))
    default_storage.save(f"{PHOTO}.part", ContentFile(b"half"))
    call_command("backup", tmp_path / "backup", verbosity=0)
    return tmp_path / "backup"


@pytest.fixture
def elsewhere(tmp_path) -> Iterator[dict[str, str]]:
    """The environment of another portal, with an empty database and a folder for its files."""
    environment = {"DEBUG": "1", "MEDIA_ROOT": str(tmp_path / "media")}
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        path = tmp_path / "restored.sqlite3"
        for ending in ("-wal", "-shm", "-journal"):  # of a database that was killed here
            Path(f"{path}{ending}").write_bytes(b"left over" * 1000)
        yield environment | {"DATABASE_URL": f"sqlite:///{path}"}
        return
    name = f"test_{os.getpid()}_restored"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    password = f":{settings['PASSWORD']}" if settings["PASSWORD"] else ""
    server = f"{settings['USER']}{password}@{settings['HOST']}:{settings['PORT'] or 5432}"
    yield environment | {"DATABASE_URL": f"postgres://{server}/{name}"}
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def manage(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )


def test_a_backup_comes_back_with_its_files_and_its_guard(backup, elsewhere):
    manifest = json.loads((backup / "manifest.json").read_text())
    assert manifest["rows"]["workorders_workorder"] == 1
    assert list(manifest["files"]) == [PHOTO]
    restored = manage(elsewhere, "restore", str(backup))
    assert restored.returncode == 0, restored.stderr
    assert restored.stdout.endswith("are here, and verified.\n")
    assert (Path(elsewhere["MEDIA_ROOT"]) / PHOTO).read_bytes() == b"a photo" * 1000
    ledger = manage(elsewhere, "export_changes").stdout.splitlines()
    assert [json.loads(line)["id"] for line in ledger] == list(
        LedgerEntry.objects.order_by("pk").values_list("pk", flat=True)
    )
    again = manage(elsewhere, "restore", str(backup))
    assert (again.returncode, again.stderr.partition("\n")[0]) == (
        1,
        "CommandError: There are work orders in this database. Restore into an empty one.",
    )


@pytest.mark.parametrize("broken", ["database", f"files/{PHOTO}", "manifest.json"])
def test_what_is_not_whole_is_refused_before_anything_is_written(backup, broken):
    with (backup / broken).open("r+b") as file:
        file.seek(40)
        file.write(b"!?")
    with pytest.raises(CommandError, match=r"was changed since|is no whole backup"):
        call_command("restore", backup)
    (backup / broken).unlink()
    with pytest.raises(CommandError, match="is no whole backup"):
        call_command("restore", backup)


def test_a_folder_with_something_in_it_is_left_alone(db, tmp_path):
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(CommandError, match="is not empty"):
        call_command("backup", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
