"""With a standby, lists and exports are read from it; who has just written, and everybody while it
is away or behind, reads the primary.
"""

import re
import shutil
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest
from django.db import connection
from django.urls import reverse

from portal.people.models import Role
from portal.standby import AFTER_A_WRITE, APPS, PAGES, Router
from tests.factories import make_accepted, make_admin, make_dana, make_user
from tests.processes import wait_for
from tests.trust.portal import BINARIES, Cluster, RunningPortal, StreamingStandby, cookies_of
from workorders.models import WorkOrder

TABLE_OF_CACHE = (
    "CREATE TABLE portal_cache (cache_key text PRIMARY KEY, value text, expires timestamptz)"
)
TOKEN = "0123456789abcdef" * 2


# --- What may be read there
class Spy:
    """Notes what is written or locked."""

    noted: list[str] = []

    def db_for_write(self, model, **hints):
        if model._meta.app_label in APPS:
            self.noted.append(model.__name__)


@pytest.mark.once
def test_pages_that_are_read_there_write_and_lock_nothing(
    client_of, dana, admin_user, settings, monkeypatch
):
    work_order, browser = make_accepted(dana), client_of(admin_user)
    monkeypatch.setattr(Spy, "noted", [])
    settings.DATABASE_ROUTERS = [f"{__name__}.Spy"]
    for page in PAGES:
        answer = browser.get(reverse(page, args=[work_order.number] * page.startswith("history")))
        if answer.streaming:
            b"".join(answer.streaming_content)
        assert (page, answer.status_code, Spy.noted) == (page, 200, [])
    WorkOrder.objects.select_for_update().filter(pk=1).exists()
    assert Spy.noted == ["WorkOrder"]


def test_nothing_is_migrated_or_written_there():
    assert Router().allow_migrate("standby", "workorders") is False
    assert Router().db_for_write(WorkOrder) == "default"
    assert Router().db_for_read(WorkOrder) is None


# --- A primary, its standby, and a portal that knows both
class Place(NamedTuple):
    primary: Cluster
    standby: StreamingStandby
    portal: RunningPortal
    number: str

    def metric(self, name: str) -> float:
        page = self.portal.ask("GET", "/metrics", Authorization=f"Bearer {TOKEN}").body.decode()
        return float(re.search(rf"^portal_{name} (\S+)$", page, re.MULTILINE)[1])

    def is_read(self) -> bool:
        """As both processes say."""
        return all(self.metric("standby_is_read") for _ in range(20))

    def first_page(self, headers: dict[str, str]) -> bytes:
        return self.portal.ask("GET", "/admin/", **headers).body

    def seen(self, headers: dict[str, str], subject: str) -> tuple[bool, int]:
        """Whether the list has this subject, and how many entries the exported history has."""
        work_orders = self.portal.ask("GET", "/work-orders/", **headers)
        history = self.portal.ask("GET", f"/work-orders/{self.number}/history.csv", **headers)
        assert (work_orders.status, history.status) == (200, 200)
        return subject.encode() in work_orders.body, len(history.body.splitlines())


@pytest.fixture
def place(real_transactions, tmp_path) -> Iterator[tuple[Place, dict, dict, dict]]:
    if connection.vendor != "postgresql" or not BINARIES:
        pytest.skip("needs PostgreSQL, and its initdb")
    dana = make_dana()
    work_order = make_accepted(dana, parts_required=False)
    lena = make_user("lena@voltfix.example", Role.DISPATCHER, partner=dana.partner)
    people = [cookies_of(user) for user in (dana, lena, make_admin())]
    disk = Path(tempfile.mkdtemp(prefix="portal-standby."))
    disk.chmod(0o755)
    primary = Cluster(disk)
    with psycopg.connect(primary.url) as database:
        database.execute(TABLE_OF_CACHE)
    standby = StreamingStandby(primary)
    env = {"DATABASE_URL": primary.url, "STANDBY_DATABASE_URL": standby.url}
    env |= {"CACHE_URL": "locmemcache://", "QUEUE_URL": f"sqlite:///{tmp_path}/queue.sqlite3"}
    env |= {"METRICS_TOKEN": TOKEN, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "metrics")}
    portal = RunningPortal(env)
    try:
        yield Place(primary, standby, portal, work_order.number), *people
    finally:
        portal.kill()
        standby.stop()
        primary.remove()
        shutil.rmtree(disk)


@pytest.mark.live
@pytest.mark.nightly
@pytest.mark.slow
@pytest.mark.no_waits
def test_a_standby_is_read_but_by_who_has_just_written_and_while_it_is_well(place):
    here, dana, lena, admin = place
    # behind, but not for long: what others write is not seen yet, what one writes oneself is
    for subject in ("Moved once", "Moved twice", "Moved again"):  # a busy machine may be too slow
        here.standby.execute("SELECT pg_wal_replay_resume()")
        wait_for(here.is_read, seconds=20)
        was_there = here.seen(lena, subject)
        here.standby.execute("SELECT pg_wal_replay_pause()")
        answer = here.portal.post(f"/work-orders/{here.number}/comment/", {"body": "Soon"}, **dana)
        assert [cookie[:10] for cookie in answer.cookies] == ["wrote=1; e", "messages=W"]
        with psycopg.connect(here.primary.url) as primary:
            primary.execute("UPDATE workorders_workorder SET subject = %s", [subject])
        seen = here.seen(lena, subject)
        if seen == was_there:
            break
    assert seen == was_there
    is_there = (True, was_there[1] + 1)
    has_written = dana | {"Cookie": f"{dana['Cookie']}; wrote=1"}
    assert here.seen(has_written, subject) == is_there

    # behind for longer than that
    wait_for(lambda: here.seen(lena, subject) == is_there, seconds=AFTER_A_WRITE + 2)
    wait_for(lambda: b"5 seconds behind" in here.first_page(admin), seconds=AFTER_A_WRITE + 2)
    assert (here.metric("standby_is_read"), here.metric("standby_bytes_behind") > 0) == (0, True)
    here.standby.execute("SELECT pg_wal_replay_resume()")
    wait_for(here.is_read, seconds=5)
    assert (here.metric("standby_bytes_behind"), here.seen(lena, subject)) == (0, is_there)

    # away in the middle of requests
    statuses: Counter[int] = Counter()
    clients = [threading.Thread(target=lambda: _ask_often(here, lena, statuses)) for _ in range(3)]
    for client in clients:
        client.start()
    wait_for(lambda: statuses.total() > 20, seconds=20)
    here.standby.stop()
    for client in clients:
        client.join()
    assert statuses == {200: 150}
    assert here.metric("standby_is_read") == 0
    assert b"does not answer" in here.first_page(admin)


def _ask_often(here: Place, headers: dict[str, str], statuses: Counter[int]) -> None:
    for _ in range(50):
        statuses[here.portal.ask("GET", "/work-orders/", **headers).status] += 1
