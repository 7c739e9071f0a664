"""What is counted and logged of requests to a real server, by two processes together."""

import datetime as dt
import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlencode

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone

from portal.audit.models import AuditEntry, AuditEvent
from portal.health import beat
from portal.outbox.models import ATTEMPTS, Message
from portal.people.tokens import invitation_token
from portal.request_log import NamesNobody
from tests import ROOT
from tests.factories import make_accepted
from tests.processes import database_url, free_port, wait_for

TOKEN = "0123456789abcdef" * 2
METRIC = re.compile(r"^(\w+)(?:{(.*)})? (\S+)$", re.MULTILINE)


class WatchedServer(NamedTuple):
    port: int
    log: Path

    def ask(self, path: str, method: str = "GET", body: str = "", **headers: str):
        """Over a connection of its own, so that any process may answer."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        found = answer.status, answer.headers["X-Request-ID"], answer.read().decode()
        connection.close()
        return found

    def is_up(self) -> bool:
        try:
            return self.ask("/healthz")[0] == 200
        except OSError:
            return False


@pytest.fixture
def watched_server(real_transactions, tmp_path) -> Iterator[WatchedServer]:
    port, log = free_port(), tmp_path / "log"
    environment = {
        "DEBUG": "1",
        "DATABASE_URL": database_url(),
        "CACHE_URL": "locmemcache://",
        "LOG_REQUESTS": "1",
        "METRICS_TOKEN": TOKEN,
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "metrics"),
    }
    command = f"-m granian --interface wsgi --host 127.0.0.1 --port {port} --workers 2 --no-ws"
    with log.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, *command.split(), "--log-level", "error", "portal.wsgi:application"],
            cwd=ROOT,
            env=os.environ | environment,
            stderr=file,
        )
    server = WatchedServer(port, log)
    try:
        wait_for(server.is_up, seconds=30)
        yield server
    finally:
        process.terminate()
        process.wait(30)


@pytest.mark.live
def test_each_request_is_counted_and_logged_once_and_nobody_is_named(watched_server, dana):
    work_order, server = make_accepted(dana), watched_server
    browser = Client()
    browser.force_login(dana)
    session = browser.cookies["sessionid"].value
    invitation = invitation_token(dana)
    form = {"login": dana.email, "password": "what-nobody-may-read"}
    form_type = {"Content-Type": "application/x-www-form-urlencoded"}
    cookie = {"Cookie": f"csrftoken={'c' * 32}", "X-CSRFToken": "c" * 32}
    asked = [
        ("GET", "login/", server.ask("/login/")),
        ("GET", "invitations/<str:token>/", server.ask(f"/invitations/{invitation}/")),
        ("GET", "(unknown)", server.ask(f"/nowhere/{invitation}?of={dana.email}")),
        ("GET", "work-orders/", server.ask(f"/work-orders/?q={quote(work_order.poc_name)}")),
        ("(other)", "login/", server.ask("/login/", "SPELL")),
        ("POST", "login/", server.ask("/login/", "POST", urlencode(form), **form_type, **cookie)),
        (
            "GET",
            "work-orders/<slug:number>/",
            server.ask(f"/work-orders/{work_order.number}/", Cookie=f"sessionid={session}"),
        ),
    ]
    lines = server.log.read_text().splitlines()
    logged = {line["id"]: line for line in map(json.loads, (s for s in lines if s[0] == "{"))}
    for method, route, (status, number, _) in asked:
        line = logged.pop(number)
        assert line.pop("ms") > 0
        actor = dana.pk if "slug" in route else None
        wanted = {"id": number, "actor": actor, "method": method, "route": route, "status": status}
        assert line == wanted
    assert {line["route"] for line in logged.values()} == {"healthz"}
    (failed,) = [line for line in lines if "A login failed" in line]
    assert failed.endswith(f"of person {dana.pk}")
    secrets = [session, invitation, dana.email, form["password"], dana.name, work_order.number]
    secrets += [work_order.poc_name, quote(work_order.poc_name), "127.0.0.1"]
    assert [each for each in secrets if each in "\n".join(lines)] == []

    assert [server.ask("/metrics")[0], server.ask("/metrics", Authorization="Bearer no")[0]] == [
        401,
        401,
    ]
    found = {
        (name, labels): float(value)
        for name, labels, value in METRIC.findall(
            server.ask("/metrics", Authorization=f"Bearer {TOKEN}")[2]
        )
    }
    for method, route, (status, _, _) in asked:
        labels = f'method="{method}",route="{route}",status="{status}"'
        assert found["portal_answer_seconds_count", labels] == 1, labels


def test_metrics_say_how_the_portal_does(client, db, settings, monkeypatch, tmp_path):
    settings.METRICS_TOKEN = TOKEN
    monkeypatch.setattr("portal.metrics.FOLDER", tmp_path)
    settings.MEDIA_ROOT = str(tmp_path)
    now = timezone.now()
    beat(now - dt.timedelta(minutes=3))
    AuditEntry.objects.create(event=AuditEvent.BACKED_UP, at=now - dt.timedelta(hours=1))
    for key, minutes, attempts in [("a", -9, 0), ("b", 1, 0), ("c", 9, 1), ("d", 9, ATTEMPTS)]:
        due_at = now - dt.timedelta(minutes=minutes)
        Message.objects.create(key=key, to="a@b.example", due_at=due_at, attempts=attempts)
    page = client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    found = {name: float(value) for name, _, value in METRIC.findall(page.content.decode())}
    ages = {
        name: found.pop(f"portal_{name}_age_seconds") for name in ("worker_heartbeat", "backup")
    }
    assert [180 <= ages["worker_heartbeat"] < 240, 3600 <= ages["backup"] < 3660] == [True, True]
    assert found.pop("portal_disk_free_bytes") > 0
    assert found == {
        "portal_cache_away": 0,
        "portal_mails_waiting": 3,
        "portal_mails_late": 1,
        "portal_mails_given_up": 1,
        "portal_database_answers": 1,
    }


def test_without_a_token_there_are_no_metrics(client, settings):
    assert client.get("/metrics").status_code == 404
    settings.METRICS_TOKEN = TOKEN
    assert client.get("/metrics", headers={"authorization": "Bearer "}).status_code == 401


@pytest.mark.parametrize(
    ("path", "logged"),
    [("/invitations/secret-ü/", r"/invitations/secret-\xfc/"), ("/portal/", "/portal/")],
)
def test_what_is_logged_by_others_names_nobody_either(path, logged):
    """And a traceback names its files, whatever address was asked for."""
    try:
        raise ValueError("Key (email)=(dana@voltfix.example) already exists")
    except ValueError:
        record = logging.LogRecord(
            "x", logging.ERROR, "", 1, "Not Found: %s", (logged,), sys.exc_info()
        )
    record.request = RequestFactory().get(f"{path}?of=a@b.example")
    text = NamesNobody("%(message)s").format(record)
    assert text.startswith("Not Found: (unknown)\nTraceback")
    assert "Key (email)=((e-mail)) already exists" in text
    assert "tests/portal/test_at_the_server.py" in text
    assert "secret" not in text
