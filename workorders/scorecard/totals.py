"""The totals of the scorecard, all counted by the database: months, breakdowns, ranked reasons."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Case, Count, DateField, F, Q, Value, When

from workorders.scorecard.declines import path_of
from workorders.scorecard.scope import (
    BREAKDOWNS,
    EXCUSED,
    FIGURES,
    IN_TIME,
    MISSED,
    NO_REASON,
    ONE_MONTH,
    Rows,
    ScorecardQuery,
    with_reason,
)
from workorders.states import DelayReason

NOBODY = "nobody"  # beside the outcomes: what is counted there is counted in one of them too
FEWEST = 20  # work orders; no share is shown for fewer


class Score(NamedTuple):
    """The sums of a month, a territory and so on.

    `days_late` holds how many missed by so many business days.
    """

    key: Any
    in_time: int
    excused: int
    unexcused: int
    nobody: int  # was there at the first visit
    days_late: Counter[int]

    @property
    def counted(self) -> int:
        return self.in_time + self.missed

    @property
    def missed(self) -> int:
        return self.excused + self.unexcused

    @property
    def counted_without_excused(self) -> int:
        """The whole of the share without excused misses."""
        return self.in_time + self.unexcused

    @property
    def share(self) -> float | None:
        return self.in_time / self.counted if self.counted >= FEWEST else None

    @property
    def share_without_excused(self) -> float | None:
        return (
            self.in_time / self.counted_without_excused
            if self.counted_without_excused >= FEWEST
            else None
        )

    @property
    def share_text(self) -> str:
        return _text(self.share, self.in_time, self.counted)

    @property
    def share_without_excused_text(self) -> str:
        return _text(self.share_without_excused, self.in_time, self.counted_without_excused)

    @property
    def median_text(self) -> str:
        if self.median is None:
            return "–"
        return f"{self.median:g}" if self.median else "under 1"

    @property
    def ended_late(self) -> int:
        """How many have ended and missed: those that the median is of."""
        return self.days_late.total()

    @property
    def median(self) -> float | None:
        """The median of the days late, as `statistics.median` computes it, from their counts."""
        middle, reached = self.days_late.total() / 2, 0
        below = None
        for days_late, count in sorted(self.days_late.items()):
            if below is not None:
                return (below + days_late) / 2
            reached += count
            if reached > middle:
                return days_late
            below = days_late if reached == middle else None
        return None


def _text(share: float | None, part: int, whole: int) -> str:
    if share is None:
        return f"{part} of {whole}"
    return f"{share:.1%}".replace("%", "\N{NO-BREAK SPACE}%")


class Scores(NamedTuple):
    """Totals of the chosen months, each by its first day, and of one breakdown; none are empty."""

    months: list[Score]
    breakdown: list[Score]


def scores(rows: Rows, declined: Rows, query: ScorecardQuery) -> Scores:
    """The totals by month and by the chosen breakdown, each in order; a query for each."""
    # On SQLite TruncMonth calls Python for each row; comparing takes a tenth of the time
    month = Case(
        *(When(scored_on__lt=month + ONE_MONTH, then=Value(month)) for month in query.months),
        output_field=DateField(),
    )
    groups: list[Any] = []
    for each, part in ((rows, BREAKDOWNS[query.by][1]), (declined, path_of(query.by))):
        columns = (month, F(part), "came_out", "days_late", "in_vain")
        groups += each.order_by().values_list(*columns).annotate(count=Count("pk"))
    return Scores(
        _scores((month, *row) for month, _, *row in groups),
        _scores((part, *row) for _, part, *row in groups),
    )


def _scores(groups: Iterable[tuple[Any, ...]]) -> list[Score]:
    found: dict[Any, tuple[Counter[str], Counter[int]]] = {}
    for of, came_out, days_late, in_vain, count in groups:
        outcomes, late_by = found.setdefault(of, (Counter(), Counter()))
        outcomes[came_out] += count
        outcomes[NOBODY] += count if in_vain else 0
        if days_late is not None:
            late_by[days_late] += count
    return [_score(of, *found[of]) for of in sorted(found)]


def _score(key: Any, outcomes: Counter[str], days_late: Counter[int]) -> Score:
    return Score(
        key,
        in_time=outcomes[IN_TIME],
        excused=outcomes[EXCUSED],
        unexcused=outcomes[MISSED],
        nobody=outcomes[NOBODY],
        days_late=days_late,
    )


def total(scores: Iterable[Score]) -> Score:
    outcomes: Counter[str] = Counter()
    days_late: Counter[int] = Counter()
    for score in scores:
        outcomes.update({IN_TIME: score.in_time, EXCUSED: score.excused, MISSED: score.unexcused})
        outcomes[NOBODY] += score.nobody
        days_late += score.days_late
    return _score(None, outcomes, days_late)


def total_of(rows: Rows, declined: Rows) -> Score:
    """The total of these rows by outcome alone, without days late and visits in vain."""
    outcomes: Counter[str] = Counter()
    for each in (rows, declined):
        groups = each.order_by().values_list("came_out").annotate(count=Count("pk"))
        outcomes.update(dict(groups))
    return _score(None, outcomes, Counter())


class ReasonCount(NamedTuple):
    """A reason (None where none was given), how many work orders missed their target for it, and
    how many of those are excused.
    """

    reason: DelayReason | None
    missed: int
    excused: int


def reasons(rows: Rows, declined: Rows) -> list[ReasonCount]:
    """The last reasons of work that missed its target, the most frequent first."""
    missed: Counter[str] = Counter()
    excused: Counter[str] = Counter()
    for each in (with_reason(rows.filter(FIGURES["missed"].condition)), declined):
        groups = each.order_by().values_list("reason")
        is_excused = Count("pk", filter=Q(has_excuse=True))
        for reason, count, forgiven in groups.annotate(missed=Count("pk"), excused=is_excused):
            missed[reason] += count
            excused[reason] += forgiven
    ranked = [
        ReasonCount(None if reason == NO_REASON else DelayReason(reason), count, excused[reason])
        for reason, count in missed.items()
    ]
    return sorted(ranked, key=lambda row: (row.reason is None, -row.missed, row.reason or ""))
