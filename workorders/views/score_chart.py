"""The scorecard's chart: one bar a month, drawn on the server, readable without color."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from workorders.scorecard.totals import Score

LEFT, WIDTH, STEP, TOP, BAR = 80, 206, 26, 8, 16  # of the bars, in units of the chart
WHOLE = 412  # its width


class Segment(NamedTuple):
    """A part of a bar: what it means, where it begins, and how long it is."""

    name: str
    x: float
    width: float

    @property
    def is_hatched(self) -> bool:
        return self.name == "excused"


class ChartBar(NamedTuple):
    label: str
    y: int
    segments: list[Segment]  # none where there are too few work orders for a share
    words: str

    @property
    def baseline(self) -> int:
        return self.y + 12


class BarChart(NamedTuple):
    width: int
    height: int
    bars: list[ChartBar]
    left: int = LEFT
    right: int = LEFT + WIDTH + 8
    bar: int = BAR


def bar_chart_of(months: Sequence[Score]) -> BarChart:
    bars = [
        ChartBar(
            f"{month.key:%b %Y}",
            TOP + STEP * n,
            list(_segments(month)) if month.share is not None else [],
            _words(month),
        )
        for n, month in enumerate(months)
    ]
    return BarChart(WHOLE, TOP + STEP * len(bars), bars)


def _segments(month: Score) -> Iterator[Segment]:
    x = float(LEFT)
    counts = {"in-time": month.in_time, "excused": month.excused, "missed": month.unexcused}
    for name, count in counts.items():
        width = WIDTH * count / month.counted
        if count:
            yield Segment(name, round(x, 2), round(width, 2))
        x += width


def _words(month: Score) -> str:
    if month.share is None:
        return f"{month.share_text} in time: too few for a share"
    if month.share_without_excused is None:
        return month.share_text
    return f"{month.share_text} · {month.share_without_excused_text}"
