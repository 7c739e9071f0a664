"""Whose a row of a work order is, once the work has changed hands
(docs/rules.md, "When work changes hands").
"""

from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from portal.people.ship_to import SHIP_TO_LENGTHS

SECOND_POC = ("second_poc_name", "second_poc_phone", "second_poc_email")


class PastAssignment(models.Model):
    """A time in which a partner had the work, up to the moment when another one got it.

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

    class Meta:
        ordering = ["until", "pk"]

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

    `at` and `by` are the fields with the moment and the author, None for the portal.
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
