"""A database moves to another one, of the other vendor: every row, or none."""

import os
import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections

from portal import moving
from portal.outbox.models import Message
from tests import ROOT
from tests.factories import make_accepted, make_dana
from tests.processes import database_url
from workorders.models import WorkOrder

# from SQLite to PostgreSQL in every run, the way back at night
pytestmark = [pytest.mark.slow, *([pytest.mark.nightly] if connection.vendor != "sqlite" else [])]


@pytest.fixture
def url(tmp_path) -> Iterator[str]:
    """Of an empty database of the other vendor."""
    if connection.vendor != "sqlite":
        yield f"sqlite:///{tmp_path}/moved.sqlite3"
        return
    server = os.environ.get("TEST_POSTGRES_URL")
    if not server:
        pytest.skip("TEST_POSTGRES_URL names no server")
    name = f"test_{os.getpid()}_moved"
    with psycopg.connect(server, autocommit=True) as there:
        there.execute(f"CREATE DATABASE {name}")
        yield f"{server.rpartition('/')[0]}/{name}"
        there.execute(f"DROP DATABASE {name} WITH (FORCE)")


def manage(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command on the database at this address."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=os.environ | {"DEBUG": "1", "DATABASE_URL": url},
        capture_output=True,
        text=True,
    )


def move(url: str) -> str:
    """What the command says in the end."""
    done = manage(database_url(), "move_database", url)
    return (done.stderr or done.stdout).splitlines()[0]


LOOK = """
from django.db import Error, connection
from portal.outbox.models import Message
from workorders.models import LedgerEntry, WorkOrder
print(list(WorkOrder.objects.order_by("pk").values_list("number", "target_on", "case_by_value")))
print([(each.pk, each.body, each.headers) for each in Message.objects.order_by("pk")])
print(Message.objects.create(key="n", to="a@b.example", subject="S", body="B").pk)
try:
    print(LedgerEntry.objects.update(note="never happened"))
except Error as error:
    print(str(error).splitlines()[0])
"""


def test_every_row_comes_over_and_work_goes_on(real_transactions, url, full_size):
    make_accepted(make_dana())
    if full_size:
        call_command("seed_demo", accounts=True, verbosity=0)
    body, headers = "München 🙂", {"a": [None], "b": 1}
    message = Message(key="k", to="a@b.example", subject="S", body=body, headers=headers)
    if connection.vendor == "sqlite":
        message.body = "what PostgreSQL cannot hold: \0"
        message.save()
        assert "Nothing was moved: outbox_message: PostgreSQL text fields cannot" in move(url)
    message.body = body
    message.save()
    assert move(url).endswith("tables are there, each the same.")
    rows = WorkOrder.objects.order_by("pk").values_list("number", "target_on", "case_by_value")
    looked = manage(url, "shell", "--no-imports", "-c", LOOK)
    assert looked.stderr == ""
    orders, messages, next_number, refusal = looked.stdout.splitlines()
    assert orders == str(list(rows))
    assert messages.endswith(f"{(message.pk, body, headers)!s}]")
    assert int(next_number) == message.pk + 1
    assert refusal == "the ledger is append-only"
    assert "There are rows in" in move(url)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("nonsense", "The URL must be "),
        ("mysql://user@host/name", "The URL must be the address of a SQLite file or a Post"),
    ],
)
def test_an_address_that_leads_nowhere_is_refused(db, url, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command("move_database", url)
    assert moving.TARGET not in connections.databases


def test_a_database_does_not_move_to_itself(db):
    with pytest.raises(moving.MoveError, match="That is the database in use"):
        moving.move_to(connection.settings_dict)
