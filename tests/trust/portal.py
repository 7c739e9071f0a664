"""A portal of its own: files and database on a small disk of memory, a real server, its faults."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from urllib.parse import urlencode

import psycopg
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from portal.people.models import User
from tests import ROOT
from tests.factories import PASSWORD
from tests.processes import database_url, free_port, wait_for
from tests.workorders.uploads import JPEG, upload

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
TOKEN = "t" * 32
URLENCODED = "application/x-www-form-urlencoded"


class Answer:
    def __init__(self, got: HTTPResponse) -> None:
        self.status, self.headers, self.body = got.status, dict(got.getheaders()), got.read()
        self.cookies = got.headers.get_all("Set-Cookie", [])


class RunningPortal:
    """Granian with two workers, as README.md starts it."""

    def __init__(self, env: dict[str, str]) -> None:
        self.port = free_port()
        self.env = os.environ | {"DEBUG": "1", "LOG_LEVEL": "ERROR"} | env
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
        command += ["--port", str(self.port), "--workers", "2", "--blocking-threads", "8"]
        command += ["--no-ws", "--log-level", "critical", "portal.wsgi:application"]
        log = subprocess.DEVNULL if "TRUST_LOG" not in os.environ else None
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=self.env, stderr=log, start_new_session=True
        )
        try:
            wait_for(self.answers, seconds=60)
        except AssertionError:
            self.kill()
            raise

    def answers(self) -> bool:
        try:
            return self.ask("GET", "/healthz").status == 200
        except (OSError, HTTPException):
            return False

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        wire = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            wire.request(method, path, body or None, headers)
            return Answer(wire.getresponse())
        finally:
            wire.close()

    def post(self, path: str, data: dict[str, object], **headers: str) -> Answer:
        kind = headers | {"Content-Type": URLENCODED}
        return self.ask("POST", path, urlencode(data, doseq=True).encode(), **kind)

    def send_photo(self, path: str, **headers: str) -> Answer:
        data = {"upload_key": str(uuid.uuid4()), "uploads": upload(JPEG)}
        kind = headers | {"Content-Type": MULTIPART_CONTENT}
        return self.ask("POST", path, encode_multipart(BOUNDARY, data), **kind)

    def restart(self) -> None:
        """As an operator does: what is under way is finished."""
        self.process.terminate()
        self.process.wait(60)
        self.start()

    def kill(self) -> None:
        """All of its processes, at once."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def cookies_of(user: User) -> dict[str, str]:
    """What the browser of a person who is logged in sends."""
    browser = Client()
    browser.force_login(user)
    session = browser.cookies[settings.SESSION_COOKIE_NAME].value
    known = f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={TOKEN}"
    return {"Cookie": known, "X-CSRFToken": TOKEN}


STRANGER = {"Cookie": f"{settings.CSRF_COOKIE_NAME}={TOKEN}", "X-CSRFToken": TOKEN}


def give_password(user: User) -> None:
    """One that a real server knows how to check."""
    user.password = Argon2PasswordHasher().encode(PASSWORD, "some-salt-of-tests")
    user.save(update_fields=["password"])


# --- A small disk
@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """Where servers of other users can read, too. Raises OSError where nothing can be mounted."""
    folder = Path(tempfile.mkdtemp(prefix="portal-disk."))
    folder.chmod(0o755)
    size = f"size={megabytes}m"
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", size, "tmpfs", folder], capture_output=True, check=False
    )
    if done.returncode:
        raise OSError(done.stderr.decode())
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
        folder.rmdir()


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """Not a byte is left."""
    ballast = disk / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(b"\0" * 4096)
    yield
    ballast.unlink()


@contextmanager
def read_only(disk: Path) -> Iterator[None]:
    remount = ["mount", "-o", "remount,ro", disk]
    wait_for(lambda: not subprocess.run(remount, capture_output=True).returncode, seconds=10)
    yield
    subprocess.run(["mount", "-o", "remount,rw", disk], check=True)


# --- Databases
class SQLiteCopy:
    """The test's rows in a file of their own."""

    def __init__(self, disk: Path) -> None:
        (disk / "database").mkdir()
        self.path = disk / "database" / "portal.sqlite3"
        self.url = f"sqlite:///{self.path}"
        connection.ensure_connection()
        with sqlite3.connect(self.path) as copy:
            connection.connection.backup(copy)
        copy.close()

    def count(self, sql: str) -> int:
        found = sqlite3.connect(self.path)
        try:
            return int(found.execute(sql).fetchone()[0])
        finally:
            found.close()

    def remove(self) -> None:
        """It goes with its disk."""


class Cluster:
    """The test's rows on a PostgreSQL server of their own, which can be stopped and filled up."""

    def __init__(self, disk: Path) -> None:
        self.disk, self.data, self.port = disk, disk / "cluster", free_port()
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/portal"
        self.log = Path(f"{disk}.log")
        self.log.touch()
        for folder in (disk, self.log):
            shutil.chown(folder, "postgres")
        init = ["--username", "postgres", "--auth", "trust", "--encoding", "UTF8", "--no-sync"]
        self.run("initdb", "--pgdata", str(self.data), "--wal-segsize", "1", *init)
        self.start()
        psql = ["psql", "-qX", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres"]
        subprocess.run([*psql, "-c", "CREATE DATABASE portal"], check=True)
        dumped = subprocess.run(["pg_dump", database_url()], check=True, capture_output=True)
        subprocess.run([*psql, "portal"], input=dumped.stdout, check=True, capture_output=True)

    def run(self, program: str, *args: str) -> None:
        command = [BINARIES[-1] / program, *args]
        subprocess.run(
            command, check=True, user="postgres", cwd="/", extra_groups=[], capture_output=True
        )

    def start(self) -> None:
        options = f"-p {self.port} -k {self.disk} -c listen_addresses=127.0.0.1"
        options += " -c max_connections=20 -c shared_buffers=16MB -c max_wal_size=8MB"
        options += " -c min_wal_size=2MB"
        self.run("pg_ctl", "-D", str(self.data), "-l", str(self.log), "-o", options, "-w", "start")

    def is_up(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def remove(self) -> None:
        self.stop()
        self.log.unlink()

    def stop(self) -> None:
        with suppress(subprocess.CalledProcessError):
            self.run("pg_ctl", "-D", str(self.data), "-m", "immediate", "-w", "stop")

    def count(self, sql: str) -> int:
        with psycopg.connect(self.url) as found:
            return int(found.execute(sql).fetchone()[0])

    # --- Its faults
    @contextmanager
    def away(self) -> Iterator[None]:
        self.stop()
        yield
        self.start()

    @contextmanager
    def without_connections(self) -> Iterator[None]:
        """Others hold all of them."""
        held = []
        deadline = time.monotonic() + 20
        with suppress(psycopg.OperationalError):
            while time.monotonic() < deadline:
                held.append(psycopg.connect(self.url))
        self.cut_others(held[0], [one.info.backend_pid for one in held])
        with suppress(psycopg.OperationalError):
            while time.monotonic() < deadline:
                held.append(psycopg.connect(self.url))
        yield
        for one in held:
            one.close()

    def cut_others(self, by: "psycopg.Connection[tuple[object, ...]]", pids: list[int]) -> None:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'portal'"
        by.execute(f"{others} AND NOT pid = ANY(%s)", [pids])
        by.rollback()
        time.sleep(0.3)

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """As a standby is."""
        for value in ("on", "off"):
            with psycopg.connect(self.url, autocommit=True) as found:
                found.execute("SET default_transaction_read_only = off")
                found.execute(f"ALTER SYSTEM SET default_transaction_read_only = {value}")
                found.execute("SELECT pg_reload_conf()")
            time.sleep(0.3)
            if value == "on":
                yield

    @contextmanager
    def full(self) -> Iterator[None]:
        """A server that the full disk has stopped is started again, as an operator would."""
        with filled(self.disk):
            self.use_up()
            yield
        if not self.is_up():
            self.stop()
            self.start()

    def use_up(self) -> None:
        """What the server has kept for its next writes, too."""
        with suppress(psycopg.OperationalError), psycopg.connect(self.url, autocommit=True) as one:
            for _ in range(100):
                one.execute("SELECT pg_logical_emit_message(true, 'x', repeat('x', 900000))")


class StreamingStandby(Cluster):
    """A server that follows a cluster, beside it on its disk."""

    def __init__(self, primary: Cluster) -> None:
        self.disk, self.data, self.log = primary.disk, primary.disk / "standby", primary.log
        self.port = free_port()
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/portal"
        of_primary = ["-h", "127.0.0.1", "-p", str(primary.port), "-U", "postgres"]
        self.run("pg_basebackup", "-D", str(self.data), "-R", "--checkpoint=fast", *of_primary)
        self.start()

    def execute(self, sql: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as one:
            one.execute(sql)
