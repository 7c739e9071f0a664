"""Writing the audit, and what is asked of it."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.utils import timezone

from portal.audit.models import AuditEntry, AuditEvent


def keep_entry(event: AuditEvent, *, by: Any = None, person: Any = None, note: str = "") -> None:
    """Say that `by` has done this, to `person` if to anybody. A note names nobody."""
    AuditEntry.objects.create(event=event, by=by, person=person, note=note[:200])


def last_backup_at() -> dt.datetime | None:
    """When the last whole backup was made that this database knows of."""
    backups = AuditEntry.objects.filter(event=AuditEvent.BACKED_UP)
    return backups.values_list("at", flat=True).first()


def forget_old_entries() -> None:
    """Delete what is older than AUDIT_KEPT_DAYS."""
    before = timezone.now() - dt.timedelta(days=settings.AUDIT_KEPT_DAYS)
    AuditEntry.objects.filter(at__lt=before).delete()
