"""Health checks for load balancers and monitors.

The log says why the portal is not ready; the answer does not.
"""

import datetime as dt
import logging
import shutil
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import caches
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from portal.audit.services import last_backup_at
from portal.outbox.models import Message

logger = logging.getLogger(__name__)
PATIENCE = dt.timedelta(minutes=5)
LEAST_FREE = 100_000_000  # bytes
MEGABYTE = 1_000_000
HEARTBEAT = "heartbeat-of-the-worker"


@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """Whether the process answers, without asking the database."""
    return _answer("ok", 200)


@login_not_required
def readyz(request: HttpRequest) -> HttpResponse:
    """Whether the portal can serve: the database answers and is migrated, and there is room on the
    disk. With `?worker`, whether the worker lives and its mails go out: no reason to take a web
    server away.
    """
    reason = _what_is_missing("worker" in request.GET)
    if reason:
        logger.error("Not ready: %s", reason)
    return _answer("not ready", 503) if reason else _answer("ready", 200)


def _answer(word: str, status: int) -> HttpResponse:
    headers = {"Content-Type": "text/plain", "X-Frame-Options": "DENY"}
    return HttpResponse(word, status=status, headers=headers)


def _what_is_missing(of_worker: bool) -> str:
    try:
        pending = _known_migrations() - set(MigrationRecorder(connection).applied_migrations())
        if pending:
            return f"{len(pending)} migrations are not applied"
        return what_the_worker_owes() if of_worker else _what_the_disk_lacks()
    except Exception as error:  # whatever the database's error, the answer is the same
        return f"the database does not answer: {error}"


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).disk_migrations)


def _what_the_disk_lacks() -> str:
    for folder in folders():
        free = shutil.disk_usage(folder).free
        if free < LEAST_FREE:
            return f"only {free // MEGABYTE} MB are left on the disk of {folder}"
    return ""


def folders() -> list[Path]:
    """Where files lie, and the database, if it is a file."""
    folders = [Path(settings.MEDIA_ROOT)]
    if connection.vendor == "sqlite":
        folders.append(Path(connection.settings_dict["NAME"]).parent)
    return [folder for folder in folders if folder.is_dir()]


# --- The worker
def beat(now: dt.datetime | None = None) -> None:
    """The worker lives."""
    caches["database"].set(HEARTBEAT, now or timezone.now(), None)


def worker_heard_at() -> dt.datetime | None:
    heard: dt.datetime | None = caches["database"].get(HEARTBEAT)
    return heard


def what_the_worker_owes() -> str:
    """Why somebody should look after it, in a sentence for staff; empty if all is well."""
    heard = worker_heard_at()
    if heard is None:
        return "the worker has not been started yet"
    if heard < timezone.now() - PATIENCE:
        return f"the worker has not been heard of since {heard:%Y-%m-%d %H:%M} UTC"
    late = Message.objects.overdue(PATIENCE).first()
    if late:
        return f"message {late.pk} has been due since {late.due_at:%Y-%m-%d %H:%M} UTC"
    return ""


# --- Backups
def what_backups_owe(now: dt.datetime | None = None) -> str:
    """What is wrong with them, in a sentence for staff; empty if all is well."""
    if not settings.BACKUP_WITHIN_HOURS:
        return ""
    last = last_backup_at()
    if last is None:
        return "There is no backup yet."
    hours = ((now or timezone.now()) - last) // dt.timedelta(hours=1)
    if hours < settings.BACKUP_WITHIN_HOURS:
        return ""
    return f"The last backup is {hours} hours old: it was made on {last:%Y-%m-%d %H:%M} UTC."
