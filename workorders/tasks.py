"""What the worker does by itself: follow approved changes, and look once a month for what `holidays` has learnt."""

import logging

from django.utils import timezone
from huey import crontab
from huey.contrib.djhuey import db_periodic_task

from workorders.services.recalculating import recalculate
from workorders.services.refreshing import refresh_all

logger = logging.getLogger(__name__)


@db_periodic_task(crontab(minute="*"))
def follow_changes() -> None:
    """Whatever a request has left, or a worker that was killed."""
    recalculate()


@db_periodic_task(crontab(minute="17", hour="3", day="1"))
def propose_calendars() -> None:
    for refreshed in refresh_all(timezone.now().year):
        if refreshed.problem:
            logger.warning(refreshed.problem)
