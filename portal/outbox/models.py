"""Messages to send. A row is written in the transaction that causes it, and sent by the worker
afterwards.
"""

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.utils import timezone

# after each attempt
PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
ATTEMPTS = len(PAUSES) + 1
RETENTION = timedelta(days=90)  # what was sent


class State(models.TextChoices):
    WAITING = "waiting", "Waiting"
    SENT = "sent", "Sent"
    GIVEN_UP = "given-up", "Given up"


class MessageQuerySet(models.QuerySet["Message"]):
    def in_state(self, state: State) -> "MessageQuerySet":
        if state == State.SENT:
            return self.exclude(sent_at=None)
        unsent = self.filter(sent_at=None)
        return (
            unsent.filter(attempts__lt=ATTEMPTS)
            if state == State.WAITING
            else unsent.filter(attempts__gte=ATTEMPTS)
        )

    def due(self) -> "MessageQuerySet":
        """What the worker should send now, oldest first."""
        return (
            self.in_state(State.WAITING).filter(due_at__lte=timezone.now()).order_by("due_at", "pk")
        )

    def outdated(self) -> "MessageQuerySet":
        """What was sent so long ago that nobody asks for it any more."""
        return self.filter(sent_at__lt=timezone.now() - RETENTION)

    def overdue(self, by: timedelta) -> "MessageQuerySet":
        """What the worker should have sent so long ago: it stands still, or finds no mail server."""
        return self.due().filter(due_at__lt=timezone.now() - by)


class Message(models.Model):
    """One e-mail. It is sent at least once; `key` makes one event one message, and becomes its
    Message-ID.
    """

    key = models.CharField(max_length=120, unique=True)
    to = models.EmailField("to", max_length=254)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    html = models.TextField(blank=True)  # the same, for those who read it so
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)  # the next attempt is not before
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)  # of the last attempt

    objects: ClassVar[models.Manager["Message"]] = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(sent_at=None), name="message_unsent")
        ]

    @property
    def state(self) -> State:
        if self.sent_at:
            return State.SENT
        return State.WAITING if self.attempts < ATTEMPTS else State.GIVEN_UP

    def __str__(self) -> str:
        return f"{self.subject} to {self.to}"
