"""Whose a row of a work order is, once the work has changed hands
(docs/rules.md, "When work changes hands").
"""

from typing import Any, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from portal.people.models import User
from portal.people.roles import Right
from portal.people.ship_to import SHIP_TO_LENGTHS
from workorders.models.rare import where_present

SECOND_POC = ("second_poc_name", "second_poc_phone", "second_poc_email")


class PastAssignmentQuerySet(models.QuerySet["PastAssignment"]):
    def visible_to(self, user: Any) -> Self:
        """All for staff who may read, for a partner's people those of the partner."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        if user.is_staff:
            return self if user.may(Right.READ) else self.none()
        return self.filter(partner_id=user.partner_id)


class PastAssignment(models.Model):
    """A time in which a partner had the work, until another one got it.

    `entered` is what the partner had entered on the work order itself and on its line items. It is
    taken off them then, and put back when the work comes back.
    """

    work_order = models.ForeignKey(
        "workorders.WorkOrder", models.CASCADE, related_name="past_assignments"
    )
    partner = models.ForeignKey("people.Partner", models.PROTECT, related_name="+")
    since = models.DateTimeField(null=True)  # None: since the work order was entered
    until = models.DateTimeField()
    entered = models.JSONField(default=dict)
    # Of a decline that was late: it counts for this partner, whoever has the work now
    outcome_target_on = models.DateField(null=True, blank=True)
    outcome_on = models.DateField(null=True, blank=True)
    outcome_days_late = models.PositiveSmallIntegerField(null=True, blank=True)
    missed_sla = models.ForeignKey(
        "workorders.MissedSLAReason",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )

    objects = PastAssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["until", "pk"]
        constraints = [
            models.CheckConstraint(
                name="past_assignment_with_an_outcome_was_late",
                condition=Q(outcome_target_on=None, outcome_on=None, outcome_days_late=None)
                | Q(outcome_on__gt=F("outcome_target_on"), outcome_days_late__isnull=False),
            ),
        ]
        indexes = [
            *where_present("past_assignment", "missed_sla"),
            models.Index(
                fields=["outcome_target_on"],
                condition=Q(outcome_target_on__isnull=False),
                name="past_assignment_by_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.partner} until {self.until}"

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What the partner had entered, each with its label, for staff."""
        fields = self.entered.get("fields", {})
        facts = [
            ("Ship to", ", ".join(filter(None, map(fields.get, SHIP_TO_LENGTHS)))),
            ("Second POC", ", ".join(filter(None, map(fields.get, SECOND_POC)))),
            ("Partner’s requirements", fields.get("partner_notes", "")),
        ]
        ticks = [(tick["description"], _tick(tick)) for tick in self.entered.get("line_items", ())]
        return [(label, words) for label, words in facts + ticks if words]


def _tick(tick: dict[str, Any]) -> str:
    """The state of a line item in words; empty where nothing was entered."""
    serial = f"serial {tick['serial']}" if tick["serial"] else ""
    return ", ".join(filter(None, ["done" if tick["done_at"] else "", serial, tick["note"]]))


def of_partner(partner: Any, *, at: str, by: str) -> Q:
    """Rows of work orders that were written while this partner had the work, and not by another
    partner's people. Whoever asks has made sure that the partner has the work now.

    `at` and `by` are the fields with the time and the author, None for the portal.
    """
    had_it = PastAssignment.objects.filter(
        Q(since=None) | Q(since__lte=OuterRef(at)),
        work_order=OuterRef("work_order"),
        partner=partner,
        until__gt=OuterRef(at),
    )
    has_it = Q(work_order__partner_since=None) | Q((f"{at}__gte", F("work_order__partner_since")))
    by_no_other = Q((by, None)) | Q((f"{by}__partner", None)) | Q((f"{by}__partner", partner))
    return by_no_other & (has_it | Q(Exists(had_it)))
