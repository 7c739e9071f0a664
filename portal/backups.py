"""Backups: the database as it was at one moment, and all files, in a folder that proves itself.

The database comes first: a file is stored before its row, and goes long after it. Everything
passes through in pieces, however large it is.
"""

import hashlib
import io
import json
import os
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone

from portal.audit.models import AuditEvent
from portal.audit.services import keep_entry
from portal.backup_folder import BackupError, BackupFolder, public_key_of, secret_keys_in
from portal.storage import PART

MANIFEST, DATABASE, FILES = "manifest.json", "database", "files"
TABLES_OF_SQLITE = (
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
)
BESIDE = ("-wal", "-shm", "-journal")  # what SQLite leaves beside a database that was killed


def back_up(path: Path) -> dict[str, Any]:
    """Write a backup into an empty or new folder, while the portal is in use; returns its
    manifest. The key of the portal is no part of it. Raises BackupError.
    """
    folder = BackupFolder(path, public_key_of(settings.BACKUP_PUBLIC_KEY))
    path.mkdir(parents=True, exist_ok=True)
    if any(path.iterdir()):
        raise BackupError(f"{path} is not empty.")
    (path / FILES).mkdir()
    digest, counts = _dump(folder)
    manifest = {
        "made_at": timezone.now().isoformat(timespec="seconds"),
        "vendor": connection.vendor,
        "rows": counts,
        "database": digest,
        "files": dict(_copy_files(folder)),
    }
    # last: a backup without it is none
    folder.write(MANIFEST, io.BytesIO(json.dumps(manifest, indent=1).encode()))
    note = f"{sum(counts.values())} rows, {len(manifest['files'])} files"
    keep_entry(AuditEvent.BACKED_UP, note=note)
    return manifest


def restore(path: Path, key: Path | None = None) -> dict[str, Any]:
    """Bring a backup back into a database without work orders, and verify it. Raises BackupError.

    Nothing is written unless the backup is whole. Files that are there already stay.
    """
    manifest, folder = verified(path, key)
    if connection.vendor != manifest["vendor"]:
        raise BackupError(f"This is a backup of {manifest['vendor']}, not {connection.vendor}.")
    if _is_in_use():
        raise BackupError("There are work orders in this database. Restore into an empty one.")
    _load(folder)
    if (found := _counts()) != manifest["rows"]:
        differing = sorted(t for t, n in manifest["rows"].items() if found.get(t) != n)
        raise BackupError(f"Not what was backed up: {', '.join(differing)}.")
    for name, digest in manifest["files"].items():
        _bring_back(folder, name, digest)
    return manifest


def verified(path: Path, key: Path | None = None) -> tuple[dict[str, Any], BackupFolder]:
    """A backup of which nothing is missing or changed, with its manifest. Raises BackupError."""
    folder = BackupFolder(path, secret_keys=secret_keys_in(key))
    try:
        text = io.BytesIO()
        folder.read(MANIFEST, text)
        manifest: dict[str, Any] = json.loads(text.getvalue())
        digests = {DATABASE: manifest["database"]}
        digests |= {f"{FILES}/{name}": digest for name, digest in manifest["files"].items()}
        for name, digest in digests.items():
            if folder.read(name) != digest:
                raise BackupError(f"{path / name} was changed since the backup.")
    except (OSError, ValueError, KeyError) as error:
        raise BackupError(f"{path} is no whole backup: {error}.") from error
    return manifest, folder


# --- The database
def _dump(folder: BackupFolder) -> tuple[str, dict[str, int]]:
    """Write the database as it is at one moment; returns its digest, and how many rows each table
    has then.
    """
    if connection.vendor == "sqlite":
        return _dump_sqlite(folder)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        with _postgresql("pg_dump", "--format=custom", f"--snapshot={snapshot}") as process:
            digest = folder.write(DATABASE, process.stdout)
        return digest, _counts()


def _dump_sqlite(folder: BackupFolder) -> tuple[str, dict[str, int]]:
    """By a copy beside the database: in the folder nothing is to be read that is encrypted."""
    path = Path(connection.settings_dict["NAME"])
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix="backup-") as file:
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(file.name)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
            names = [name for (name,) in copy.execute(TABLES_OF_SQLITE)]
            counts = _rows_of(copy.cursor(), names)
        with open(file.name, "rb") as dump:
            return folder.write(DATABASE, dump), counts


def _load(folder: BackupFolder) -> None:
    """All of it or nothing."""
    if connection.vendor == "sqlite":
        path = str(connection.settings_dict["NAME"])
        with open(f"{path}.restoring", "wb") as file:
            folder.read(DATABASE, file)
            file.flush()
            os.fsync(file.fileno())
        connection.close()
        for ending in BESIDE:  # an old journal would be played into the new file
            Path(path + ending).unlink(missing_ok=True)
        os.replace(file.name, path)
    else:
        options = ("--no-owner", "--single-transaction", "--clean", "--if-exists")
        with _postgresql("pg_restore", *options) as process:
            folder.read(DATABASE, process.stdin)
        connection.close()


def _is_in_use() -> bool:
    tables = connection.introspection.table_names()
    if "workorders_workorder" not in tables:
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM workorders_workorder)")
        return bool(cursor.fetchone()[0])


def _counts() -> dict[str, int]:
    with connection.cursor() as cursor:
        return _rows_of(cursor, sorted(connection.introspection.table_names(cursor)))


def _rows_of(cursor: Any, tables: list[str]) -> dict[str, int]:
    counts = {}
    for name in tables:
        cursor.execute(f'SELECT COUNT(*) FROM "{name}"')  # noqa: S608
        counts[name] = cursor.fetchone()[0]
    return counts


@contextmanager
def _postgresql(command: str, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program of PostgreSQL on this database; what it says in the end is an error."""
    known = connection.settings_dict
    names = {"HOST": "PGHOST", "PORT": "PGPORT", "USER": "PGUSER", "PASSWORD": "PGPASSWORD"}
    environment = {variable: str(known[name]) for name, variable in names.items() if known[name]}
    arguments = [command, f"--dbname={known['NAME']}", *options]
    with tempfile.TemporaryFile() as said:
        try:
            process = subprocess.Popen(  # noqa: S603  the command is ours
                arguments,
                env=os.environ | environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
            )
        except FileNotFoundError as error:
            raise BackupError(f"{command} is not installed here.") from error
        try:
            with suppress(BrokenPipeError), process:
                yield process
        except BaseException:
            process.kill()
            raise
        finally:
            process.wait()
        if process.returncode:
            said.seek(0)
            raise BackupError(f"{command}: {said.read().decode(errors='replace').strip()}")


# --- Files
def _copy_files(folder: BackupFolder) -> Iterator[tuple[str, str]]:
    """Copy each file; yields its name and digest."""
    try:
        _, names = default_storage.listdir("")
    except FileNotFoundError:  # nothing was ever stored
        return
    for name in sorted(name for name in names if not name.endswith(PART)):
        with default_storage.open(name) as file:
            yield name, folder.write(f"{FILES}/{name}", file)


def _bring_back(folder: BackupFolder, name: str, digest: str) -> None:
    """Store a file unless it is there, and read it again."""
    if not default_storage.exists(name):
        with tempfile.TemporaryFile() as plain:
            folder.read(f"{FILES}/{name}", plain)
            plain.seek(0)
            default_storage.save(name, File(plain))
    with default_storage.open(name) as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != digest:
            raise BackupError(f"The file {name} is not what was backed up.")
