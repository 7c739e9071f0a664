"""Writing to the outbox."""

from collections.abc import Mapping

from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from portal.outbox import tasks
from portal.outbox.models import Message, MessageQuerySet


def queue_mail(
    *,
    key: str,
    to: str,
    subject: str,
    body: str,
    html: str = "",
    headers: Mapping[str, str] | None = None,
    calendars: Mapping[str, str] | None = None,
) -> Message:
    """The message for the event `key`, written in the caller's transaction.

    `headers` are more headers by name, `calendars` the text of calendar files by their names. A
    second call with the same key changes nothing.
    """
    fields = {
        "to": " ".join(to.split()),
        "subject": " ".join(subject.split())[:200],
        "body": body,
        "html": html,
        "headers": dict(headers or {}),
        "calendars": dict(calendars or {}),
    }
    message, _ = Message.objects.get_or_create(key=key, defaults=fields)
    transaction.on_commit(_wake_worker, robust=True)
    return message


def try_again(messages: MessageQuerySet, *, by: PermissionsMixin) -> int:
    """Make unsent messages due now, with their full number of attempts; return how many."""
    if not by.has_perm("outbox.change_message"):
        raise PermissionDenied
    count = messages.filter(sent_at=None).update(attempts=0, due_at=timezone.now(), error="")
    transaction.on_commit(_wake_worker, robust=True)
    return count


def _wake_worker() -> None:
    """Send at once. If the queue is down nothing is lost: the sweep finds the message."""
    tasks.send_now()
