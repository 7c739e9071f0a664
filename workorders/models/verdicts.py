"""Staff's verdicts on reasons for delay.

Rows are only added, and the last one counts; database triggers refuse changes.
"""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.constraints import fits, one_of
from workorders.states import VerdictKind

ANSWERABLE = (VerdictKind.NOT_EXCUSED, VerdictKind.MORE)


class Verdict(models.Model):
    """Excused, not excused, or more information needed; the last two with a note to answer."""

    missed_sla = models.ForeignKey(
        "workorders.MissedSLAReason", models.PROTECT, related_name="verdicts"
    )
    kind = models.CharField("verdict", max_length=20, choices=VerdictKind)
    note = models.CharField(max_length=1000, blank=True)
    by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [
            *fits("verdict", note=1000),
            one_of("verdict", "kind", VerdictKind.values),
            models.CheckConstraint(
                name="verdict_says_why_unless_it_excuses",
                condition=Q(kind=VerdictKind.EXCUSED) | ~Q(note=""),
            ),
        ]

    @property
    def is_answerable(self) -> bool:
        return self.kind in ANSWERABLE

    def __str__(self) -> str:
        return self.get_kind_display()
