"""Messages to send.

A row is written in the transaction that causes it; the worker sends it afterwards.
"""

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.utils import timezone

# the pause after each attempt
PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
ATTEMPTS = len(PAUSES) + 1
RETENTION = timedelta(days=90)  # of sent messages


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
        """Messages sent too long ago for anyone to ask about them."""
        return self.filter(sent_at__lt=timezone.now() - RETENTION)

    def overdue(self, by: timedelta) -> "MessageQuerySet":
        """Due for longer than `by`: the worker has stopped, or finds no mail server."""
        return self.due().filter(due_at__lt=timezone.now() - by)


class Message(models.Model):
    """One e-mail, sent at least once.

    `key` keeps an event from becoming two messages; it is part of the Message-ID.
    """

    key = models.CharField(max_length=120, unique=True)
    to = models.EmailField("to", max_length=254)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    html = models.TextField(blank=True)  # the same text as HTML
    # more headers by name, such as those that keep mails about one thing together
    headers = models.JSONField(default=dict, blank=True)
    calendars = models.JSONField(default=dict, blank=True)  # calendar files by name
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)  # no attempt before
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
