"""A scored work order in words, for the list behind a figure and its CSV file."""

from typing import Any, NamedTuple

from workorders.history.wording import description_of
from workorders.scorecard import scope
from workorders.scorecard.scope import NO_REASON
from workorders.states import DelayReason, VerdictKind


def described(slug: str) -> tuple[str, str]:
    if slug == NO_REASON:
        return "No reason given", "No appointment was booked, or no reason was required."
    return DelayReason(slug).label, description_of(DelayReason(slug))


class ScoredRow(NamedTuple):
    work_order: Any  # with its score
    how: str
    reason: str
    description: str
    verdict: str
    days: float | None = None

    @property
    def has_days(self) -> bool:
        return self.days is not None

    @property
    def is_missed(self) -> bool:
        return bool(self.work_order.came_out != scope.IN_TIME)

    @property
    def is_decline(self) -> bool:
        """Whether another partner has the work now, so that this partner cannot open its page."""
        return hasattr(self.work_order, "decline")


def scored_row(work_order: Any, days: dict[int, float]) -> ScoredRow:
    reason, description = described(work_order.reason) if work_order.reason else ("", "")
    verdict = VerdictKind(work_order.verdict).label if work_order.verdict else ""
    return ScoredRow(
        work_order,
        how=_how(work_order),
        reason=reason,
        description=description,
        verdict=verdict,
        days=days.get(work_order.pk),
    )


def _how(work_order: Any) -> str:
    if work_order.came_out == scope.IN_TIME:
        return "In time"
    if work_order.is_open and work_order.days_late is None:
        return "Missed"
    missed = "Declined, missed by" if hasattr(work_order, "decline") else "Missed by"
    return f"{missed} {_days(work_order.days_late)}"


def _days(days: int) -> str:
    if not days:
        return "less than a business day"
    return "1 business day" if days == 1 else f"{days} business days"
