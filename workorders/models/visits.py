"""Visits to the site, and the outcome of each cycle after the first."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.constraints import fits, one_of
from workorders.models.appointments import MissedSLAReason
from workorders.models.rare import where_present
from workorders.states import VisitOutcome

IN_VAIN = (VisitOutcome.RETURN, VisitOutcome.NOBODY)  # outcomes after which another visit is needed


class Visit(models.Model):
    """A technician at the site; `on` is the date there, kept as for appointments."""

    work_order = models.ForeignKey("workorders.WorkOrder", models.PROTECT, related_name="visits")
    cycle = models.PositiveSmallIntegerField()
    appointment = models.ForeignKey(  # the current one when the visit began
        "workorders.Appointment", models.PROTECT, null=True, blank=True, related_name="visits"
    )
    # why it was late, where that was asked about the visit and not about its appointment
    missed_sla = models.ForeignKey(
        "workorders.MissedSLAReason",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="visits",
        db_index=False,
    )
    technician_name = models.CharField(max_length=120, blank=True)
    began_at = models.DateTimeField()
    on = models.DateField()
    ended_at = models.DateTimeField(null=True, blank=True)
    # empty: the work order ended with the visit
    outcome = models.CharField(max_length=12, choices=VisitOutcome, blank=True)
    note = models.CharField(max_length=1000, blank=True)
    entered_by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(default=timezone.now)
    # the answer to the question of Completed; it goes when Completed is undone
    at_completion = models.BooleanField(default=False)
    # the day at the site on which the time was typed or corrected; None where it was tapped
    entered_on = models.DateField(null=True, blank=True)
    # more than two business days after the visit: staff look at it
    entered_late = models.BooleanField(default=False)
    seen_at = models.DateTimeField(null=True, blank=True)
    seen_by = models.ForeignKey(
        "people.User",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )

    class Meta:
        ordering = ["began_at", "pk"]
        indexes = [
            *where_present("visit", "missed_sla", "seen_by"),
            models.Index(
                fields=["work_order"],
                condition=Q(entered_late=True, seen_at=None),
                name="visit_entered_late",
            ),
        ]
        constraints = [
            *fits("visit", technician_name=120, note=1000),
            one_of("visit", "outcome", ["", *VisitOutcome.values]),
            models.CheckConstraint(
                name="visit_with_an_outcome_has_ended", condition=Q(outcome="") | ~Q(ended_at=None)
            ),
            models.CheckConstraint(
                name="visit_ends_after_it_began",
                condition=Q(ended_at=None) | Q(ended_at__gte=F("began_at")),
            ),
            models.CheckConstraint(
                name="visit_entered_late_was_entered_on_a_day",
                condition=Q(entered_late=False) | Q(entered_on__gt=F("on")),
            ),
            models.UniqueConstraint(
                fields=["work_order"],
                condition=Q(ended_at=None),
                name="work_order_has_one_open_visit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.technician_name}".strip()

    @property
    def is_tapped(self) -> bool:
        """Begun in the portal at that very time, rather than typed or corrected afterwards."""
        return self.entered_on is None

    @property
    def is_open(self) -> bool:
        return self.ended_at is None

    @property
    def is_unseen(self) -> bool:
        """Entered late, and staff have not looked at it yet."""
        return self.entered_late and self.seen_at is None

    @property
    def reason(self) -> MissedSLAReason | None:
        """Why it was late: given for the visit itself, else for its appointment."""
        booked = self.appointment
        return self.missed_sla or (booked.missed_sla if booked else None)

    @property
    def is_of_later_cycle(self) -> bool:
        return self.cycle > 1

    @property
    def is_of_current_cycle(self) -> bool:
        return self.cycle == self.work_order.cycle

    @property
    def how_it_ended(self) -> str:
        if self.is_open:
            return "under way"
        return self.get_outcome_display() or "ended with the work order"

    @property
    def needs_another(self) -> bool:
        return self.outcome in IN_VAIN


class Outcome(models.Model):
    """The outcome of a cycle after the first, whose own outcome is on the work order.

    Without a target nothing is missed.
    """

    work_order = models.ForeignKey("workorders.WorkOrder", models.PROTECT, related_name="outcomes")
    cycle = models.PositiveSmallIntegerField()
    target_on = models.DateField("Target SLA", null=True, blank=True)
    target_reason = models.CharField(max_length=300, blank=True)
    judged_on = models.DateField(null=True, blank=True)
    days_late = models.PositiveSmallIntegerField(default=0)
    # what kind of date `judged_on` is, a key of `explaining.JUDGED`
    basis = models.CharField(max_length=20, blank=True)
    nobody_there = models.BooleanField(default=False)

    class Meta:
        ordering = ["cycle"]
        constraints = [
            *fits("outcome", target_reason=300),
            models.UniqueConstraint(
                fields=["work_order", "cycle"], name="outcome_of_a_cycle_stands_once"
            ),
            models.CheckConstraint(name="outcome_is_of_a_later_cycle", condition=Q(cycle__gt=1)),
            models.CheckConstraint(
                name="outcome_with_a_target_has_a_date",
                condition=Q(target_on=None, judged_on=None)
                | ~Q(target_on=None) & ~Q(judged_on=None),
            ),
        ]

    def __str__(self) -> str:
        return f"Cycle {self.cycle}"

    @property
    def is_late(self) -> bool:
        return bool(self.target_on and self.judged_on and self.judged_on > self.target_on)

    @property
    def in_words(self) -> str:
        in_vain = ", nobody there" if self.nobody_there else ""
        if not self.is_late:
            return f"met{in_vain}"
        days = "1 business day" if self.days_late == 1 else f"{self.days_late} business days"
        return f"missed by {days if self.days_late else 'less than a business day'}{in_vain}"
