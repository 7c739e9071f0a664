"""Sends messages that are due, each at least once, by any number of workers."""

import logging
from contextlib import suppress
from urllib.parse import quote

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F
from django.utils import timezone

from portal.outbox.headers import NOBODY_ANSWERS, sender
from portal.outbox.models import PAUSES, Message

logger = logging.getLogger(__name__)

UNFINISHED = "The worker stopped in the middle of this attempt."  # until the attempt has ended


def send_due(limit: int = 100) -> int:
    """Sends up to `limit` messages and returns how many went out.

    When the server is down no attempt is counted, and the next sweep finds all messages again.
    """
    messages = list(Message.objects.due()[:limit])
    if not messages:
        return 0
    connection = get_connection()
    try:
        connection.open()
    except Exception as error:
        logger.error("No mail server; at least %d messages wait: %s", len(messages), error)
        return 0
    try:
        sent = sum(_send(message, connection) for message in messages if _claim(message))
        logger.info("%d of %d messages were sent", sent, len(messages))
        return sent
    finally:
        _close(connection)


def _claim(message: Message) -> bool:
    """Claim this attempt, unless another worker was first.

    No lock or transaction stays open while the mail is sent: if the worker dies, the message is due
    again after the pause.
    """
    mine = Message.objects.filter(
        pk=message.pk, sent_at=None, attempts=message.attempts, due_at=message.due_at
    )
    pause = PAUSES[min(message.attempts, len(PAUSES) - 1)]
    claimed = mine.update(
        attempts=F("attempts") + 1, due_at=timezone.now() + pause, error=UNFINISHED
    )
    return claimed == 1


def _send(message: Message, connection: BaseEmailBackend) -> bool:
    row = Message.objects.filter(pk=message.pk)
    try:
        connection.send_messages([_mail(message)])
    except Exception as error:  # one bad message must not stop the others
        # what the server has said may name somebody: that stays in the outbox
        logger.warning("Message %s was not sent: %s", message.pk, type(error).__name__)
        _close(connection)  # it may be broken; the next message opens a new one
        row.update(error=f"{type(error).__name__}: {error}"[:1000])
        return False
    row.update(sent_at=timezone.now(), error="")
    return True


def _mail(message: Message) -> EmailMultiAlternatives:
    # The same for each attempt, so that mail programs can drop a duplicate.
    name = f"<{quote(message.key, safe='')}@{settings.PORTAL_BASE.hostname}>"
    headers = {"Message-ID": name, **NOBODY_ANSWERS, **message.headers}
    mail = EmailMultiAlternatives(
        message.subject, message.body, sender(), to=[message.to], headers=headers
    )
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    for file_name, text in message.calendars.items():
        mail.attach(file_name, text, "text/calendar")
    return mail


def _close(connection: BaseEmailBackend) -> None:
    with suppress(Exception):
        connection.close()


def delete_outdated_messages() -> None:
    Message.objects.outdated().delete()
