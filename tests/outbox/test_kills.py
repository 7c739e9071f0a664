"""Hundreds of mails to a real server, by a real worker that is killed time and again, the server
refusing for a while.
"""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from aiosmtpd.controller import Controller
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from portal.outbox.models import Message
from portal.outbox.sender import UNFINISHED
from tests import ROOT
from tests.processes import database_url, free_port, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.live]

KICK = (
    "import django; django.setup(); from portal.outbox.tasks import send_now; [send_now() for _ in"
    " range(200)]"
)

IN_WORK = Q(due_at__lte=Now()) | Q(error=UNFINISHED)  # or soon


class Server:
    """What arrived, by Message-ID; for some of the mails it has a bad day first."""

    def __init__(self) -> None:
        self.arrived: Counter[str] = Counter()
        self.refused: set[str] = set()
        self.refuses = False
        self.port = 0

    async def handle_DATA(self, server, session, envelope) -> str:
        lines = envelope.content.decode().splitlines()
        name = next(line.partition(": ")[2] for line in lines if line.startswith("Message-ID"))
        if self.refuses:
            self.refused.add(name)
            return "451 come back later"
        self.arrived[name] += 1
        return "250 OK"


@pytest.fixture
def server() -> Iterator[Server]:
    handler = Server()
    handler.port = free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=handler.port)
    controller.start()
    yield handler
    controller.stop()


@pytest.fixture
def env(server, tmp_path) -> dict[str, str]:
    ours = {
        "DEBUG": "1",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "LOG_LEVEL": "ERROR",
        "DATABASE_URL": database_url(),
    }
    return (
        os.environ
        | ours
        | {
            "QUEUE_URL": f"sqlite:///{tmp_path}/queue.sqlite3",
            "EMAIL_URL": f"smtp://127.0.0.1:{server.port}",
        }
    )


@pytest.fixture
def start(env) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts a worker; none outlives the test."""
    command = [sys.executable, "manage.py", "run_huey", "-q"]
    with ExitStack() as running:

        def started() -> subprocess.Popen[bytes]:
            worker = subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.DEVNULL)
            running.callback(kill, worker)
            return worker

        yield started


def kill(worker: subprocess.Popen[bytes]) -> None:
    worker.kill()
    worker.wait()


def test_nothing_is_lost_and_little_is_doubled(full_size, real_transactions, server, env, start):
    count, most_kills = (1000, 20) if full_size else (300, 6)
    mails = [
        Message(
            key=f"event-{n}",
            to="dana@voltfix.example",
            subject=f"Subject {n}",
            body="Body",
            html="<p>Body</p>",
        )
        for n in range(count)
    ]
    Message.objects.bulk_create(mails)
    subprocess.run([sys.executable, "-c", KICK], cwd=ROOT, env=env, check=True)
    for kills in range(1, most_kills + 1):
        worker, before = start(), sum(server.arrived.values())
        if kills == most_kills // 2:
            server.refuses = True
            wait_for(lambda: len(server.refused) >= 20, seconds=60)
            server.refuses = False
        else:
            wait_for(lambda before=before: sum(server.arrived.values()) >= before + 20, seconds=60)
        kill(worker)
    while left := Message.objects.filter(sent_at=None):
        left.update(due_at=timezone.now())  # the pauses are over
        worker = start()
        wait_for(lambda left=left: not left.filter(IN_WORK).exists(), seconds=60)
        worker.terminate()
        worker.wait(20)
    assert set(server.arrived) == {f"<event-{n}@127.0.0.1>" for n in range(count)}
    assert sum(server.arrived.values()) - count <= most_kills
    assert len(server.refused) >= 20
