"""A database that version 0.3.0 left behind goes on with this one; an older one is told what to do
first.

`version_0_3_0/` holds such a database as SQL, made by that version itself: its own migrations,
`seed_demo`, and nearly every action of partner and staff on five work orders.
"""

import gzip
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.contrib.auth.models import Group
from django.core.checks import Tags, run_checks
from django.core.management import CommandError, call_command
from django.db import Error, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from portal.people.models import User
from portal.people.roles import Right
from tests.factories import make_territory
from workorders.models import append_only

pytestmark = pytest.mark.slow

OLD = "version_0_3_0"
OUR_APPS = ["workorders", "people", "outbox", "audit"]
DEFINITIONS = {  # kind, name and SQL of all but triggers
    "sqlite": (
        "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND type <> 'trigger'"
    ),
    "postgresql": (
        """
        SELECT 'column', table_name || '.' || column_name,
            concat_ws(' ', data_type, character_maximum_length, is_nullable, column_default,
              is_identity)
        FROM information_schema.columns WHERE table_schema = 'public'
        UNION SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        UNION SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    """
    ),
}
Rows = dict[str, dict[str, list[Any]]]  # by table and column


def dump() -> str:
    return gzip.decompress(
        (Path(__file__).parent / OLD / f"{connection.vendor}.sql.gz").read_bytes()
    ).decode()


@contextmanager
def empty_sqlite(folder: Path) -> Iterator[str]:
    yield str(folder / "old.sqlite3")


@contextmanager
def empty_postgresql(folder: Path) -> Iterator[str]:
    name = f"{connection.settings_dict['NAME']}_old"
    with connection._nodb_cursor() as server:
        server.execute(f"DROP DATABASE IF EXISTS {name}")
        server.execute(f"CREATE DATABASE {name}")
        try:
            yield name
        finally:
            server.execute(f"DROP DATABASE {name}")


@contextmanager
def connected(name: str) -> Iterator[BaseDatabaseWrapper]:
    connections.databases[OLD] = connection.settings_dict | {"NAME": name}
    try:
        yield connections[OLD]
    finally:
        connections[OLD].close()
        del connections[OLD], connections.databases[OLD]


def restore(database: BaseDatabaseWrapper) -> None:
    with database.cursor() as cursor:
        if database.vendor == "sqlite":
            database.disable_constraint_checking()  # rows come before the tables that they point to
            database.connection.executescript(dump())
        else:
            cursor.execute(dump())
    database.close()  # what was set for the dump alone ends with the connection


@pytest.fixture(scope="module")
def old_database(
    django_db_setup, django_db_blocker, tmp_path_factory
) -> Iterator[BaseDatabaseWrapper]:
    """As version 0.3.0 left it, beside the database of the other tests."""
    empty = {"sqlite": empty_sqlite, "postgresql": empty_postgresql}[connection.vendor]
    with (
        django_db_blocker.unblock(),
        empty(tmp_path_factory.mktemp(OLD)) as name,
        connected(name) as database,
    ):
        restore(database)
        yield database


@pytest.fixture(scope="module")
def rows_before(old_database) -> Rows:
    return rows_of(old_database)


@pytest.fixture(scope="module")
def upgraded(old_database, rows_before) -> BaseDatabaseWrapper:
    append_only.remove(
        old_database
    )  # SQLite drops a table's triggers whenever a migration rebuilds it
    migrate(OLD)
    return old_database


def migrate(database: str, **options: Any) -> None:
    call_command("migrate", database=database, verbosity=0, skip_checks=False, **options)


def rows_of(database: BaseDatabaseWrapper) -> Rows:
    tables = database.introspection.table_names()
    return {
        table: columns_of(database, table)
        for table in tables
        if table.partition("_")[0] in OUR_APPS
    }


def columns_of(database: BaseDatabaseWrapper, table: str) -> dict[str, list[Any]]:
    with database.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY 1")
        rows = cursor.fetchall()
        return {column[0]: [row[n] for row in rows] for n, column in enumerate(cursor.description)}


def schema_of(database: BaseDatabaseWrapper) -> dict[tuple[str, str], list[str]]:
    """Whatever the order of columns and constraints.

    PostgreSQL writes casts in another way once it was restored.
    """
    with database.cursor() as cursor:
        cursor.execute(DEFINITIONS[database.vendor])
        return {
            (kind, name): sorted(
                re.sub(r"::(character varying|text)(\[\])?|[()]", "", sql).split(", ")
            )
            for kind, name, sql in cursor.fetchall()
        }


def test_an_upgrade_leaves_no_migration_out(upgraded):
    migrate(OLD, check_unapplied=True)  # exits with 1 if one is


def test_an_upgrade_loses_no_row_and_no_value(rows_before, upgraded):
    rows_after = rows_of(upgraded)
    assert len(rows_before["workorders_ledgerentry"]["id"]) == 259
    for table, columns in rows_before.items():
        if table == "people_user_groups":
            continue  # staff without any right get some
        assert rows_after[table]["id"] == columns["id"], table
        for column in columns.keys() & rows_after[table].keys():
            assert rows_after[table][column] == columns[column], (table, column)


def test_an_upgrade_keeps_what_staff_without_any_right_could_do(rows_before, upgraded):
    assert rows_before["people_user_groups"]["id"] == []
    groups = Group.objects.using(OLD).filter(user__isnull=False).distinct()
    assert [
        (group.name, sorted(group.permissions.values_list("codename", flat=True)))
        for group in groups
    ] == [("ChargePoint staff", ["change_workorder", "view_workorder"])]
    readers = User.objects.db_manager(OLD).staff_with(Right.READ).values_list("pk", flat=True)
    staff = User.objects.using(OLD).filter(role="staff", is_active=True)
    assert set(staff.values_list("pk", flat=True)) == set(readers)


def test_an_upgrade_leads_to_the_schema_of_a_new_database(upgraded):
    assert schema_of(upgraded) == schema_of(connection)


@pytest.mark.parametrize(
    "model", [model for app in OUR_APPS for model in apps.get_app_config(app).get_models()]
)
def test_each_model_reads_its_old_rows(rows_before, upgraded, model):
    rows = list(model._base_manager.using(OLD).order_by("pk"))
    assert [row.pk for row in rows] == rows_before.get(model._meta.db_table, {"id": []})["id"]


@pytest.mark.parametrize("table", ["workorders_ledgerentry", "workorders_verdict"])
def test_ledger_and_verdicts_refuse_an_update_after_the_upgrade(upgraded, table):
    with pytest.raises(Error, match="is append-only"), upgraded.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET note = 'never happened'")


@time_machine.travel("2026-03-02")
def test_a_holiday_that_staff_had_opened_for_good_is_never_closed_for(db, staff):
    """The Friday of 2028 and the Monday of 2029 are worked on; a worked Saturday is no holiday."""
    territory = make_territory()
    holiday = {"name": "Veterans Day", "worked": True, "by_staff": True}
    for day in ("2027-11-11", "2028-11-10", "2029-11-12"):
        territory.days.filter(day=day).update(until=2)
        territory.days.create(day=day, since=2, **holiday)
    territory.days.create(day="2026-03-07", name="Stocktaking", worked=True, by_staff=True)
    choices = import_module("workorders.migrations.0023_holiday_choices")
    assert choices.opened_for_good(territory) == {"Veterans Day"}


@pytest.mark.parametrize("app", ["workorders", "people", "outbox"])  # the audit is younger
def test_a_database_older_than_0_3_0_is_refused(db, app):
    (squashed,) = (
        m for (label, _), m in MigrationLoader(None).replacements.items() if label == app
    )
    MigrationRecorder(connection).record_unapplied(*squashed.replaces[-1])
    with pytest.raises(
        CommandError, match=r"older than version 0\.3\.0: migrate with version 0\.3\.0 first\."
    ):
        migrate("default")


def test_an_empty_database_is_not_refused(db):
    MigrationRecorder(connection).flush()
    ids = [message.id for message in run_checks(tags=[Tags.database], databases=["default"])]
    assert "portal.E001" not in ids
