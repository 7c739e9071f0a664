"""What load balancers and monitors are told."""

import datetime as dt

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from portal.health import beat
from portal.outbox.models import ATTEMPTS, Message
from tests.pages import html_of


def answer(client, query: str = "", **options) -> tuple[int, bytes]:
    response = client.get(f"/readyz{query}", **options)
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
    """For the worker's monitor alone: late mail takes no web server away from everybody."""
    beat()
    make_message(minutes, **fields)
    assert answer(client, "?worker") == (status, b"ready" if status == 200 else b"not ready")
    assert ("Not ready: message" in caplog.text) == (status == 503)
    assert answer(client) == (200, b"ready")


@pytest.mark.parametrize(("minutes", "status"), [(None, 503), (6, 503), (4, 200)])
def test_a_worker_that_is_not_heard_of_is_told_of(client, client_of, admin_user, minutes, status):
    if minutes is not None:
        beat(timezone.now() - dt.timedelta(minutes=minutes))
    assert answer(client, "?worker")[0] == status
    assert answer(client) == (200, b"ready")
    page = html_of(client_of(admin_user).get("/admin/"))
    sentence = "Mails, reminders and changed calendars may wait: the worker"
    assert (sentence in page) == (status == 503)


def test_a_disk_that_is_full_is_minded(client, db, monkeypatch, settings, tmp_path, caplog):
    settings.MEDIA_ROOT = str(tmp_path)
    assert answer(client) == (200, b"ready")
    monkeypatch.setattr("portal.health.LEAST_FREE", 10**18)
    assert answer(client) == (503, b"not ready")
    assert "MB are left on the disk of" in caplog.text


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_come_by_ip(client, db, settings, path):
    settings.ALLOWED_HOSTS = ["portal.example.com"]
    answered = client.get(path, headers={"host": "10.1.2.3:8000"})
    assert (answered.status_code, answered.headers["Cache-Control"]) == (200, "no-store")
    assert client.get("/login/", headers={"host": "10.1.2.3:8000"}).status_code == 400


def test_readyz_minds_a_migration_that_is_missing(client, db):
    MigrationRecorder(connection).record_unapplied("outbox", "0001_squashed_0002")
    assert answer(client) == (503, b"not ready")


def test_readyz_minds_a_database_that_does_not_answer(client, db, monkeypatch):
    def fails(*args, **kwargs):
        raise ConnectionError("postgres://user:secret@host")

    with monkeypatch.context() as patched:
        patched.setattr(connection, "cursor", fails)
        assert answer(client) == (503, b"not ready")
