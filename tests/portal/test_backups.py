"""What was backed up while the portal was in use comes back, and whatever is not whole does not."""

import datetime as dt
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pyrage
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from portal.audit.models import AuditEntry, AuditEvent
from portal.health import what_backups_owe
from portal.outbox.models import Message
from tests import ROOT
from tests.factories import make_accepted, make_dana
from tests.pages import html_of
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


# ends with how many kB of memory the command took: a child of pytest begins with pytest's own
MEASURED = """
import resource, subprocess, sys
code = subprocess.call([sys.executable, "manage.py", *sys.argv[1:]])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
"""


def manage(
    environment: dict[str, str], *arguments: str, measured: bool = False
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *(["-c", MEASURED] if measured else ["manage.py"]), *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )


def test_a_backup_comes_back_with_its_files_and_its_guard(backup, elsewhere):
    manifest = json.loads((backup / "manifest.json").read_text())
    assert manifest["rows"]["workorders_workorder"] == 1
    assert list(manifest["files"]) == [PHOTO]
    assert AuditEntry.objects.get().get_event_display() == "Backed up"
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


# --- Encrypted
@pytest.fixture
def key(settings, tmp_path) -> Path:
    """The file of a new key, as age-keygen writes it; backups are encrypted for it."""
    identity = pyrage.x25519.Identity.generate()
    settings.BACKUP_PUBLIC_KEY = str(identity.to_public())
    path = tmp_path / "key"
    path.write_text(f"# public key: {identity.to_public()}\n{identity}\n")
    return path


@pytest.fixture
def encrypted(key, backup) -> Path:
    return backup


def test_an_encrypted_backup_shows_nothing_and_only_its_key_reads_it(encrypted, key, tmp_path):
    files = [path for path in encrypted.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".age"}
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    for path in files:
        content = path.read_bytes()
        assert [each for each in (b"a photo", b"workorder", b"Dana") if each in content] == []
    another = tmp_path / "another"
    another.write_text(str(pyrage.x25519.Identity.generate()))
    nobody = tmp_path / "nobody"
    nobody.write_text("# nothing\n")
    for file, sentence in [
        (None, "This backup is encrypted. Name its key: --key FILE."),
        (another, "cannot be decrypted: No matching keys found"),
        (nobody, "There is no secret key of age in"),
        (encrypted / "database.age", "is no secret key of age"),
        (tmp_path / "gone", "No such file"),
    ]:
        with pytest.raises(CommandError, match=sentence):
            call_command("restore", encrypted, key=file, dry_run=True)
    call_command("restore", encrypted, key=key, dry_run=True)


@pytest.mark.parametrize("broken", ["database.age", f"files/{PHOTO}.age", "manifest.json.age"])
def test_what_is_encrypted_and_not_whole_is_refused(encrypted, key, broken):
    with (encrypted / broken).open("r+b") as file:
        file.seek(-20, os.SEEK_END)
        file.write(b"!?")
    with pytest.raises(CommandError, match="cannot be decrypted"):
        call_command("restore", encrypted, key=key, dry_run=True)


def test_a_public_key_that_is_none_is_said(db, settings, tmp_path):
    settings.BACKUP_PUBLIC_KEY = f"age1{'q' * 58}"
    with pytest.raises(CommandError, match="BACKUP_PUBLIC_KEY is no public key of age"):
        call_command("backup", tmp_path / "backup")
    assert not (tmp_path / "backup").exists()


@pytest.mark.parametrize("megabytes", [20, pytest.param(1000, marks=pytest.mark.nightly)])
def test_a_restore_takes_five_minutes_for_a_gigabyte(
    real_transactions, key, elsewhere, tmp_path, megabytes
):
    """Half of it in the database, half in files; encrypted, and with little memory."""
    make_accepted(make_dana())
    for number in range(megabytes // 2):
        noise = os.urandom(500_000).hex()
        Message.objects.create(key=str(number), to="a@b.example", subject="S", body=noise)
        default_storage.save(f"{number:08d}-{PHOTO}", ContentFile(os.urandom(1_000_000)))
    call_command("backup", tmp_path / "backup", verbosity=0)
    began = time.monotonic()
    command = ["restore", str(tmp_path / "backup"), "--key", str(key)]
    restored = manage(elsewhere, *command, measured=True)
    seconds = time.monotonic() - began
    assert restored.returncode == 0, restored.stderr
    *said, kilobytes = restored.stdout.splitlines()
    assert said[-1].endswith("are here, and verified.")
    assert seconds < 300
    assert int(kilobytes) < 300_000


# --- When the last one was made
def test_staff_are_told_when_the_last_backup_is_old(db, settings, client_of, admin_user):
    assert what_backups_owe() == ""
    settings.BACKUP_WITHIN_HOURS = 26
    assert "There is no backup yet." in html_of(client_of(admin_user).get("/admin/"))
    AuditEntry.objects.create(event=AuditEvent.BACKED_UP)
    assert "There is no backup yet." not in html_of(client_of(admin_user).get("/admin/"))
    tomorrow = timezone.now() + dt.timedelta(hours=27)
    assert what_backups_owe(tomorrow).startswith("The last backup is 27 hours old")
