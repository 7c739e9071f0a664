"""Ledger and verdicts refuse every change in the database itself, whoever asks; migrations bring
the triggers back.
"""

import datetime as dt
import importlib
import threading

import pytest
from django.core.management import call_command
from django.db import Error, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from huey.contrib.djhuey.management.commands.run_huey import Command as RunHuey

from portal.audit.models import AuditEntry, AuditEvent
from tests.factories import make_accepted
from tests.workorders.services.test_reviewing import book_late
from workorders.models import LedgerEntry, Verdict, append_only
from workorders.services import review_reason
from workorders.states import VerdictKind

STATEMENTS = ["UPDATE {} SET note = 'never happened'", "DELETE FROM {}"]
OF_ONE_DATABASE = {
    "sqlite": ["INSERT OR REPLACE INTO {0} SELECT * FROM {0}"],
    "postgresql": ["TRUNCATE {} CASCADE", "TRUNCATE workorders_workorder CASCADE"],
}


@pytest.fixture
def judged(guarded_ledger, work_order, dana, staff) -> None:
    review_reason(
        book_late(work_order, dana), kind=VerdictKind.EXCUSED, note="It was stormy", by=staff
    )
    young = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)  # the database goes by its own clock
    AuditEntry.objects.create(event=AuditEvent.BACKED_UP, at=young)
    # those that PostgreSQL defers, or it would refuse TRUNCATE on its own account
    connection.check_constraints()


def refused(statement: str, table: str) -> str:
    """What the database says to it."""
    with pytest.raises(Error) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))
    return str(error.value)


@pytest.mark.parametrize("name", append_only.TABLES)
def test_the_database_refuses_every_change(judged, name):
    before = [model.objects.count() for model in (LedgerEntry, Verdict, AuditEntry)]
    for statement in STATEMENTS + OF_ONE_DATABASE[connection.vendor]:
        assert "is append-only" in refused(statement, append_only.TABLES[name])
    assert [model.objects.count() for model in (LedgerEntry, Verdict, AuditEntry)] == before


@pytest.mark.parametrize(("days", "goes"), [(89, False), (91, True)])
def test_an_entry_of_the_audit_may_go_once_it_is_old_but_never_change(guarded_ledger, days, goes):
    at = timezone.now() - dt.timedelta(days=days)
    entry = AuditEntry.objects.create(event=AuditEvent.BACKED_UP, at=at)
    assert "is append-only" in refused(STATEMENTS[0], append_only.TABLES["audit"])
    if goes:
        assert entry.delete()[0] == 1
    else:
        assert "is append-only" in refused(STATEMENTS[1], append_only.TABLES["audit"])


def test_rows_can_still_be_added(judged, work_order):
    before = work_order.ledger.count()
    make_accepted(work_order.ledger.exclude(actor=None).first().actor)
    assert work_order.ledger.count() == before
    assert LedgerEntry.objects.count() > before


def test_every_migrate_puts_the_triggers_back(judged):
    append_only.remove(connection)
    append_only.install_after_migrate(using="default")
    for table in append_only.TABLES.values():
        assert "is append-only" in refused("DELETE FROM {}", table)


def test_only_what_is_missing_is_put_back(guarded_ledger):
    assert not append_only.is_missing(connection)
    first = next(iter(append_only._wanted(connection)))
    table = append_only.TABLES[first.partition("_")[0]]
    on = "" if connection.vendor == "sqlite" else f" ON {table}"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {first}{on}")
    assert append_only.is_missing(connection)
    with CaptureQueriesContext(connection) as caught:
        append_only.install(connection)
    assert not append_only.is_missing(connection)
    assert len([query for query in caught if "CREATE TRIGGER" in query["sql"]]) == 1
    assert [query for query in caught if "DROP" in query["sql"]] == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets readers be")
def test_a_migrate_waits_for_nobody_who_reads(real_transactions):
    read, done = threading.Event(), threading.Event()

    def reader() -> None:
        with transaction.atomic():
            Verdict.objects.exists()
            read.set()
            done.wait(10)
        connection.close()

    thread = threading.Thread(target=reader)
    thread.start()
    read.wait(10)
    try:
        append_only.install_after_migrate(using="default")
        assert not append_only.is_missing(connection)
    finally:
        done.set()
        thread.join()


@pytest.mark.parametrize("module", ["portal.wsgi", "workorders.management.commands.run_huey"])
def test_nothing_starts_without_the_guard(guarded_ledger, monkeypatch, module):
    monkeypatch.setattr(connection, "close", lambda: None)

    def start() -> None:
        if module == "portal.wsgi":
            importlib.reload(importlib.import_module(module))
        else:
            monkeypatch.setattr(RunHuey, "handle", lambda *args, **options: None)
            call_command("run_huey")

    start()
    append_only.remove(connection)
    with pytest.raises(SystemExit, match=r"manage\.py migrate"):
        start()


@pytest.mark.parametrize("page", ["ledgerentry", "verdict"])
def test_the_admin_has_no_page_that_would_change_one(client_of, admin_user, page):
    assert client_of(admin_user).get(f"/admin/workorders/{page}/").status_code == 404
