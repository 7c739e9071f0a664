"""The ledger refuses changes in the database itself: no code path, admin or import can rewrite what happened."""

from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "workorders_ledgerentry"
INSTALL = {
    "sqlite": [
        f"CREATE TRIGGER ledger_no_{verb} BEFORE {verb} ON {TABLE}"
        " BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
        for verb in ("update", "delete")
    ],
    "postgresql": [
        "CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$",
        f"CREATE TRIGGER ledger_no_change BEFORE UPDATE OR DELETE ON {TABLE}"
        " FOR EACH ROW EXECUTE FUNCTION ledger_refuse()",
    ],
}
REMOVE = {
    "sqlite": [f"DROP TRIGGER IF EXISTS ledger_no_{verb}" for verb in ("update", "delete")],
    "postgresql": [
        f"DROP TRIGGER IF EXISTS ledger_no_change ON {TABLE}",
        "DROP FUNCTION IF EXISTS ledger_refuse()",
    ],
}


def install(connection: BaseDatabaseWrapper) -> None:
    remove(connection)
    _execute(connection, INSTALL)


def remove(connection: BaseDatabaseWrapper) -> None:
    _execute(connection, REMOVE)


def install_after_migrate(*, using: str, **_: Any) -> None:
    """After every `migrate`, since SQLite drops a table's triggers whenever a migration rebuilds the table."""
    connection = connections[using]
    if TABLE in connection.introspection.table_names():
        install(connection)


def _execute(connection: BaseDatabaseWrapper, statements: dict[str, list[str]]) -> None:
    with connection.cursor() as cursor:
        for statement in statements[connection.vendor]:
            cursor.execute(statement)
