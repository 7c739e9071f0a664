"""Tasks of the worker (`manage.py run_huey`): a sweep each minute, or sooner where it can be."""

from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task

from portal.outbox.sender import delete_outdated_messages, send_due


@db_task()
def send_now() -> None:
    send_due()


@db_periodic_task(crontab(minute="*"))
def sweep() -> None:
    while send_due():
        pass


@db_periodic_task(crontab(minute="23", hour="2"))
def forget_old_messages() -> None:
    delete_outdated_messages()
