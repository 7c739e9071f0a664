"""`manage.py run_huey`: the worker, where the ledger is guarded."""

from typing import Any

from huey.contrib.djhuey.management.commands.run_huey import Command as RunHuey

from workorders.models import append_only


class Command(RunHuey):  # type: ignore[misc]  # huey has no types
    def handle(self, *args: Any, **options: Any) -> None:
        append_only.require()
        super().handle(*args, **options)
