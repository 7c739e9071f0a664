"""What the worker does by itself: follow approved changes, remind, write mails, scan documents,
look what `holidays` has learnt, clean up the storage.
"""

import logging

from django.utils import timezone
from huey import crontab
from huey.contrib.djhuey import db_periodic_task

from workorders.models import Notification
from workorders.services.calendars.recalculating import recalculate
from workorders.services.calendars.refreshing import refresh_all
from workorders.services.files.scanning import scan_files
from workorders.services.files.storage import delete_orphaned_files
from workorders.services.notifications.mailing import write_mails
from workorders.services.notifications.reminders import remind

logger = logging.getLogger(__name__)


@db_periodic_task(crontab(minute="*"))
def follow_changes() -> None:
    """Whatever a request has left, or a worker that was killed."""
    recalculate()


@db_periodic_task(crontab(minute="*"))
def tell_people() -> None:
    """The reminders that are due, and the mails of what people are told."""
    remind()
    write_mails()


@db_periodic_task(crontab(minute="*"))
def scan_documents() -> None:
    """Those that have come since, and those that the scanner was away for."""
    scan_files()


@db_periodic_task(crontab(minute="17", hour="3", day="1"))
def propose_calendars() -> None:
    for refreshed in refresh_all(timezone.now().year):
        if refreshed.problem:
            logger.warning(refreshed.problem)


@db_periodic_task(crontab(minute="41", hour="2"))
def clean_up_storage() -> None:
    """What uploads and removals that were killed have left in the storage."""
    delete_orphaned_files()


@db_periodic_task(crontab(minute="29", hour="2"))
def forget_old_notifications() -> None:
    Notification.objects.outdated().delete()
