"""Checks that `manage.py migrate` makes before it begins."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Warning
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

# what settings.py gives each connection to PostgreSQL, and a role has to have behind a pooler
LIMITS = {
    "statement_timeout": "15s",
    "lock_timeout": "3s",
    "idle_in_transaction_session_timeout": "30s",
    "jit": "off",
}
LAST_UNSQUASHED_VERSION = "0.3.0"


def squashed_migrations_are_complete(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Refuse a database on which a squashed migration is applied only in part.

    The files of the migrations that it replaces are gone. Without this check, Django would silently
    skip the whole app or fail on its migration graph.
    """
    return [error for alias in databases or () for error in _half_migrated(alias)]


def is_migrated(connection: BaseDatabaseWrapper) -> bool:
    """Whether every migration is applied."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def limits_are_set(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Warn where a statement, a lock or a forgotten transaction could take for ever."""
    return [warning for alias in databases or () for warning in _limits_missing(alias)]


def _limits_missing(alias: str) -> Iterator[CheckMessage]:
    connection = connections[alias]
    if connection.vendor != "postgresql":
        return
    for name, value in LIMITS.items():
        with connection.cursor() as cursor:
            cursor.execute(f"SHOW {name}")
            (found,) = cursor.fetchone()
        if found == ("on" if name == "jit" else "0"):
            role = connection.settings_dict["USER"]
            yield Warning(
                f"{name} is {found} in this database.",
                hint=f"ALTER ROLE {role} SET {name} = '{value}';",
                id="portal.W001",
            )


def _half_migrated(alias: str) -> Iterator[CheckMessage]:
    applied = MigrationRecorder(connections[alias]).applied_migrations().keys()
    loader = MigrationLoader(None)
    gone = [
        set(squashed.replaces) - loader.disk_migrations.keys()
        for squashed in loader.replacements.values()
    ]
    if any(missing - applied and missing & applied for missing in gone):
        yield Error(
            f"The database is older than version {LAST_UNSQUASHED_VERSION}:"
            f" migrate with version {LAST_UNSQUASHED_VERSION} first.",
            id="portal.E001",
        )
