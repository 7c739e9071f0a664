"""The scorecard's chart: one bar a month, readable without color, and a title that says what it
shows.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from workorders.scorecard.totals import Score

ROOM = 100.0  # of the longest bar, in percent
SPARSE = 8  # up to so many months, bars are thicker


class Segment(NamedTuple):
    """A part of a bar: what it means, where it begins, and how long it is, in percent."""

    name: str
    x: float
    width: float

    @property
    def is_hatched(self) -> bool:
        return self.name == "excused"


class ChartBar(NamedTuple):
    label: str
    segments: list[Segment]  # none where there are too few work orders for a share
    share: str  # empty where there is none
    words: str


class BarChart(NamedTuple):
    title: str
    bars: list[ChartBar]

    @property
    def is_sparse(self) -> bool:
        return len(self.bars) <= SPARSE


def bar_chart_of(months: Sequence[Score]) -> BarChart:
    longest = max((month.counted for month in months), default=0)
    return BarChart(chart_title(months), [_bar(month, longest) for month in months])


def _bar(month: Score, longest: int) -> ChartBar:
    label = f"{month.key:%b %Y}"
    if month.share is None:
        return ChartBar(label, [], "", f"{month.share_text} in time: too few for a share")
    words = f"{month.in_time} of {month.counted}"
    return ChartBar(label, list(_segments(month, longest)), month.share_text, words)


def _segments(month: Score, longest: int) -> Iterator[Segment]:
    x = 0.0
    counts = {"in-time": month.in_time, "excused": month.excused, "missed": month.unexcused}
    for name, count in counts.items():
        width = ROOM * count / longest
        if count:
            yield Segment(name, round(x, 2), round(width, 2))
        x += width


def chart_title(months: Sequence[Score]) -> str:
    """Say how the share moved where that is the same in all months or all but one.

    At least four months must have a share; otherwise, and where two are equal, it only names what
    the picture shows.
    """
    shares = [month.share for month in months if month.share is not None]
    if len(shares) < max(4, len(months)):
        return "On time by month"
    steps = list(zip(months[1:], pairwise(shares), strict=True))
    worse = [month.key for month, (before, share) in steps if share < before]
    better = [month.key for month, (before, share) in steps if share > before]
    if len(better) + len(worse) < len(steps):
        return "On time by month"
    for word, others in (("Better", worse), ("Worse", better)):
        if len(others) <= 1:
            return f"{word} every month" + "".join(f" but {each:%B %Y}" for each in others)
    return "On time by month"
