"""Database triggers that refuse changes to ledger and verdicts, whoever makes them."""

from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

TABLES = {"ledger": "workorders_ledgerentry", "verdict": "workorders_verdict"}


def install(connection: BaseDatabaseWrapper) -> None:
    remove(connection)
    for name, table in TABLES.items():
        _execute(connection, _install(connection.vendor, name, table))


def remove(connection: BaseDatabaseWrapper) -> None:
    for name, table in TABLES.items():
        _execute(connection, _remove(connection.vendor, name, table))


def install_after_migrate(*, using: str, **_: Any) -> None:
    """Install the triggers after every `migrate`: SQLite drops them when it rebuilds a table."""
    connection = connections[using]
    if set(TABLES.values()) <= set(connection.introspection.table_names()):
        install(connection)


def _install(vendor: str, name: str, table: str) -> list[str]:
    message = f"the {name} is append-only"
    if vendor == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        # REPLACE fires no DELETE trigger
        over = f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)"  # noqa: S608
        return [
            f"CREATE TRIGGER {name}_no_update BEFORE UPDATE ON {table} {refuse}",
            f"CREATE TRIGGER {name}_no_delete BEFORE DELETE ON {table} {refuse}",
            f"CREATE TRIGGER {name}_no_replace BEFORE INSERT ON {table} {over} {refuse}",
        ]
    refuse = f"EXECUTE FUNCTION {name}_refuse()"
    return [
        f"CREATE FUNCTION {name}_refuse() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{message}'; END $$",
        f"CREATE TRIGGER {name}_no_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {refuse}",
        f"CREATE TRIGGER {name}_no_truncate BEFORE TRUNCATE ON {table} {refuse}",
    ]


def _remove(vendor: str, name: str, table: str) -> list[str]:
    if vendor == "sqlite":
        return [
            f"DROP TRIGGER IF EXISTS {name}_no_{verb}" for verb in ("update", "delete", "replace")
        ]
    drop = [
        f"DROP TRIGGER IF EXISTS {name}_no_{what} ON {table}" for what in ("change", "truncate")
    ]
    return [*drop, f"DROP FUNCTION IF EXISTS {name}_refuse()"]


def _execute(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
