"""Collaborate: the thread between the partner and the operator's staff."""

from django.db import models
from django.utils import timezone

from portal.people.constraints import fits


class Comment(models.Model):
    work_order = models.ForeignKey("workorders.WorkOrder", models.PROTECT, related_name="comments")
    author = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    body = models.CharField(max_length=5000)
    urgent = models.BooleanField(default=False)  # a Request for Assistance
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [*fits("comment", body=5000)]

    def __str__(self) -> str:
        return self.body[:60]
