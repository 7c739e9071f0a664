"""Business calendars as rows: territories, the days that differ, revisions and proposals."""

import re
from collections.abc import Collection
from typing import NamedTuple

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.constraints import fits, one_of
from sla.values import NAMES_JOINED
from workorders.models.weeks import Week, validate_weekend
from workorders.states import DayKind

# what follows the name of a holiday that is observed on another day, or whose day is not sure yet
_LABEL = re.compile(r" \((?:observed|estimated|observed, estimated|substitute day)\)$")
_ENGLISH_AND_LOCAL = re.compile(r"(.+?) \((.+)\)")
NAME_LENGTH = 200


def holiday_of(name: str) -> str:
    """The holiday's name, the same for its own date and the day on which it is observed."""
    return _LABEL.sub("", name)


def is_among(holiday: str, names: Collection[str]) -> bool:
    """Whether a holiday is named, in full or only by its English or its local name."""
    parts = _ENGLISH_AND_LOCAL.fullmatch(holiday)
    return holiday in names or (parts is not None and any(part in names for part in parts.groups()))


def local_name(names: str) -> str:
    """The names of a day, each by its local name alone where it has one."""
    return NAMES_JOINED.join(
        parts[2] if (parts := _ENGLISH_AND_LOCAL.fullmatch(holiday_of(name))) else name
        for name in names.split(NAMES_JOINED)
    )


class HolidayChoices(NamedTuple):
    """The holidays for which a territory never, or always, closes, whatever `holidays` calls public
    (docs/rules.md, rule 4).
    """

    never: frozenset[str] = frozenset()
    always: frozenset[str] = frozenset()

    def decides(self, holiday: str) -> bool:
        return is_among(holiday, self.never | self.always)


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
    # names of holidays, see HolidayChoices
    never_closes = models.JSONField(default=list, editable=False)
    always_closes = models.JSONField(default=list, editable=False)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "service territories"
        constraints = [
            *fits("territory", name=60, country=2, subdivision=10),
            models.CheckConstraint(name="territory_covers_days", condition=Q(first__lte=F("last"))),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def choices(self) -> HolidayChoices:
        return HolidayChoices(frozenset(self.never_closes), frozenset(self.always_closes))


class ListedHoliday(models.Model):
    """A holiday that the package `holidays` lists for the territory's place, with its category.

    Kept so that no request has to load the package. What the calendar closes for is not said here.
    """

    territory = models.ForeignKey(ServiceTerritory, models.CASCADE, related_name="listed")
    day = models.DateField()
    name = models.CharField(max_length=NAME_LENGTH)
    category = models.CharField(max_length=30)

    class Meta:
        ordering = ["day", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["territory", "day", "name", "category"], name="holiday_is_listed_once"
            ),
            *fits("listed_holiday", name=NAME_LENGTH, category=30),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.name}"


class ListedRegion(models.Model):
    """A name by which `holidays` knows a subdivision of a country, such as California or CA.

    Kept for the countries of territories, so that no request has to load the package.
    """

    country = models.CharField(max_length=2)
    name = models.CharField(max_length=NAME_LENGTH)  # in lower case
    subdivision = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["country", "name"], name="region_is_listed_once"),
            *fits("listed_region", country=2, name=NAME_LENGTH, subdivision=60),
        ]

    def __str__(self) -> str:
        return f"{self.country}-{self.subdivision}: {self.name}"


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
    def holidays(self) -> list[str]:
        """A day may be more than one holiday."""
        return [holiday_of(name) for name in self.name.split(NAMES_JOINED)]

    def without(self, holidays: Collection[str]) -> "DayState":
        """The closed day where it is not closed for these: for what remains, or not at all."""
        names = self.name.split(NAMES_JOINED)
        kept = [name for name in names if not is_among(holiday_of(name), holidays)]
        if self.kind != DayKind.CLOSED or len(kept) == len(names):
            return self
        return DayState(DayKind.CLOSED, NAMES_JOINED.join(kept)) if kept else DayState()

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
    `weekend`, `last`, `never_closes` and `always_closes` are the new values where they would change
    too, the last two together.
    """

    territory = models.ForeignKey(ServiceTerritory, models.CASCADE, related_name="proposals")
    weekend = models.JSONField(null=True, blank=True, validators=[validate_weekend])
    last = models.DateField("last day covered", null=True, blank=True)
    never_closes = models.JSONField(null=True, blank=True)
    always_closes = models.JSONField(null=True, blank=True)
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
    def choices(self) -> HolidayChoices | None:
        if self.never_closes is None:
            return None
        return HolidayChoices(frozenset(self.never_closes), frozenset(self.always_closes or ()))

    @property
    def choices_named(self) -> set[str]:
        return {*(self.never_closes or ()), *(self.always_closes or ())}

    @property
    def summary(self) -> str:
        """2 days differ, covered to 2031-12-31."""
        count = self.days.count()
        parts = []
        if count:
            parts.append("1 day differs" if count == 1 else f"{count} days differ")
        if self.weekend is not None:
            parts.append("another weekend")
        if self.never_closes is not None:
            parts.append("other holidays")
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
