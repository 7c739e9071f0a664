"""Twenty times all processes of the portal are killed in a burst of writes: what was acknowledged
is there, once; what was sent again is not there twice.
"""

import itertools
import threading
import time
from collections import Counter
from http.client import HTTPException
from random import Random

import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse

from tests.factories import make_accepted, make_dana
from tests.processes import database_url, wait_for
from tests.trust.portal import RunningPortal, cookies_of
from workorders.models import Comment, LedgerEntry

pytestmark = [pytest.mark.slow, pytest.mark.live, pytest.mark.no_waits]

CLIENTS = 8


class Burst:
    """Comments, each under a key of its own; what got no answer is sent again under the same."""

    def __init__(self, portal: RunningPortal, paths: list[str], headers: dict[str, str]) -> None:
        self.portal, self.paths, self.headers = portal, paths, headers
        self.numbers, self.is_over = itertools.count(), threading.Event()
        self.acknowledged: list[str] = []
        self.unexpected: Counter[int] = Counter()
        self.sent_again = 0
        self.clients = [threading.Thread(target=self.write) for _ in range(CLIENTS)]
        for client in self.clients:
            client.start()

    def write(self) -> None:
        while not self.is_over.is_set():
            number = next(self.numbers)
            path, body = self.paths[number % len(self.paths)], f"Comment {number}"
            self.write_one(path, {"body": body, "form_key": f"key-{number}"})

    def write_one(self, path: str, data: dict[str, object]) -> None:
        while True:
            try:
                status = self.portal.post(path, data, **self.headers).status
            except (OSError, HTTPException):
                self.sent_again += 1
                time.sleep(0.05)
                continue
            if status == 503:
                time.sleep(0.2)
                continue
            if status == 302:
                self.acknowledged.append(str(data["body"]))
            else:
                self.unexpected[status] += 1
            return

    def end(self) -> None:
        self.is_over.set()
        for client in self.clients:
            client.join()


@pytest.mark.parametrize(
    ("kills", "writes"), [(3, 150), pytest.param(20, 20_000, marks=pytest.mark.nightly)]
)
def test_nothing_acknowledged_is_lost_and_nothing_is_doubled(
    real_transactions, tmp_path, kills, writes, figure
):
    dana, chance = make_dana(), Random(kills)
    rows = [make_accepted(dana, parts_required=False) for _ in range(CLIENTS)]
    paths = [reverse("comment", args=[row.number]) for row in rows]
    env = {"DATABASE_URL": database_url(), "CACHE_URL": "locmemcache://"}
    env |= {"QUEUE_URL": f"sqlite:///{tmp_path}/queue.sqlite3", "MEDIA_ROOT": settings.MEDIA_ROOT}
    portal = RunningPortal(env)
    burst = Burst(portal, paths, cookies_of(dana))
    try:
        for kill in range(1, kills + 1):
            enough = writes * kill // (kills + 1)
            wait_for(lambda enough=enough: len(burst.acknowledged) >= enough, seconds=1800)
            time.sleep(chance.random() / 10)
            portal.kill()
            portal.start()
        wait_for(lambda: len(burst.acknowledged) >= writes, seconds=1800)
    finally:
        burst.end()
        portal.kill()
    stored = Counter(Comment.objects.values_list("body", flat=True))
    lost = set(burst.acknowledged) - stored.keys()
    doubled = [body for body, count in stored.items() if count > 1]
    entries = LedgerEntry.objects.filter(work_order__in=rows, event="commented").count()
    figure(
        f"{len(lost)} lost and {len(doubled)} doubled of {len(burst.acknowledged):,} acknowledged"
        f" in {kills} kills on {connection.vendor}; {burst.sent_again} sent again"
    )
    assert (lost, doubled, dict(burst.unexpected)) == (set(), [], {})
    assert entries == stored.total()
    assert burst.sent_again >= kills
