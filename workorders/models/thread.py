"""Collaborate, the thread between partner and staff, and the log of attempts to reach the POC."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.constraints import fits, one_of
from workorders.states import AssistanceReason, Channel


class Comment(models.Model):
    """A comment by the partner or staff.

    A Request for Assistance has a reason, and is open until staff answer it.
    """

    work_order = models.ForeignKey("workorders.WorkOrder", models.PROTECT, related_name="comments")
    author = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    body = models.CharField(max_length=5000)
    internal = models.BooleanField(default=False)  # for staff only
    urgent = models.BooleanField(default=False)  # a Request for Assistance
    assistance = models.CharField(max_length=20, choices=AssistanceReason, blank=True)
    until = models.DateField("on hold until", null=True, blank=True)  # where a hold is requested
    answered_at = models.DateTimeField(null=True, blank=True)
    answers = models.OneToOneField(  # the verdict that it answers; each is answered only once
        "workorders.Verdict", models.PROTECT, null=True, blank=True, related_name="answer"
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            *fits("comment", body=5000),
            one_of("comment", "assistance", ["", *AssistanceReason.values]),
        ]
        indexes = [
            models.Index(
                fields=["at"], condition=Q(urgent=True, answered_at=None), name="assistance_open"
            ),
        ]

    def __str__(self) -> str:
        return self.body[:60]


class ContactAttempt(models.Model):
    """A call, mail or text to the POC, and whether it reached anybody."""

    work_order = models.ForeignKey(
        "workorders.WorkOrder", models.PROTECT, related_name="contact_attempts"
    )
    channel = models.CharField(max_length=4, choices=Channel)
    reached = models.BooleanField(default=False)
    note = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            *fits("contact_attempt", note=300),
            one_of("contact_attempt", "channel", Channel.values),
        ]

    def __str__(self) -> str:
        """A call reached somebody or not; of the others nobody knows yet."""
        if self.channel != Channel.CALL:
            return f"{self.get_channel_display()} sent"
        return "Call: reached" if self.reached else "Call: no answer"


class ThreadRead(models.Model):
    """When a person last read the thread of a work order."""

    work_order = models.ForeignKey("workorders.WorkOrder", models.CASCADE, related_name="+")
    user = models.ForeignKey("people.User", models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["work_order", "user"], name="thread_read_stands_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} read {self.work_order_id} at {self.at}"
