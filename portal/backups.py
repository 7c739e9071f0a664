"""Backups: the database as it was at one moment, and all files, in a folder that proves itself.

The database comes first: a file is stored before its row, and goes long after it.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone

from portal.storage import PART

MANIFEST, DATABASE, FILES = "manifest.json", "database", "files"
TABLES_OF_SQLITE = (
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
)
BESIDE = ("-wal", "-shm", "-journal")  # what SQLite leaves beside a database that was killed


class BackupError(Exception):
    """A sentence about why there is no backup, or nothing restored."""


def back_up(folder: Path) -> dict[str, Any]:
    """Write a backup into an empty or new folder, while the portal is in use; returns its
    manifest. The key of the portal is no part of it. Raises BackupError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise BackupError(f"{folder} is not empty.")
    counts = _dump(folder / DATABASE)
    manifest = {
        "made_at": timezone.now().isoformat(timespec="seconds"),
        "vendor": connection.vendor,
        "rows": counts,
        "database": _digest(folder / DATABASE),
        "files": dict(_copy_files(folder / FILES)),
    }
    with (folder / MANIFEST).open("w") as file:  # last: a backup without it is none
        json.dump(manifest, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    return manifest


def restore(folder: Path) -> dict[str, Any]:
    """Bring a backup back into a database without work orders, and verify it. Raises BackupError.

    Nothing is written unless the backup is whole. Files that are there already stay.
    """
    manifest = _manifest(folder)
    if connection.vendor != manifest["vendor"]:
        raise BackupError(f"This is a backup of {manifest['vendor']}, not {connection.vendor}.")
    if _is_in_use():
        raise BackupError("There are work orders in this database. Restore into an empty one.")
    _load(folder / DATABASE)
    if (found := _counts()) != manifest["rows"]:
        differing = sorted(t for t, n in manifest["rows"].items() if found.get(t) != n)
        raise BackupError(f"Not what was backed up: {', '.join(differing)}.")
    for name, digest in manifest["files"].items():
        if not default_storage.exists(name):
            with (folder / FILES / name).open("rb") as file:
                default_storage.save(name, File(file))
        with default_storage.open(name) as file:
            if _digest_of(file) != digest:
                raise BackupError(f"The file {name} is not what was backed up.")
    return manifest


def _manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a backup of which nothing is missing or changed."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
        digests = {DATABASE: manifest["database"]}
        digests |= {f"{FILES}/{name}": digest for name, digest in manifest["files"].items()}
        for name, digest in digests.items():
            if _digest(folder / name) != digest:
                raise BackupError(f"{folder / name} was changed since the backup.")
    except (OSError, ValueError, KeyError) as error:
        raise BackupError(f"{folder} is no whole backup: {error}.") from error
    return manifest


# --- The database
def _dump(to: Path) -> dict[str, int]:
    """Write the database as it is at one moment; returns how many rows each table has then."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(to)) as copy:
            connection.connection.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
            return _rows_of(copy.cursor(), [name for (name,) in copy.execute(TABLES_OF_SQLITE)])
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        _postgresql("pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={to}")
        return _counts()


def _load(dump: Path) -> None:
    if connection.vendor == "sqlite":
        path = str(connection.settings_dict["NAME"])
        connection.close()
        for ending in ("", *BESIDE):  # an old journal would be played into the new file
            Path(path + ending).unlink(missing_ok=True)
        shutil.copyfile(dump, path)
    else:
        _postgresql("pg_restore", "--no-owner", "--exit-on-error", "--clean", "--if-exists", dump)
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


def _postgresql(command: str, *arguments: str | Path) -> None:
    settings = connection.settings_dict
    names = {"HOST": "PGHOST", "PORT": "PGPORT", "USER": "PGUSER", "PASSWORD": "PGPASSWORD"}
    environment = {
        variable: str(settings[name]) for name, variable in names.items() if settings[name]
    }
    database = f"--dbname={settings['NAME']}"
    try:
        subprocess.run(  # noqa: S603  the command is ours
            [command, database, *map(str, arguments)],
            env=os.environ | environment,
            check=True,
            capture_output=True,
            text=True,
        )
    except FileNotFoundError as error:
        raise BackupError(f"{command} is not installed here.") from error
    except subprocess.CalledProcessError as error:
        raise BackupError(f"{command}: {error.stderr.strip()}") from error


# --- Files
def _copy_files(to: Path) -> Iterator[tuple[str, str]]:
    """Copy each file; yields its name and digest."""
    to.mkdir()
    try:
        _, names = default_storage.listdir("")
    except FileNotFoundError:  # nothing was ever stored
        return
    for name in sorted(name for name in names if not name.endswith(PART)):
        with default_storage.open(name) as file, (to / name).open("wb") as copy:
            shutil.copyfileobj(file, copy)
        yield name, _digest(to / name)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return _digest_of(file)


def _digest_of(file: Any) -> str:
    found = hashlib.sha256()
    while chunk := file.read(1_000_000):
        found.update(chunk)
    return found.hexdigest()
