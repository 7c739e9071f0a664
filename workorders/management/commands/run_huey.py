"""`manage.py run_huey`: the worker, once what it needs is there."""

from contextlib import suppress
from typing import Any

from django.db import DatabaseError
from huey.contrib.djhuey.management.commands.run_huey import Command as RunHuey

from portal import starting
from portal.health import beat


class Command(RunHuey):  # type: ignore[misc]  # huey has no types
    def handle(self, *args: Any, **options: Any) -> None:
        starting.check()
        with suppress(DatabaseError):  # away, or not migrated yet
            beat()
        super().handle(*args, **options)
