"""Holds: days on which the work waits."""

import datetime as dt

from django.db import models
from django.db.models import F, Q

from portal.constraints import fits, one_of
from workorders.models.work_orders import WorkOrder
from workorders.states import Cause


class Hold(models.Model):
    """Days on which the work waits, both ends included; only a stopped clock moves the target."""

    work_order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="holds")
    first = models.DateField("first day of the hold")
    last = models.DateField("last day of the hold", null=True, blank=True)
    stops_clock = models.BooleanField("the hold stops the clock", default=False)
    reason = models.CharField(max_length=500)
    # what the work waits for
    cause = models.CharField("cause of the hold", max_length=10, choices=Cause, blank=True)
    # reminds both sides, but moves no date
    resume_on = models.DateField("resume on", null=True, blank=True)

    class Meta:
        ordering = ["first", "pk"]
        constraints = [
            *fits("hold", reason=500),
            one_of("hold", "cause", ["", *Cause.values]),
            models.CheckConstraint(
                name="hold_has_days", condition=Q(last=None) | Q(last__gte=F("first"))
            ),
            models.UniqueConstraint(
                fields=["work_order"], condition=Q(last=None), name="work_order_has_one_open_hold"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first} to {self.last or 'open'}"

    def covers(self, day: dt.date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)

    @property
    def stops_clock_now(self) -> bool:
        """Still open, and marked "stops the clock"."""
        return self.stops_clock and self.last is None

    @property
    def was_to_be_resumed(self) -> bool:
        """The day to resume on is over, at the site."""
        return self.resume_on is not None and self.resume_on < self.work_order.site_today()
