"""Commands that say in one sentence what keeps them from the database."""

from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, OperationalError, connection

from portal.checks import is_migrated

UNMIGRATED = "The database is not migrated. Run “manage.py migrate” first."


class DatabaseCommand(BaseCommand):
    """Tells a database that is not migrated from one that is busy or away."""

    when_interrupted: ClassVar[str] = ""  # what to do about a database that is busy or away

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except DatabaseError as error:
            if not _is_migrated():
                raise CommandError(UNMIGRATED) from error
            if self.when_interrupted and isinstance(error, OperationalError):
                raise CommandError(f"{error}. {self.when_interrupted}") from error
            raise


def _is_migrated() -> bool:
    """Whether every migration is applied, also where nothing answers any more."""
    try:
        return is_migrated(connection)
    except DatabaseError:
        return True
