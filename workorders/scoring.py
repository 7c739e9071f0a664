"""The scorecard: which work orders count, how each came out, and the sums of many, all counted by the database."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import urlencode

from dateutil.relativedelta import relativedelta
from django.db.models import Case, Count, DateField, Exists, F, OuterRef, Q, QuerySet, Subquery, TextField, Value, When
from django.db.models.functions import Coalesce

from workorders.models import MissedSLAReason, Verdict
from workorders.models.queries import by_site_date, late
from workorders.states import OPEN, DelayReason, Status, VerdictKind

ONE_MONTH = relativedelta(months=1)
Rows = QuerySet[Any]  # of WorkOrder, with columns beside them

FEWEST = 20  # work orders; of fewer no share is shown
IN_TIME, EXCUSED, MISSED = "in-time", "excused", "missed"  # how a work order came out; missed: and not excused
NO_REASON = "none"
_LAST_FIRST = F("pk") * -1  # for -pk PostgreSQL would walk the whole table backwards, for each row
BREAKDOWNS = {
    "territory": ("Service Territory", "territory__name"),
    "entitlement": ("Entitlement", "entitlement__name"),
    "work_type": ("Work Type", "work_type"),
    "partner": ("Partner", "partner__name"),
}


_IN_TIME = Q(outcome_on__lte=F("outcome_target_on"))
_MISSED = Q(outcome_on__gt=F("outcome_target_on")) | Q(outcome_target_on=None)  # of what counts
_EXCUSED = Q(has_excuse=True)


class Figure(NamedTuple):
    """What is counted, and what it means in one sentence. `within` is the condition of its work orders."""

    label: str
    formula: str
    within: Q = Q()


FIGURES = {
    "counted": Figure(
        "Counted",
        "Work that was completed, and open work that has missed a Target SLA already past, each in the month of its"
        " target at the site.",
    ),
    "in_time": Figure(
        "In time",
        "Completed, and the first visit (else the booking) was no later than the target.",
        _IN_TIME,
    ),
    "missed": Figure(
        "Missed",
        "Later than the target; open work past its target counts too, also without an appointment.",
        _MISSED,
    ),
    "excused": Figure(
        "Missed and excused",
        "Missed, and the last verdict on the last reason for delay is Excused.",
        _MISSED & _EXCUSED,
    ),
    "share": Figure("On time", "In time ÷ counted."),
    "fair": Figure(
        "On time without excused",
        "In time ÷ (counted − missed and excused).",
        _IN_TIME | ~_EXCUSED,
    ),
    "median": Figure(
        "Median business days late",
        "The middle one of the completed work orders that missed; 0 is less than one business day.",
        Q(outcome_on__gt=F("outcome_target_on")),
    ),
}


def counts(rows: Rows, now: dt.datetime) -> Q:
    """Which of these work orders the scorecard counts, each once.

    Completed work by its first outcome, which stays when it is sent back, in the month of the target that judged it;
    without a target it does not count. Open work that was never completed only as missed: its target is past at the
    site and it is late, also without an appointment and when nobody has accepted it; everything else open is not
    decided yet. Canceled work does not count. Could Not Complete counts only where it had been completed before, by
    that outcome; else, and when it was declined, nobody was on time or late with it.
    """
    completed = Q(outcome_target_on__isnull=False) & ~Q(status=Status.CANCELED)
    past = by_site_date(now, lambda today: Q(target_on__lt=today))
    open_and_late = rows.filter(past & late(now), status__in=OPEN, outcome_days_late=None)
    # As a set of its own, so that what is completed needs no site and no appointment to be counted
    return completed | Q(pk__in=open_and_late.values("pk"))


def scored(rows: Rows, now: dt.datetime) -> Rows:
    """Those that count, each with its score."""
    return with_score(rows.filter(counts(rows, now)))


def with_score(rows: Rows) -> Rows:
    """With `scored_on`, the day whose month is theirs, `came_out`, and `days`, by how many business days completed work
    missed its target (None for what is in time or open). All of them must count.
    """
    return rows.alias(has_excuse=_has_excuse()).annotate(
        scored_on=Coalesce("outcome_target_on", "target_on"),
        came_out=Case(
            When(_IN_TIME, then=Value(IN_TIME)),
            When(_EXCUSED, then=Value(EXCUSED)),
            default=Value(MISSED),
            output_field=TextField(),
        ),
        days=Case(When(_IN_TIME, then=None), default=F("outcome_days_late")),
    )


def _has_excuse() -> Exists:
    """The last verdict on the last reason is Excused."""
    reasons = MissedSLAReason.objects.filter(
        work_order=OuterRef("missed_sla__work_order"), pk__gt=OuterRef("missed_sla")
    )
    verdicts = Verdict.objects.filter(missed_sla=OuterRef("missed_sla"), pk__gt=OuterRef("pk"))
    excuses = Verdict.objects.filter(missed_sla__work_order=OuterRef("pk"), kind=VerdictKind.EXCUSED)
    return Exists(excuses.filter(~Exists(reasons), ~Exists(verdicts)))


def _last_reason(field: str) -> Subquery:
    """Of the last reason given for the work order; `verdict` is the kind of the last verdict on it."""
    verdicts = Verdict.objects.filter(missed_sla=OuterRef("pk")).order_by(_LAST_FIRST)
    reasons = MissedSLAReason.objects.filter(work_order=OuterRef("pk")).order_by(_LAST_FIRST)
    return Subquery(reasons.annotate(verdict=Subquery(verdicts.values("kind")[:1])).values(field)[:1])


def with_reason(rows: Rows) -> Rows:
    """With `reason`, the last one of what missed its target, else empty; and `verdict`, the last one on it."""
    return rows.annotate(
        reason=Case(
            When(_IN_TIME, then=Value("")),
            default=Coalesce(_last_reason("reason"), Value(NO_REASON)),
            output_field=TextField(),
        ),
        verdict=Case(
            When(_IN_TIME, then=Value("")),
            default=Coalesce(_last_reason("verdict"), Value("")),
            output_field=TextField(),
        ),
    )


class Asked(NamedTuple):
    """Months, each by its first day, and the filters; `figure`, `reason` and `after` are those of a list behind it."""

    first: dt.date
    last: dt.date
    territory: str = ""
    entitlement: str = ""
    work_type: str = ""
    partner: str = ""
    by: str = "territory"
    figure: str = "counted"
    reason: str = ""
    after: str = ""

    def query(self, **changes: Any) -> str:
        asked = self._replace(**changes)
        months = {"first": f"{asked.first:%Y-%m}", "last": f"{asked.last:%Y-%m}"}
        return urlencode({name: value for name, value in (asked._asdict() | months).items() if value})

    @property
    def months(self) -> list[dt.date]:
        first, number = self.first, (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1
        return [first + n * ONE_MONTH for n in range(number)]

    def within(self, rows: Rows) -> Rows:
        """Of scored work orders those that are asked for."""
        months = {"scored_on__gte": self.first, "scored_on__lt": self.last + ONE_MONTH}
        chosen = {path: getattr(self, name) for name, (_, path) in BREAKDOWNS.items() if getattr(self, name)}
        rows = rows.filter(FIGURES[self.figure].within, **months, **chosen)
        return with_reason(rows).filter(reason=self.reason) if self.reason else rows


class Score(NamedTuple):
    """The sums of a month, a territory and so on. `days` holds how many missed by so many business days."""

    key: Any
    in_time: int
    excused: int
    unexcused: int
    days: Counter[int]

    @property
    def counted(self) -> int:
        return self.in_time + self.missed

    @property
    def missed(self) -> int:
        return self.excused + self.unexcused

    @property
    def judged(self) -> int:
        """What the share without excused misses is of."""
        return self.in_time + self.unexcused

    @property
    def share(self) -> float | None:
        return self.in_time / self.counted if self.counted >= FEWEST else None

    @property
    def fair(self) -> float | None:
        return self.in_time / self.judged if self.judged >= FEWEST else None

    @property
    def share_text(self) -> str:
        return _text(self.share, self.in_time, self.counted)

    @property
    def fair_text(self) -> str:
        return _text(self.fair, self.in_time, self.judged)

    @property
    def median_text(self) -> str:
        return "–" if self.median is None else f"{self.median:g}"

    @property
    def median(self) -> float | None:
        """Of the counts of each number of days, as `statistics.median` has it of the single ones."""
        middle, reached = self.days.total() / 2, 0
        below = None
        for days, count in sorted(self.days.items()):
            if below is not None:
                return (below + days) / 2
            reached += count
            if reached > middle:
                return days
            below = days if reached == middle else None
        return None


def _text(share: float | None, part: int, whole: int) -> str:
    return f"{part} of {whole}" if share is None else f"{share:.1%}".replace("%", "\N{NO-BREAK SPACE}%")


def by_month(rows: Rows, asked: Asked) -> list[Score]:
    """One query: the scores of the months asked for, each under its first day. Those without work are left out."""
    # TruncMonth calls Python for each row on SQLite; comparing takes a tenth of the time
    month = Case(
        *(When(scored_on__lt=month + ONE_MONTH, then=Value(month)) for month in asked.months), output_field=DateField()
    )
    return _scores(rows, month)


def by_part(rows: Rows, by: str) -> list[Score]:
    """One query: the scores by one of BREAKDOWNS, in order of what they are by."""
    return _scores(rows, F(BREAKDOWNS[by][1]))


def _scores(rows: Rows, key: Any) -> list[Score]:
    groups = rows.order_by().values_list(key, "came_out", "days").annotate(count=Count("pk"))
    found: dict[Any, tuple[Counter[str], Counter[int]]] = {}
    for of, came_out, days, count in groups:
        ways, late_by = found.setdefault(of, (Counter(), Counter()))
        ways[came_out] += count
        if days is not None:
            late_by[days] += count
    return [_score(of, *found[of]) for of in sorted(found)]


def _score(key: Any, ways: Counter[str], days: Counter[int]) -> Score:
    return Score(key, ways[IN_TIME], ways[EXCUSED], ways[MISSED], days)


def total(parts: Iterable[Score]) -> Score:
    ways: Counter[str] = Counter()
    days: Counter[int] = Counter()
    for part in parts:
        ways.update({IN_TIME: part.in_time, EXCUSED: part.excused, MISSED: part.unexcused})
        days += part.days
    return _score(None, ways, days)


class Ranked(NamedTuple):
    """A reason, empty where none was given: how many missed their target for it, and how many of them are excused."""

    reason: DelayReason | None
    missed: int
    excused: int


def reasons(rows: Rows) -> list[Ranked]:
    """One query: the last reasons of what missed its target, the most frequent first; those without one last."""
    missed = with_reason(rows.filter(_MISSED)).order_by().values_list("reason")
    groups = missed.annotate(missed=Count("pk"), excused=Count("pk", filter=_EXCUSED))
    ranked = [Ranked(None if reason == NO_REASON else DelayReason(reason), *numbers) for reason, *numbers in groups]
    return sorted(ranked, key=lambda row: (row.reason is None, -row.missed, row.reason or ""))
