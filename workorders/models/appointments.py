"""Appointments at the site, and the reasons for those that miss the Target SLA.

Rows are added, not changed.
"""

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.people.constraints import fits, one_of
from workorders.states import DelayReason


class MissedSLAReason(models.Model):
    """Why a partner books later than the target, with the two dates as they stood then."""

    work_order = models.ForeignKey(
        "workorders.WorkOrder", models.PROTECT, related_name="missed_sla_reasons"
    )
    reason = models.CharField(max_length=32, choices=DelayReason)
    note = models.CharField(max_length=1000, blank=True)
    target_on = models.DateField("Target SLA")
    appointment_at = models.DateTimeField("appointment")
    appointment_on = models.DateField("appointment date")  # at the site
    business_days_late = models.PositiveSmallIntegerField()
    given_by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    given_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-given_at"]
        verbose_name = "missed-SLA reason"
        indexes = [models.Index(fields=["-given_at"], name="missed_sla_by_day")]
        constraints = [
            *fits("missed_sla_reason", note=1000),
            one_of("missed_sla_reason", "reason", DelayReason.values),
            models.CheckConstraint(
                name="missed_sla_is_missed", condition=Q(appointment_on__gt=F("target_on"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()} ({self.work_order_id})"


class Appointment(models.Model):
    """One booking. The work order points to the one that stands; the others are its history.

    `on` is the site's own date, kept beside the instant, so that no later change of a time zone
    rejudges it. `judged_by` is the target it was found in time or late by. It is None, and the one
    thing filled in later, as long as the appointment has not been judged: without a target, or
    found late and the reason not given yet.
    """

    work_order = models.ForeignKey(
        "workorders.WorkOrder", models.PROTECT, related_name="appointments"
    )
    at = models.DateTimeField()
    on = models.DateField()
    technician = models.ForeignKey(  # of the partner; None for a name that was typed
        "people.User", models.PROTECT, null=True, blank=True, related_name="appointments"
    )
    technician_name = models.CharField(max_length=120)
    contact_phone = models.CharField(max_length=32, blank=True)
    contact_email = models.EmailField(max_length=254, blank=True)
    judged_by = models.DateField(null=True, blank=True)
    missed_sla = models.ForeignKey(
        MissedSLAReason, models.PROTECT, null=True, blank=True, related_name="appointments"
    )
    # the visit had been made when it was entered
    entered_afterwards = models.BooleanField(default=False)
    # the first visit had begun: that one is judged, not this date
    is_return = models.BooleanField(default=False)
    booked_by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    booked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-booked_at"]
        constraints = [
            *fits("appointment", technician_name=120, contact_phone=32, contact_email=254),
            models.CheckConstraint(
                name="appointment_is_in_time_or_has_a_reason",
                condition=Q(judged_by=None)
                | Q(on__lte=F("judged_by"))
                | Q(missed_sla__isnull=False),
            ),
            models.CheckConstraint(
                name="appointment_for_a_return_visit_is_not_judged",
                condition=Q(is_return=False) | Q(judged_by=None),
            ),
            models.CheckConstraint(
                name="appointment_has_a_contact",
                condition=~Q(contact_phone="") | ~Q(contact_email=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.technician_name}"

    def is_late_by(self, target_on: dt.date | None) -> bool:
        """Later than the target, unless it was in time when judged (docs/rules.md, rule 6)."""
        in_time_when_judged = self.judged_by is not None and self.on <= self.judged_by
        return (
            target_on is not None
            and self.on > target_on
            and not (in_time_when_judged or self.is_return)
        )
