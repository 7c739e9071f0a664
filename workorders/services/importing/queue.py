"""Leaves an import to the worker."""

from functools import partial
from typing import Any

from django.db import transaction
from huey.contrib.djhuey import db_task

from workorders.services.importing.imports import go_on


@db_task()
def go_on_now(key: str) -> None:
    go_on(key)


def leave_to_worker(key: Any) -> None:
    """If the queue is down nothing is lost: the worker looks for such imports each minute."""
    transaction.on_commit(partial(go_on_now, str(key)), robust=True)
