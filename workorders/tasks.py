"""What the worker does on schedule.

It follows approved changes, goes on with imports, sends reminders and mails, scans documents, reads
new versions of `holidays`, cleans up the storage and forgets what is old.
"""

import logging

from django.utils import timezone
from huey import crontab
from huey.contrib.djhuey import db_periodic_task

from portal.audit.services import forget_old_entries
from portal.health import beat
from portal.people.services import forget_sent_forms
from portal.people.sessions import forget_ended_sessions
from workorders.services.calendars.recalculating import recalculate
from workorders.services.calendars.refreshing import list_what_is_missing, refresh_all
from workorders.services.files.scanning import scan_files
from workorders.services.files.storage import delete_orphaned_files
from workorders.services.importing.imports import forget_imports, go_on_with_all
from workorders.services.importing.queue import go_on_now
from workorders.services.notifications.mailing import write_mails
from workorders.services.notifications.reading import delete_outdated_notifications
from workorders.services.notifications.reminders import remind

__all__ = ["go_on_now"]  # which the worker finds here

logger = logging.getLogger(__name__)


@db_periodic_task(crontab(minute="*"))
def say_that_the_worker_lives() -> None:
    beat()


@db_periodic_task(crontab(minute="*"))
def follow_changes() -> None:
    """Recalculate what a request has left to do, or a worker that was killed."""
    recalculate()


@db_periodic_task(crontab(minute="*"))
def go_on_with_imports() -> None:
    """Go on with imports that a process was killed with, or that the queue has lost."""
    go_on_with_all()


@db_periodic_task(crontab(minute="*"))
def send_notifications() -> None:
    """Send the reminders that are due, and write the mails of notifications."""
    remind()
    write_mails()


@db_periodic_task(crontab(minute="*"))
def scan_documents() -> None:
    """Scan new documents, and those that came while the scanner was down."""
    scan_files()


@db_periodic_task(crontab(minute="*"))
def list_holidays() -> None:
    """Propose the holidays of territories that are new, moved to another place, or extended."""
    list_what_is_missing(timezone.now().year)


@db_periodic_task(crontab(minute="17", hour="3", day="1"))
def propose_calendars() -> None:
    for refreshed in refresh_all(timezone.now().year):
        if refreshed.problem:
            logger.warning(refreshed.problem)


@db_periodic_task(crontab(minute="41", hour="2"))
def clean_up_storage() -> None:
    """Delete what interrupted uploads and removals have left in the storage."""
    delete_orphaned_files()


@db_periodic_task(crontab(minute="29", hour="2"))
def forget_old_notifications() -> None:
    delete_outdated_notifications()


@db_periodic_task(crontab(minute="35", hour="2"))
def forget_old_imports() -> None:
    forget_imports()


@db_periodic_task(crontab(minute="23", hour="2"))
def forget_old_forms() -> None:
    forget_sent_forms()


@db_periodic_task(crontab(minute="29", hour="2"))
def forget_sessions() -> None:
    forget_ended_sessions()


@db_periodic_task(crontab(minute="47", hour="2"))
def forget_old_audit() -> None:
    forget_old_entries()
