"""What load balancers and monitors are told."""

import datetime as dt

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from portal.outbox.models import ATTEMPTS, Message


def answer(client) -> tuple[int, bytes]:
    response = client.get("/readyz")
    return response.status_code, response.content


def make_message(minutes: int, **fields) -> Message:
    due = timezone.now() - dt.timedelta(minutes=minutes)
    return Message.objects.create(
        key="k", to="a@b.example", subject="S", body="B", due_at=due, **fields
    )


def test_healthz_answers_without_a_database(client):
    """No `db` fixture: a query would fail, and so would a look at the session."""
    client.cookies["sessionid"] = "somebody"
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok")


def test_readyz_says_ready_and_no_more(client, db):
    assert answer(client) == (200, b"ready")


@pytest.mark.parametrize(
    ("minutes", "fields", "status"),
    [
        (4, {}, 200),
        (6, {}, 503),
        (6, {"sent_at": timezone.now()}, 200),
        (-30, {"attempts": 3}, 200),
        (600, {"attempts": ATTEMPTS}, 200),
    ],
)
def test_readyz_minds_a_worker_that_sends_nothing(client, db, caplog, minutes, fields, status):
    """One recipient who refuses mail does not take the portal away from all others."""
    make_message(minutes, **fields)
    assert answer(client) == (status, b"ready" if status == 200 else b"not ready")
    assert ("Not ready: message" in caplog.text) == (status == 503)


def test_readyz_minds_a_migration_that_is_missing(client, db):
    MigrationRecorder(connection).record_unapplied("outbox", "0001_squashed_0002")
    assert answer(client) == (503, b"not ready")


def test_readyz_minds_a_database_that_does_not_answer(client, db, monkeypatch):
    def fails(*args, **kwargs):
        raise ConnectionError("postgres://user:secret@host")

    with monkeypatch.context() as patched:
        patched.setattr(connection, "cursor", fails)
        assert answer(client) == (503, b"not ready")
