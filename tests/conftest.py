"""The cast: Dana and Tess of VoltFix, Omar of Amped, staff, Rita who is staff without any right,
admin; and databases as strict as in production.
"""

import gc
import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client, override_settings

from portal.people.models import Partner, User
from tests.factories import (
    make_admin,
    make_amped,
    make_dana,
    make_omar,
    make_rita,
    make_staff,
    make_tess,
    make_voltfix,
)
from tests.workorders.kept_waits import stale_waits
from workorders.models import append_only
from workorders.targets.terms import forget_rules

IN_MEMORY = "django.core.cache.backends.locmem.LocMemCache"
MARKS_OF_FOLDERS = {
    "tests/sla/": "once",
    # each of their actions is taken on every database by tests/workorders/test_every_action.py
    "tests/workorders/services/flow/": "once",
    "tests/workorders/services/parts/": "once",
    "tests/workorders/services/visits/": "once",
    "tests/browser/": "live",
}  # pyproject.toml: what they mean


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--full", action="store_true", help="everything, at full size, on any database"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes long comes first: no worker begins it when the others are done."""
    for item in items:
        for folder, mark in MARKS_OF_FOLDERS.items():
            if item.nodeid.startswith(folder):
                item.add_marker(mark)
    if not config.getoption("full"):
        config.hook.pytest_deselected(items=[item for item in items if is_asked_elsewhere(item)])
        items[:] = [item for item in items if not is_asked_elsewhere(item)]
    items.sort(key=lambda item: not item.get_closest_marker("slow"))


def pytest_sessionstart(session: pytest.Session) -> None:
    """What is collected stays to the end: until then the garbage collector has nothing to find."""
    gc.disable()


def pytest_collection_finish(session: pytest.Session) -> None:
    """And from then on it need not go through all that again and again."""
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)
    gc.enable()


def is_asked_elsewhere(item: pytest.Item) -> bool:
    """In `make test-all`, or on the other database."""
    if item.get_closest_marker("nightly"):
        return True
    return connection.vendor != "sqlite" and is_asked_on_sqlite(item)


def is_asked_on_sqlite(item: pytest.Item) -> bool:
    """And on no other database: nothing that waits for locks, or runs on one database alone."""
    elsewhere = item.get_closest_marker("every_database") or item.get_closest_marker("live")
    at_once = "real_transactions" in getattr(item, "fixturenames", ())
    return bool(item.get_closest_marker("once")) and not elsewhere and not at_once


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix, tmp_path_factory
) -> None:
    """SQLite in a file, as in life: threads and the live server open it like everyone else.

    No thread keeps its connection beyond a request, or PostgreSQL could not drop the database
    behind the tests.
    """
    connection.settings_dict["CONN_MAX_AGE"] = 0
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(
            tmp_path_factory.mktemp("database") / "test.sqlite3"
        )


@pytest.fixture(scope="session", autouse=True)
def _settings_of_tests(django_test_environment) -> Iterator[None]:
    """Not those of the machine that the tests run on."""
    with override_settings(
        CACHES={alias: {"BACKEND": IN_MEMORY} for alias in ("default", "first", "database")},
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend",
    ):
        yield


@pytest.fixture(scope="session")
def media_folders(tmp_path_factory) -> Iterator[Path]:
    """One for each test, made by the test that stores something."""
    media = tmp_path_factory.mktemp("media")
    return (media / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def _nothing_remembered(settings, media_folders) -> None:
    """No test sees what another left in a cache or in a folder."""
    forget_rules()
    settings.MEDIA_ROOT = str(next(media_folders))
    cache.clear()


@pytest.fixture(autouse=True)
def _waits_are_kept(request) -> Iterator[None]:
    """After every test the rows of what waits are those that the conditions say."""
    node = request.node
    if not (node.get_closest_marker("django_db") or "_django_db_helper" in request.fixturenames):
        yield
        return
    request.getfixturevalue("_django_db_helper")
    yield
    if not (node.get_closest_marker("no_waits") or connection.needs_rollback):
        assert stale_waits() == set()


@pytest.fixture(scope="module")
def shared_rows(django_db_setup, django_db_blocker) -> Iterator[None]:
    """For rows that all tests of a module read. A fixture of the module that asks for this one
    makes them once. Each test still takes back what it does itself, the last one also the rows.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def full_size(pytestconfig) -> bool:
    """Whether this is `make test-all`, which takes its time."""
    return bool(pytestconfig.getoption("full"))


@pytest.fixture
def guarded_ledger(db) -> None:
    """With its triggers, whatever ran before on this database."""
    append_only.install(connection)


@pytest.fixture(scope="session")
def terminate_leftover_connections(django_db_setup, django_db_blocker) -> Iterator[None]:
    """A live server's thread may still hold a connection when all is over: PostgreSQL would not
    drop the database.
    """
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture
def real_transactions(terminate_leftover_connections, transactional_db) -> Iterator[None]:
    """For threads, commits and live servers.

    The flush behind such a test may empty the ledger, nothing else may.
    """
    append_only.install(connection)
    yield
    _wait_for_others()
    append_only.remove(connection)


def _wait_for_others(seconds: float = 5) -> None:
    """A request that a browser left behind may be under way: PostgreSQL's flush and it would wait
    for each other.
    """
    end = time.monotonic() + seconds
    while connection.vendor == "postgresql" and _others() and time.monotonic() < end:
        time.sleep(0.02)


def _others() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <>"
            " pg_backend_pid()"
        )
        return cursor.fetchone()[0]


@pytest.fixture
def voltfix(db) -> Partner:
    return make_voltfix()


@pytest.fixture
def amped(db) -> Partner:
    return make_amped()


@pytest.fixture
def dana(db) -> User:
    return make_dana()


@pytest.fixture
def tess(db) -> User:
    return make_tess()


@pytest.fixture
def omar(db) -> User:
    return make_omar()


@pytest.fixture
def staff(db) -> User:
    return make_staff()


@pytest.fixture
def rita(db) -> User:
    """Staff without any right."""
    return make_rita()


@pytest.fixture
def admin_user(db) -> User:
    return make_admin()


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    """A browser in which this person is logged in."""

    def logged_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return logged_in
