"""What is away or full, by what people do meanwhile: an honest answer, nothing half-done, and all
is well again as soon as the fault is over.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import NamedTuple

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from portal.people.models import User
from tests.factories import PASSWORD, make_accepted, make_admin, make_dana
from tests.processes import free_port, wait_for
from tests.trust.portal import (
    BINARIES,
    STRANGER,
    Answer,
    Cluster,
    RunningPortal,
    SQLiteCopy,
    cookies_of,
    filled,
    give_password,
    read_only,
    small_disk,
)
from tests.workorders.uploads import add
from workorders.models import WorkOrder

pytestmark = [pytest.mark.slow, pytest.mark.live, pytest.mark.no_waits]

DOES = ["healthz", "login page", "log in", "reset", "list", "page", "file", "export", "admin"]
DOES += ["write", "upload"]
# the mail server is away all the time: mails wait in the outbox
ALL_IS_WELL = "200 200 302 302 200 200 200 200 200 302 302"
# 503 with Retry-After, with ? or as when all is well: PostgreSQL comes and goes; 507: the form
# says why
TABLE = {
    "nothing": ALL_IS_WELL,
    "database away": "200 200 503 503 503 503 503 503 503 503 503",
    "no connections": "200 200 503 503 503 503 503 503 503 503 503",
    "database read-only": "200 200 503 503 200 200 200 200 200 503 503",
    "database's disk full": "200 200 503? 503? 200? 200? 200? 200? 200? 503? 503?",
    "files' disk full": "200 200 302 302 200 200 200 200 200 302 507",
    "files' disk read-only": "200 200 302 302 200 200 200 200 200 302 507",
    "cache away": ALL_IS_WELL,
    "clock set back": ALL_IS_WELL,
}


class Place(NamedTuple):
    """A portal with its database and its disks, and what is done there."""

    portal: RunningPortal
    database: SQLiteCopy | Cluster
    files: Path
    number: str
    key: str
    danas: dict[str, str]
    admins: dict[str, str]

    def does(self, what: str, said: str) -> Answer:
        portal, row = self.portal, f"/work-orders/{self.number}/"
        match what:
            case "log in":
                data = {"login": "lena@voltfix.example", "password": PASSWORD}
                return portal.post("/login/", data, **STRANGER)
            case "reset":
                data = {"email": f"{said.replace(' ', '-')[:40]}@voltfix.example"}
                return portal.post("/password/reset/", data, **STRANGER)
            case "write":
                return portal.post(f"{row}comment/", {"body": said}, **self.danas)
            case "upload":
                return portal.send_photo(f"{row}files/", **self.danas)
            case "admin":
                return portal.ask("GET", "/admin/", **self.admins)
        address = {
            "healthz": "/healthz",
            "login page": "/login/",
            "list": "/work-orders/",
            "page": row,
            "file": f"{row}files/{self.key}/",
            "export": f"{row}history.csv",
        }[what]
        return portal.ask("GET", address, **(STRANGER if what == "login page" else self.danas))


@pytest.fixture
def place(real_transactions, tmp_path, settings) -> Iterator[Callable[..., Place]]:
    """Makes one; a clock that is ahead has written what is there."""
    running: list[RunningPortal | SQLiteCopy | Cluster] = []
    try:
        disks = ExitStack()
        disk, files = disks.enter_context(small_disk(160)), disks.enter_context(small_disk(8))
    except OSError as error:
        pytest.skip(f"no small disk can be had here: {error}")
    with disks:

        def made(*, ahead: dt.timedelta = dt.timedelta(0), **env: str) -> Place:
            settings.MEDIA_ROOT = str(files)
            with override_settings(CACHES=settings.CACHES | {"database": TABLE_OF_CACHE}):
                call_command("createcachetable", verbosity=0)
            with time_machine.travel(timezone.now() + ahead, tick=True):
                dana, admin, row = make_dana(), make_admin(), an_order()
                for user in (dana, lena(dana)):
                    give_password(user)
                key = str(add(row, dana).key)
                browsers = cookies_of(dana), cookies_of(admin)
            database = (SQLiteCopy if connection.vendor == "sqlite" else Cluster)(disk)
            running.append(database)
            known = {"DATABASE_URL": database.url, "MEDIA_ROOT": str(files)}
            known |= {"CACHE_URL": "locmemcache://", "EMAIL_URL": "smtp://127.0.0.1:9"}
            known |= {"QUEUE_URL": f"sqlite:///{tmp_path}/queue.sqlite3"}
            portal = RunningPortal(known | env)
            running.append(portal)
            return Place(portal, database, files, row.number, key, *browsers)

        yield made
        for each in reversed(running):
            each.kill() if isinstance(each, RunningPortal) else each.remove()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS portal_cache")


def an_order() -> WorkOrder:
    return make_accepted(make_dana(), parts_required=False, assigned_on=dt.date(2026, 3, 2))


def lena(dana: User) -> User:
    """Who logs in; Dana is logged in all along."""
    return User.objects.create_user(
        "lena@voltfix.example", name="Lena", role="dispatcher", partner=dana.partner
    )


def fault(place: Place, name: str) -> AbstractContextManager[None]:
    database = place.database
    if isinstance(database, Cluster):
        of_database = {
            "database away": database.away,
            "no connections": database.without_connections,
            "database read-only": database.read_only,
            "database's disk full": database.full,
        }
    else:
        disk = database.path.parents[1]
        of_database = {
            "database read-only": lambda: started_again(place.portal, read_only(disk)),
            "database's disk full": lambda: filled(disk),
        }
    of_files = {
        "files' disk full": lambda: filled(place.files),
        "files' disk read-only": lambda: read_only(place.files),
    }
    return (of_database | of_files).get(name, nullcontext)()


@contextmanager
def started_again(portal: RunningPortal, fault: AbstractContextManager[None]) -> Iterator[None]:
    """SQLite keeps its file open: the fault is there before the portal is."""
    portal.kill()
    with fault:
        portal.start()
        yield
        portal.kill()
    portal.start()


def what_came(place: Place, name: str) -> tuple[list[str], list[str]]:
    """The status of all that is done, and what is wrong with the answers."""
    statuses, wrong = [], []
    for what in DOES:
        answer = place.does(what, f"Words {name}")
        statuses.append(str(answer.status))
        headers = {header.lower() for header in answer.headers}
        if answer.status == 503 and "retry-after" not in headers:
            wrong.append(f"{what}: 503 without Retry-After")
        if answer.status == 507 and b"could not store" not in answer.body:
            wrong.append(f"{what}: 507 without its sentence")
    return statuses, wrong


def fits(statuses: list[str], cells: str) -> bool:
    rows = zip(statuses, cells.split(), ALL_IS_WELL.split(), strict=True)
    return all(
        status == cell or (cell.endswith("?") and status in (cell[:-1], "503", well))
        for status, cell, well in rows
    )


def faults() -> list[str]:
    if connection.vendor == "sqlite":
        return [name for name in TABLE if name not in ("database away", "no connections")]
    return list(TABLE)


# one after the other at one portal: what is slow is to set it up
OF_SETTINGS = {"cache away", "clock set back"}
TABLE_OF_CACHE = {
    "BACKEND": "django.core.cache.backends.db.DatabaseCache",
    "LOCATION": "portal_cache",
}
COMMENTS = "SELECT COUNT(*) FROM workorders_comment"
FILES = "SELECT COUNT(*) FROM workorders_file"


def test_every_fault_is_answered_honestly_and_over_when_it_is_over(place, figure):
    if connection.vendor == "postgresql" and not BINARIES:
        pytest.skip("there is no initdb on this machine")
    here, wrong = place(), []
    for name in [each for each in faults() if each not in OF_SETTINGS]:
        before = (here.database.count(COMMENTS), here.database.count(FILES))
        with fault(here, name):
            statuses, bad = what_came(here, name)
        wrong += [f"{name}: {each}" for each in bad]
        if not fits(statuses, TABLE[name]):
            wrong.append(f"{name}: {dict(zip(DOES, statuses, strict=True))}")
        wait_for(lambda: here.does("list", "").status == 200, seconds=5)
        after = (here.database.count(COMMENTS), here.database.count(FILES))
        written = tuple(status == "302" for status in statuses[-2:])
        if after != (before[0] + written[0], before[1] + written[1]):
            wrong.append(f"{name}: {before} comments and files became {after}, for {written}")
        again, bad = what_came(here, f"{name} again")
        if again != ALL_IS_WELL.split():
            wrong.append(f"after {name}: {dict(zip(DOES, again, strict=True))}")
    figure(f"{len(faults())} faults by {len(DOES)} things to do: {len(wrong)} deviations")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("name", "env", "ahead"),
    [
        ("cache away", {"CACHE_URL": f"redis://127.0.0.1:{free_port()}/1"}, 0),
        ("clock set back", {}, 1),
    ],
)
def test_neither_cache_nor_clock_is_needed(place, name, env, ahead):
    here = place(ahead=dt.timedelta(hours=ahead), **env)
    statuses, wrong = what_came(here, name)
    assert (statuses, wrong) == (TABLE[name].split(), [])
