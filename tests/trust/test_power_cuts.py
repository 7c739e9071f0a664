"""The power goes in a burst of writes, and only what was synced is left: what was acknowledged is
there. What the same cut takes where the database does not wait for its disk is shown beside it.
"""

import itertools
import os
import sqlite3
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPException
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from PIL import Image

from tests.factories import make_accepted, make_dana
from tests.processes import wait_for
from tests.trust.portal import BINARIES, Cluster, RunningPortal, SQLiteCopy, cookies_of
from tests.trust.power_cuts import Disk

pytestmark = [pytest.mark.slow, pytest.mark.live, pytest.mark.no_waits, pytest.mark.nightly]

TEN_COMMITS = """
import os, sqlite3, sys
found = sqlite3.connect(sys.argv[1], isolation_level=None)
found.execute("PRAGMA synchronous = " + sys.argv[2])
for number in range(10):
    found.execute("INSERT INTO numbers VALUES (?)", [number])
os._exit(0)  # without what SQLite does when it is closed
"""


@pytest.fixture
def disk() -> Iterator[Disk]:
    try:
        made = Disk()
    except OSError as error:
        pytest.skip(f"no compiler: {error}")
    yield made
    made.remove()


class Writers:
    """Comments and photos; whoever got an answer says so."""

    def __init__(self, portal: RunningPortal, paths: list[str], headers: dict[str, str]) -> None:
        self.portal, self.headers, self.is_over = portal, headers, threading.Event()
        self.comments: list[str] = []
        self.photos = 0
        self.numbers = itertools.count()
        writers = [threading.Thread(target=self.comment, args=[path]) for path in paths]
        self.threads = [*writers, threading.Thread(target=self.send_photos, args=[paths[0]])]
        for thread in self.threads:
            thread.start()

    def comment(self, path: str) -> None:
        while not self.is_over.is_set():
            body = f"Comment {next(self.numbers)}"
            try:
                answer = self.portal.post(f"{path}comment/", {"body": body}, **self.headers)
            except (OSError, HTTPException):
                return
            if answer.status == 302:
                self.comments.append(body)

    def send_photos(self, path: str) -> None:
        while not self.is_over.is_set():
            try:
                answer = self.portal.send_photo(f"{path}files/", **self.headers)
            except (OSError, HTTPException):
                return
            self.photos += answer.status == 302


def test_what_was_acknowledged_is_there_after_a_power_cut(
    real_transactions, tmp_path, disk, monkeypatch, figure
):
    is_sqlite = connection.vendor == "sqlite"
    if not (is_sqlite or BINARIES):
        pytest.skip("there is no initdb on this machine")
    dana = make_dana()
    paths = [f"/work-orders/{make_accepted(dana, parts_required=False).number}/" for _ in range(4)]
    headers, media = cookies_of(dana), disk.folder / "media"
    database = SQLiteCopy(disk.folder) if is_sqlite else Cluster(disk.folder)
    if isinstance(database, Cluster):
        database.run("pg_ctl", "-D", str(database.data), "-m", "fast", "-w", "stop")
    disk.sync()
    with monkeypatch.context() as under_watch:
        for name, value in disk.env.items():
            under_watch.setenv(name, value)
        if isinstance(database, Cluster):
            database.start()
        env = {
            "DATABASE_URL": database.url,
            "MEDIA_ROOT": str(media),
            "CACHE_URL": "locmemcache://",
        }
        portal = RunningPortal(env | {"QUEUE_URL": f"sqlite:///{tmp_path}/queue.sqlite3"})
    writers = Writers(portal, paths, headers)
    try:
        wait_for(lambda: len(writers.comments) > 60 and writers.photos > 6, seconds=120)
    finally:
        comments, photos = list(writers.comments), writers.photos  # of this moment
        writers.is_over.set()
        portal.kill()
        if isinstance(database, Cluster):
            database.stop()
    disk.cut()
    if isinstance(database, Cluster):
        database.start()
    try:
        stored = {body for (body,) in rows_of(database, "SELECT body FROM workorders_comment")}
        keys = rows_of(database, "SELECT key FROM workorders_file")
        files = [media / f"{uuid.UUID(str(key))}.jpg" for (key,) in keys]
        broken = [file for file in files if not is_whole(file)]
        lost = set(comments) - stored
        figure(
            f"{len(lost)} of {len(comments)} comments and {max(0, photos - len(files))} of {photos}"
            f" photos lost, {len(broken)} broken, at a power cut on {connection.vendor}"
        )
        assert (lost, len(files) >= photos, broken) == (set(), True, [])
    finally:
        database.remove()


def rows_of(database: SQLiteCopy | Cluster, sql: str) -> list[tuple[str]]:
    if isinstance(database, Cluster):
        with psycopg.connect(database.url) as found:
            return found.execute(sql).fetchall()
    with closing(sqlite3.connect(database.path)) as copy:
        copy.create_function("regexp", 2, lambda *_: True)  # which Django brings
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return copy.execute(sql).fetchall()


def is_whole(file: Path) -> bool:
    try:
        with Image.open(file) as image:
            image.load()
    except OSError:
        return False
    return True


# --- The model itself: what does not wait for the disk is lost
@pytest.mark.parametrize(("synchronous", "left"), [("FULL", 10), ("NORMAL", 0)])
def test_sqlite_that_does_not_wait_loses_what_it_has_acknowledged(disk, synchronous, left, figure):
    path = disk.folder / "numbers.sqlite3"
    with closing(sqlite3.connect(path)) as empty:
        empty.execute("PRAGMA journal_mode = WAL")
        empty.execute("CREATE TABLE numbers (number)")
    disk.sync()
    writer = [sys.executable, "-c", TEN_COMMITS, str(path), synchronous]
    subprocess.run(writer, env=os.environ | disk.env, check=True)
    disk.cut()
    with closing(sqlite3.connect(path)) as found:
        (count,) = found.execute("SELECT COUNT(*) FROM numbers").fetchone()
    figure(f"SQLite, synchronous={synchronous}: {count} of 10 commits left")
    assert count == left


@pytest.mark.skipif(not BINARIES, reason="there is no initdb on this machine")
@pytest.mark.parametrize("synchronous_commit", ["on", "off"])
def test_postgresql_that_does_not_wait_loses_it_too(
    db, disk, synchronous_commit, monkeypatch, figure
):
    if connection.vendor != "postgresql":
        pytest.skip("a server of PostgreSQL is cut, whatever the tests run on: once is enough")
    cluster = Cluster(disk.folder)
    with psycopg.connect(cluster.url, autocommit=True) as before:
        before.execute("CREATE TABLE numbers (number int)")
        before.execute(f"ALTER SYSTEM SET synchronous_commit = {synchronous_commit}")
        before.execute("ALTER SYSTEM SET wal_writer_delay = '10s'")
    cluster.run("pg_ctl", "-D", str(cluster.data), "-m", "fast", "-w", "stop")
    disk.sync()
    with monkeypatch.context() as under_watch:
        for name, value in disk.env.items():
            under_watch.setenv(name, value)
        cluster.start()
    with psycopg.connect(cluster.url, autocommit=True) as writer:
        for number in range(10):
            writer.execute("INSERT INTO numbers VALUES (%s)", [number])
        cluster.stop()
    disk.cut()
    cluster.start()
    try:
        count = cluster.count("SELECT COUNT(*) FROM numbers")
    finally:
        cluster.remove()
    figure(f"PostgreSQL, synchronous_commit={synchronous_commit}: {count} of 10 commits left")
    assert (count == 10) is (synchronous_commit == "on")
