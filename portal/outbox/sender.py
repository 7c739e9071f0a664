"""The worker's side: sends what is due, each message at least once, by any number of workers."""

import logging
from contextlib import suppress
from urllib.parse import quote

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F
from django.utils import timezone

from portal.outbox.models import PAUSES, Message

logger = logging.getLogger(__name__)


def send_due(limit: int = 100) -> int:
    """Sends up to `limit` messages and returns how many went out.

    A server that is down is no message's fault: then nothing is counted as an attempt, and the next
    sweep finds them all again.
    """
    messages = list(Message.objects.due()[:limit])
    if not messages:
        return 0
    connection = get_connection()
    try:
        connection.open()
    except Exception as error:
        logger.error("No mail server, %d or more messages wait: %s", len(messages), error)
        return 0
    try:
        return sum(_send(message, connection) for message in messages if _claim(message))
    finally:
        _close(connection)


def _claim(message: Message) -> bool:
    """Takes this attempt, unless another worker was first.

    No lock and no transaction stays open while the mail is sent: a worker that dies on the way
    leaves a message that is due again after the pause.
    """
    mine = Message.objects.filter(
        pk=message.pk, sent_at=None, attempts=message.attempts, due_at=message.due_at
    )
    pause = PAUSES[min(message.attempts, len(PAUSES) - 1)]
    unfinished = "The worker stopped in the middle of this attempt."
    return (
        mine.update(attempts=F("attempts") + 1, due_at=timezone.now() + pause, error=unfinished)
        == 1
    )


def _send(message: Message, connection: BaseEmailBackend) -> bool:
    row = Message.objects.filter(pk=message.pk)
    try:
        connection.send_messages([_mail(message)])
    except Exception as error:  # whatever is wrong with one message, the others go out
        logger.warning("Message %s was not sent: %s", message.pk, error)
        _close(connection)  # it may be broken; the next message opens a new one
        row.update(error=f"{type(error).__name__}: {error}"[:1000])
        return False
    row.update(sent_at=timezone.now(), error="")
    return True


def _mail(message: Message) -> EmailMultiAlternatives:
    name = f"<{quote(message.key, safe='')}@{settings.PORTAL_BASE.hostname}>"  # the same again if it is sent twice
    headers = {"Message-ID": name, "Auto-Submitted": "auto-generated"}
    mail = EmailMultiAlternatives(message.subject, message.body, to=[message.to], headers=headers)
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    return mail


def _close(connection: BaseEmailBackend) -> None:
    with suppress(Exception):
        connection.close()
