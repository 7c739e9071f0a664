"""Databases that are made for a benchmark and taken away again."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


def run_step(module: str, step: str, url: str, settings: str = "portal.settings") -> int:
    """A step of a benchmark in a process of its own, so that what it measures is its own."""
    environment = {"DATABASE_URL": url, "DEBUG": "0", "SECRET_KEY": "of-a-benchmark-" * 5}
    environment["DJANGO_SETTINGS_MODULE"] = settings
    return subprocess.run(
        [sys.executable, "-m", module, step], env=os.environ | environment
    ).returncode


@contextmanager
def on_sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/bench.sqlite3"


@contextmanager
def on_postgresql() -> Iterator[str]:
    server = os.environ.get("TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres")
    name = f"portal_bench_{os.getpid()}"
    subprocess.run(["psql", "-q", server, "-c", f"CREATE DATABASE {name}"], check=True)
    try:
        yield f"{server.rpartition('/')[0]}/{name}"
    finally:
        subprocess.run(
            ["psql", "-q", server, "-c", f"DROP DATABASE {name} WITH (FORCE)"], check=True
        )
