"""Appointments at the site, and the reasons for those that miss the Target SLA.

Rows are added, never changed.
"""

import datetime as dt
from typing import Self

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from portal.constraints import fits, one_of
from portal.people.models import Partner
from workorders.models.rare import where_present
from workorders.states import DelayOf, DelayReason


class MissedSLAReason(models.Model):
    """Why a partner missed the target with the date of an appointment, or with another day that
    `of` names, with both dates as they were then.
    """

    work_order = models.ForeignKey(
        "workorders.WorkOrder", models.PROTECT, related_name="missed_sla_reasons"
    )
    reason = models.CharField(max_length=32, choices=DelayReason)
    note = models.CharField(max_length=1000, blank=True)
    of = models.CharField(max_length=12, choices=DelayOf, default=DelayOf.APPOINTMENT)
    target_on = models.DateField("Target SLA")
    appointment_at = models.DateTimeField("appointment")
    appointment_on = models.DateField("appointment date")  # at the site
    business_days_late = models.PositiveSmallIntegerField()
    given_by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    given_at = models.DateTimeField(default=timezone.now)
    cycle = models.PositiveSmallIntegerField(default=1)
    # it is the reason of what is judged in its cycle; one that was replaced stays in the history
    counts = models.BooleanField(default=False)
    # staff have given no verdict on it, or the partner has answered the last one
    is_unreviewed = models.BooleanField(default=True, editable=False)

    class Meta:
        ordering = ["-given_at"]
        verbose_name = "missed-SLA reason"
        indexes = [
            models.Index(fields=["-given_at"], name="missed_sla_by_day"),
            models.Index(
                fields=["work_order"],
                name="missed_sla_to_review",
                condition=Q(is_unreviewed=True),
            ),
        ]
        constraints = [
            *fits("missed_sla_reason", note=1000),
            one_of("missed_sla_reason", "reason", DelayReason.values),
            one_of("missed_sla_reason", "of", DelayOf.values),
            models.CheckConstraint(
                name="missed_sla_is_missed", condition=Q(appointment_on__gt=F("target_on"))
            ),
            models.UniqueConstraint(
                fields=["work_order", "cycle"],
                condition=Q(counts=True),
                name="one_missed_sla_reason_counts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()} ({self.work_order_id})"

    @property
    def partner(self) -> Partner:
        """Whose people gave it; the work may be another partner's now."""
        return self.given_by.partner or self.work_order.partner

    @property
    def is_of_appointment(self) -> bool:
        return self.of == DelayOf.APPOINTMENT


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def for_calendar(self) -> Self:
        """Add `was_made`, whether there was a visit, and `made_before`.

        `made_before` is how many of the work order's earlier appointments had a visit.
        """
        earlier = Appointment.objects.filter(
            work_order=OuterRef("work_order"), pk__lt=OuterRef("pk"), visits__isnull=False
        )
        number = earlier.order_by().values("work_order").annotate(n=Count("pk", distinct=True))
        made = Appointment.objects.filter(pk=OuterRef("pk"), visits__isnull=False)
        before = Coalesce(Subquery(number.values("n")), 0)
        return self.annotate(was_made=Exists(made), made_before=before)


class Appointment(models.Model):
    """One booking. The work order refers to the current one; the others are its history.

    `on` is the date at the site, kept beside the instant so that a later change of the time zone
    does not change it. `judged_by` is the target by which it was found in time or late. It is None
    until the appointment has been judged: while there is no target, or while the reason for being
    late has not been given. It and `taken_back_at` are the only fields filled in later.
    """

    work_order = models.ForeignKey(
        "workorders.WorkOrder", models.PROTECT, related_name="appointments"
    )
    at = models.DateTimeField()
    on = models.DateField()
    cycle = models.PositiveSmallIntegerField(default=1)
    technician = models.ForeignKey(  # one of the partner's; None where only a name was entered
        "people.User",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="appointments",
        db_index=False,
    )
    technician_name = models.CharField(max_length=120)
    contact_phone = models.CharField(max_length=32, blank=True)
    contact_email = models.EmailField(max_length=254, blank=True)
    judged_by = models.DateField(null=True, blank=True)
    missed_sla = models.ForeignKey(
        MissedSLAReason,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="appointments",
        db_index=False,
    )
    # entered after the visit
    entered_afterwards = models.BooleanField(default=False)
    # the first visit had begun, and is judged instead of this date
    is_return = models.BooleanField(default=False)
    booked_by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    booked_at = models.DateTimeField(default=timezone.now)
    booked_on = models.DateField()  # that day at the site, which stays like `on`
    # called off without a new date, together with those that it had replaced
    taken_back_at = models.DateTimeField(null=True, blank=True)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        indexes = [
            *where_present("appointment", "missed_sla"),
            models.Index(
                fields=["technician", "at"],
                name="appointment_of_technician",
                condition=Q(technician__isnull=False),
            ),
        ]
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

    def is_active_at(self, instant: dt.datetime) -> bool:
        """Whether it was not taken back, or only after it had been booked for that time."""
        return self.taken_back_at is None or self.booked_at <= instant < self.taken_back_at
