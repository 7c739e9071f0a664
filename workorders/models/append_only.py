"""Database triggers that refuse changes to ledger, verdicts and audit, whoever makes them."""

from typing import Any

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

TABLES = {
    "ledger": "workorders_ledgerentry",
    "verdict": "workorders_verdict",
    "audit": "audit_auditentry",
}
AUDIT_DAYS = 90  # after which entries of the audit may go; those of the others never
INSTALLED = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'",
}


def install(connection: BaseDatabaseWrapper) -> None:
    """Put in place what is missing, all of it or nothing: at no moment is there less than before.

    Nothing is taken away for it, so that nobody who reads the tables has to be waited for.
    """
    with transaction.atomic(using=connection.alias):
        there = _installed(connection)
        for name, table in _there(connection).items():
            for trigger, statement in _triggers(connection.vendor, name, table).items():
                if trigger not in there:
                    _execute(connection, [*_functions(connection.vendor, name), statement])


def remove(connection: BaseDatabaseWrapper) -> None:
    for name, table in _there(connection).items():
        triggers = _triggers(connection.vendor, name, table)
        on = "" if connection.vendor == "sqlite" else f" ON {table}"
        _execute(connection, [f"DROP TRIGGER IF EXISTS {trigger}{on}" for trigger in triggers])


def install_after_migrate(*, using: str, **_: Any) -> None:
    """Install the triggers after every `migrate`: SQLite drops them when it rebuilds a table."""
    install(connections[using])


def is_missing(connection: BaseDatabaseWrapper) -> bool:
    """Whether a trigger is missing where there is something to guard."""
    return not _wanted(connection) <= _installed(connection)


def _there(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """The tables that are migrated already."""
    found = set(connection.introspection.table_names())
    return {name: table for name, table in TABLES.items() if table in found}


def _wanted(connection: BaseDatabaseWrapper) -> set[str]:
    vendor, tables = connection.vendor, _there(connection)
    return {trigger for item in tables.items() for trigger in _triggers(vendor, *item)}


def _installed(connection: BaseDatabaseWrapper) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(INSTALLED[connection.vendor])
        return {name for (name,) in cursor.fetchall()}


def _functions(vendor: str, name: str) -> list[str]:
    if vendor == "sqlite":
        return []
    return [
        f"CREATE OR REPLACE FUNCTION {name}_refuse() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{_message(name)}'; END $$"
    ]


def _triggers(vendor: str, name: str, table: str) -> dict[str, str]:
    """The statement that makes each trigger, by its name."""
    if vendor == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, '{_message(name)}'); END"
        # REPLACE fires no DELETE trigger
        over = f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)"  # noqa: S608
        young = f"WHEN OLD.at > datetime('now', '-{AUDIT_DAYS} days')"
        events = {
            f"{name}_no_update": f"BEFORE UPDATE ON {table}",
            f"{name}_no_delete": f"BEFORE DELETE ON {table} {young if name == 'audit' else ''}",
            f"{name}_no_replace": f"BEFORE INSERT ON {table} {over}",
        }
    else:
        refuse = f"EXECUTE FUNCTION {name}_refuse()"
        young = f"WHEN (OLD.at > now() - interval '{AUDIT_DAYS} days')"
        changes = {f"{name}_no_change": f"BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW"}
        if name == "audit":
            changes = {
                f"{name}_no_update": f"BEFORE UPDATE ON {table} FOR EACH ROW",
                f"{name}_no_delete": f"BEFORE DELETE ON {table} FOR EACH ROW {young}",
            }
        events = changes | {f"{name}_no_truncate": f"BEFORE TRUNCATE ON {table}"}
    return {
        trigger: f"CREATE TRIGGER {trigger} {event} {refuse}" for trigger, event in events.items()
    }


def _message(name: str) -> str:
    return f"the {name} is append-only"


def _execute(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
