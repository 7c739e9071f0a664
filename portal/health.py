"""Health checks for load balancers and monitors.

The log says why the portal is not ready; the answer does not.
"""

import logging
from datetime import timedelta
from functools import cache

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse

from portal.outbox.models import Message

logger = logging.getLogger(__name__)
PATIENCE = timedelta(minutes=5)


@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """Whether the process answers, without asking the database."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
def readyz(request: HttpRequest) -> HttpResponse:
    """Whether the database answers and is migrated, and the worker sends what is due."""
    reason = _what_is_missing()
    if reason:
        logger.error("Not ready: %s", reason)
    return HttpResponse(
        "not ready" if reason else "ready", status=503 if reason else 200, content_type="text/plain"
    )


def _what_is_missing() -> str:
    try:
        pending = _known_migrations() - set(MigrationRecorder(connection).applied_migrations())
        if pending:
            return f"{len(pending)} migrations are not applied"
        late = Message.objects.overdue(PATIENCE).first()
        if late:
            return f"message {late.pk} has been due since {late.due_at:%Y-%m-%d %H:%M} UTC"
        return ""
    except Exception as error:  # whatever the database's error, the answer is the same
        return f"the database does not answer: {error}"


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).disk_migrations)
