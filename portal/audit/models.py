"""What was done around the work: who came in, what was refused, taken out or changed about people.

Only numbers of people are kept: an erased person leaves no name here. The database refuses every
change, and lets entries go once they are old (`workorders/models/append_only.py`).
"""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from portal.constraints import fits, one_of


class AuditEvent(models.TextChoices):
    LOGGED_IN = "logged-in", "Logged in"
    LOGIN_FAILED = "login-failed", "Login failed"
    PASSWORD_CHANGED = "password-changed", "Password changed"
    EMAIL_CHANGED = "email-changed", "E-mail changed"
    FACTOR_ADDED = "factor-added", "Second factor added"
    FACTOR_REMOVED = "factor-removed", "Second factor removed"
    FACTORS_RESET = "factors-reset", "Second factors reset"
    SESSIONS_ENDED = "sessions-ended", "Logged out everywhere"
    DENIED = "denied", "Denied"
    EXPORTED = "exported", "Exported"
    ADDED = "added", "Person added"
    RIGHTS_CHANGED = "rights-changed", "Rights changed"
    ERASED = "erased", "Person erased"
    BACKED_UP = "backed-up", "Backed up"


class AuditEntry(models.Model):
    at = models.DateTimeField(default=timezone.now, db_index=True)
    event = models.CharField(max_length=20, choices=AuditEvent)
    # who did it; empty for the system, and for somebody who did not come in
    by = models.ForeignKey(
        "people.User", models.PROTECT, null=True, related_name="+", verbose_name="by"
    )
    # whom it was done to, if anybody
    person = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=200, blank=True)  # without names and addresses

    objects: ClassVar[models.Manager["AuditEntry"]] = models.Manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name_plural = "audit entries"
        constraints = [
            *fits("auditentry", note=200),
            one_of("auditentry", "event", AuditEvent.values),
        ]

    def __str__(self) -> str:
        return f"{self.get_event_display()} at {self.at:%Y-%m-%d %H:%M} UTC"
