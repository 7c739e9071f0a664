"""Messages to send. A row is written in the transaction that causes it, and sent by the worker afterwards."""

from django.db import models
from django.utils import timezone


class Message(models.Model):
    """One e-mail. It is sent at least once; `key` makes one event one message, and becomes its Message-ID."""

    key = models.CharField(max_length=120, unique=True)
    to = models.EmailField("to", max_length=254)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)  # the next attempt is not before
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)  # of the last attempt

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["due_at"], condition=models.Q(sent_at=None), name="message_unsent")]

    def __str__(self) -> str:
        return f"{self.subject} to {self.to}"
