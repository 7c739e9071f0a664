"""Writing the audit, and what is asked of it."""

import datetime as dt

from portal.audit.models import AuditEntry, AuditEvent


def last_backup_at() -> dt.datetime | None:
    """When the last whole backup was made that this database knows of."""
    backups = AuditEntry.objects.filter(event=AuditEvent.BACKED_UP)
    return backups.values_list("at", flat=True).first()
