"""Checks that `manage.py migrate` makes before it begins."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.core.checks import CheckMessage, Error
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

LAST_UNSQUASHED_VERSION = "0.3.0"


def squashed_migrations_are_complete(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Refuse a database on which a squashed migration is applied only in part.

    The files of the migrations that it replaces are gone. Without this check, Django would silently
    skip the whole app or fail on its migration graph.
    """
    return [error for alias in databases or () for error in _half_migrated(alias)]


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
