"""`manage.py run_huey`: the worker, once what it needs is there."""

from typing import Any

from huey.contrib.djhuey.management.commands.run_huey import Command as RunHuey

from portal import starting


class Command(RunHuey):  # type: ignore[misc]  # huey has no types
    def handle(self, *args: Any, **options: Any) -> None:
        starting.check()
        super().handle(*args, **options)
