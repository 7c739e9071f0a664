"""Business calendars as rows: territories, the days that differ, revisions and proposals."""

from typing import NamedTuple

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.people.constraints import fits, one_of
from workorders.models.weeks import Week, validate_weekend
from workorders.states import DayKind

OBSERVED = " (observed)"  # follows the name of a holiday that is observed on another day


class ServiceTerritory(Week):
    """Where the work is, with the newest revision of its business calendar.

    `applied_revision` is the revision that the Target SLA of all open work follows. While it is
    less than `revision`, a recalculation is under way.
    """

    name = models.CharField(max_length=60, unique=True)
    country = models.CharField(max_length=2)
    subdivision = models.CharField(max_length=10, blank=True)
    # grows with every change of the calendar
    revision = models.PositiveIntegerField(default=1, editable=False)
    applied_revision = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "service territories"
        constraints = [
            *fits("territory", name=60, country=2, subdivision=10),
            models.CheckConstraint(name="territory_covers_days", condition=Q(first__lte=F("last"))),
        ]

    def __str__(self) -> str:
        return self.name


class CalendarRevision(Week):
    """One revision of a territory's calendar: its week, what changed, when and by whom."""

    territory = models.ForeignKey(ServiceTerritory, models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    what = models.CharField(max_length=1000)
    # None: the system
    made_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["territory", "number"], name="calendar_revision_stands_once"
            ),
            *fits("calendar_revision", what=1000),
        ]

    def __str__(self) -> str:
        return f"Business calendar of {self.territory}, revision {self.number}"


class DayState(NamedTuple):
    """Whether a calendar closes a day, has it worked, or leaves it to the weekday; with a name."""

    kind: str = DayKind.PLAIN
    name: str = ""

    @property
    def holiday(self) -> str:
        """The holiday's name, the same for its own date and the day on which it is observed."""
        return self.name.removesuffix(OBSERVED)

    def __str__(self) -> str:
        label = DayKind(self.kind).label
        return f"{label}: {self.name}" if self.name else label


class CalendarDay(models.Model):
    """A day that differs from its weekday, in the revisions from `since` to before `until`.

    Rows are never deleted or rewritten, so that each Target SLA can be explained by the revision
    that it was computed with. `by_staff` marks a day that staff have decided on and that `holidays`
    no longer changes.
    """

    territory = models.ForeignKey(ServiceTerritory, models.CASCADE, related_name="days")
    day = models.DateField()
    name = models.CharField(max_length=200)
    worked = models.BooleanField(default=False)
    by_staff = models.BooleanField(default=False)
    since = models.PositiveIntegerField(default=1)
    until = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["day", "since"]
        constraints = [
            models.UniqueConstraint(
                fields=["territory", "day"],
                condition=Q(until=None),
                name="calendar_day_stands_once",
            ),
            *fits("calendar_day", name=200),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.name}"

    @property
    def state(self) -> DayState:
        return DayState(DayKind.WORKED if self.worked else DayKind.CLOSED, self.name)


class CalendarProposal(models.Model):
    """A change to a territory's calendar that staff have to decide on.

    `refresh_calendars` or staff themselves propose it. `days` are the days that would change;
    `weekend` and `last` are the new values where they would change too.
    """

    territory = models.ForeignKey(ServiceTerritory, models.CASCADE, related_name="proposals")
    weekend = models.JSONField(null=True, blank=True, validators=[validate_weekend])
    last = models.DateField("last day covered", null=True, blank=True)
    # None: refresh_calendars
    made_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    verdict = models.CharField(
        max_length=8, choices=[("approved", "Approved"), ("rejected", "Rejected")], blank=True
    )
    note = models.CharField(max_length=1000, blank=True)
    decided_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            *fits("calendar_proposal", note=1000),
            one_of("calendar_proposal", "verdict", ["", "approved", "rejected"]),
            models.UniqueConstraint(
                fields=["territory"],
                condition=Q(verdict="", made_by=None),
                name="territory_has_one_refresh",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.territory}, proposed {self.made_at:%Y-%m-%d}"

    @property
    def is_open(self) -> bool:
        return not self.verdict

    @property
    def summary(self) -> str:
        """2 days differ, covered to 2031-12-31."""
        count = self.days.count()
        parts = []
        if count:
            parts.append("1 day differs" if count == 1 else f"{count} days differ")
        if self.weekend is not None:
            parts.append("another weekend")
        if self.last:
            parts.append(f"covered to {self.last}")
        return ", ".join(parts)


class ProposedDay(models.Model):
    """One day of a proposal: as proposed, as it was then, and whether staff accepted it."""

    proposal = models.ForeignKey(CalendarProposal, models.CASCADE, related_name="days")
    day = models.DateField()
    kind = models.CharField(max_length=6, choices=DayKind, blank=True)
    name = models.CharField(max_length=200, blank=True)
    was_kind = models.CharField(max_length=6, choices=DayKind, blank=True)
    was_name = models.CharField(max_length=200, blank=True)
    by_staff = models.BooleanField(default=False)
    taken = models.BooleanField(null=True)

    class Meta:
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "day"], name="proposed_day_stands_once"),
            *fits("proposed_day", name=200, was_name=200),
            one_of("proposed_day", "kind", DayKind.values),
            one_of("proposed_day", "was_kind", DayKind.values),
            models.CheckConstraint(
                name="proposed_day_has_a_name",
                condition=Q(kind=DayKind.PLAIN, name="") | ~Q(kind="") & ~Q(name=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.state}"

    @property
    def state(self) -> DayState:
        return DayState(self.kind, self.name)

    @property
    def was(self) -> DayState:
        return DayState(self.was_kind, self.was_name)
