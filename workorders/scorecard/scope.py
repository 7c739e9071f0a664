"""Conditions of the scorecard: which work orders count, their outcomes, and the filters."""

import datetime as dt
from typing import Any, NamedTuple, Self
from urllib.parse import urlencode

from dateutil.relativedelta import relativedelta
from django.db.models import (
    BooleanField,
    Case,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from workorders.models import MissedSLAReason, Verdict
from workorders.models.site_today import by_site_date
from workorders.models.waits import MISSED as WAITS_AS_MISSED
from workorders.models.waits import holds_at
from workorders.scorecard.time_in_status import waiting_for, was_in
from workorders.states import Status, VerdictKind

ONE_MONTH = relativedelta(months=1)
Rows = QuerySet[Any]  # of WorkOrder, with additional columns

IN_TIME, EXCUSED, MISSED = "in-time", "excused", "missed"  # outcomes; MISSED is not excused
NO_REASON = "none"
# With -pk instead, PostgreSQL scans the whole table backwards for each row.
_LAST_FIRST = F("pk") * -1
BREAKDOWNS = {
    "territory": ("Service Territory", "territory__name"),
    "entitlement": ("Entitlement", "entitlement__name"),
    "work_type": ("Work Type", "work_type"),
    "partner": ("Partner", "partner__name"),
}


_IN_TIME = Q(outcome_on__lte=F("outcome_target_on"))
_MISSED = Q(outcome_on__gt=F("outcome_target_on")) | Q(outcome_target_on=None)  # if it counts
_EXCUSED = Q(has_excuse=True)
_NOBODY = Q(outcome_nobody_there=True) | Q(outcome_target_on=None, nobody_there=True)


class Figure(NamedTuple):
    """What is counted, and what it means in one sentence.

    `condition` is that of its work orders.
    """

    label: str
    formula: str
    condition: Q = Q()


FIGURES = {
    "counted": Figure(
        "Counted",
        "Completed work, work that was late when it could not be completed, and open work that has"
        " missed its Target SLA, each in the month of its target at the site.",
    ),
    "in_time": Figure(
        "In time",
        "Completed, and the work began no later than the target.",
        _IN_TIME,
    ),
    "missed": Figure(
        "Missed",
        "Later than the target. Open work past its target counts even without an appointment, and a"
        " late decline counts for the partner who declined.",
        _MISSED,
    ),
    "excused": Figure(
        "Missed and excused",
        "Missed, and the last verdict on the reason for delay is Excused.",
        _MISSED & _EXCUSED,
    ),
    "nobody": Figure(
        "Nobody there",
        "Judged by a first visit at which nobody was there.",
        _NOBODY,
    ),
    "share": Figure("On time", "In time ÷ counted."),
    # "fair" is its name in addresses, which bookmarks hold
    "fair": Figure(
        "On time without excused",
        "In time ÷ (counted − missed and excused).",
        _IN_TIME | ~_EXCUSED,
    ),
    "median": Figure(
        "Median business days late",
        "The median of ended work orders that missed; under 1 is less than one business day.",
        Q(outcome_on__gt=F("outcome_target_on")),
    ),
}


def counts(rows: Rows, now: dt.datetime) -> Q:
    """Which of these work orders the scorecard counts, each once.

    Completed work counts by its first outcome, which stays when it is sent back, in the month of
    the target that judged it; without a target it does not count. Open work that was never
    completed counts only as missed, when its target is past at the site and it is late, even
    without an appointment or acceptance; other open work is undecided. Canceled work does not
    count. Could Not Complete counts by an outcome from an earlier completion, or as missed when it
    was late.
    """
    completed = Q(outcome_target_on__isnull=False) & ~Q(status=Status.CANCELED)
    past = by_site_date(now, lambda today: Q(target_on__lt=today) | Q(kept_target_on__lt=today))
    is_late = Q(holds_at(now, "waits__"), waits__name=WAITS_AS_MISSED)
    open_and_late = rows.filter(past, is_late, counts_as_open=True, outcome_days_late=None)
    # As a subquery, so that counting completed work joins neither sites nor appointments
    return completed | Q(pk__in=open_and_late.values("pk"))


def scored(rows: Rows, now: dt.datetime) -> Rows:
    """The rows that count, each with its score."""
    return with_score(rows.filter(counts(rows, now)))


def with_score(rows: Rows) -> Rows:
    """Add what the scorecard counts.

    `scored_on` is the day whose month is theirs, `came_out` the outcome, `days_late` by how many
    business days completed work missed its target (None for what is in time or open), and `in_vain`
    whether nobody was there at the first visit. All of them must count.
    """
    found: Rows = rows.alias(has_excuse=_has_excuse()).annotate(
        scored_on=Coalesce("outcome_target_on", "target_on", "kept_target_on"),
        came_out=Case(
            When(_IN_TIME, then=Value(IN_TIME)),
            When(_EXCUSED, then=Value(EXCUSED)),
            default=Value(MISSED),
            output_field=TextField(),
        ),
        days_late=Case(When(_IN_TIME, then=None), default=F("outcome_days_late")),
        in_vain=Case(
            When(_NOBODY, then=Value(True)), default=Value(False), output_field=BooleanField()
        ),
    )
    return found


def _has_excuse() -> Exists:
    """Whether the last verdict on the reason that counts is Excused."""
    verdicts = Verdict.objects.filter(missed_sla=OuterRef("missed_sla"), pk__gt=OuterRef("pk"))
    excuses = Verdict.objects.filter(
        missed_sla__work_order=OuterRef("pk"),
        missed_sla__cycle=1,
        missed_sla__counts=True,
        kind=VerdictKind.EXCUSED,
    )
    return Exists(excuses.filter(~Exists(verdicts)))


def _reason(field: str) -> Subquery:
    """A field of the reason that counts for the first outcome, or `verdict`, the kind of its last
    verdict.
    """
    verdicts = Verdict.objects.filter(missed_sla=OuterRef("pk")).order_by(_LAST_FIRST)
    reasons = MissedSLAReason.objects.filter(work_order=OuterRef("pk"), cycle=1, counts=True)
    with_kind = reasons.annotate(verdict=Subquery(verdicts.values("kind")[:1]))
    return Subquery(with_kind.values(field)[:1])


def with_reason(rows: Rows) -> Rows:
    """Add the `reason` that counts and its last `verdict`, for work that missed its target.

    For other work both are empty.
    """
    found: Rows = rows.annotate(
        reason=Case(
            When(_IN_TIME, then=Value("")),
            default=Coalesce(_reason("reason"), Value(NO_REASON)),
            output_field=TextField(),
        ),
        verdict=Case(
            When(_IN_TIME, then=Value("")),
            default=Coalesce(_reason("verdict"), Value("")),
            output_field=TextField(),
        ),
    )
    return found


class ScorecardQuery(NamedTuple):
    """The months, each by its first day, and the filters of a scorecard or of a list behind it.

    Only a list has a figure, a reason, the status that days were spent in, the cause that work
    waited for, and the cursor where its last page ended.
    """

    first: dt.date
    last: dt.date
    territory: str = ""
    entitlement: str = ""
    work_type: str = ""
    partner: str = ""
    by: str = "territory"
    figure: str = "counted"
    reason: str = ""
    spent: str = ""
    waited: str = ""
    after: str = ""

    @property
    def card(self) -> Self:
        """The scorecard that a list belongs to."""
        return self._replace(figure="counted", reason="", spent="", waited="", after="")

    def query_string(self, **changes: Any) -> str:
        query = self._replace(**changes)
        months = {"first": f"{query.first:%Y-%m}", "last": f"{query.last:%Y-%m}"}
        return urlencode(
            {name: value for name, value in (query._asdict() | months).items() if value}
        )

    @property
    def months(self) -> list[dt.date]:
        years = self.last.year - self.first.year
        count = years * 12 + self.last.month - self.first.month + 1
        return [self.first + n * ONE_MONTH for n in range(count)]

    @property
    def before(self) -> Self:
        """The same for as many months before these."""
        count = len(self.months)
        return self._replace(first=self.first - count * ONE_MONTH, last=self.first - ONE_MONTH)

    def within(self, rows: Rows) -> Rows:
        """The scored work orders that these filters select."""
        months = {"scored_on__gte": self.first, "scored_on__lt": self.last + ONE_MONTH}
        chosen = {
            path: getattr(self, name)
            for name, (_, path) in BREAKDOWNS.items()
            if getattr(self, name)
        }
        rows = rows.filter(FIGURES[self.figure].condition, **months, **chosen)
        if self.spent:
            rows = rows.filter(was_in(self.spent))
        if self.waited:
            rows = waiting_for(rows, self.waited)
        return with_reason(rows).filter(reason=self.reason) if self.reason else rows
