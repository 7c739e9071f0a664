"""The worker itself: a real consumer, a real queue, a real database, mails as files."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import ROOT

pytestmark = pytest.mark.once

QUEUE = """
import django; django.setup()
from portal.outbox.services import queue_mail
queue_mail(key="event-1", to="dana@voltfix.example", subject="Subject 1", body="Body")
"""


def test_worker_sends_a_message_soon_after_it_was_queued(tmp_path):
    """By the kick: the sweep of the next minute would come too late for this test."""
    files = {"DATABASE_URL": "db", "QUEUE_URL": "queue"}
    env = os.environ | {
        "DEBUG": "1",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "LOG_LEVEL": "INFO",
    }
    env |= {name: f"sqlite:///{tmp_path}/{file}.sqlite3" for name, file in files.items()}
    env |= {"EMAIL_URL": f"filemail:///{tmp_path}/mail"}
    python = [sys.executable, "-W", "error"]
    subprocess.run(
        [*python, "manage.py", "migrate", "outbox", "-v0"], cwd=ROOT, env=env, check=True
    )
    worker = subprocess.Popen([sys.executable, "manage.py", "run_huey", "-q"], cwd=ROOT, env=env)
    try:
        subprocess.run([*python, "-c", QUEUE], cwd=ROOT, env=env, check=True)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and not _mails(tmp_path):
            time.sleep(0.1)
        assert [
            line for line in _mails(tmp_path) if line.startswith(("Subject", "To", "Message-ID"))
        ] == [
            "Subject: Subject 1",
            "To: dana@voltfix.example",
            "Message-ID: <event-1@127.0.0.1>",
        ]
    finally:
        worker.terminate()
        worker.wait(10)


def _mails(folder: Path) -> list[str]:
    return [line for file in folder.glob("mail/*") for line in file.read_text().splitlines()]
