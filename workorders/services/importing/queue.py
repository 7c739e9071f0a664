"""Leaves imports to the worker."""

from django.db import transaction
from huey.contrib.djhuey import db_task

from workorders.services.importing.imports import go_on_with_all


@db_task()
def go_on_now() -> None:
    go_on_with_all()


def leave_to_worker() -> None:
    """If the queue is down nothing is lost: the worker looks for imports each minute."""
    transaction.on_commit(go_on_now, robust=True)
