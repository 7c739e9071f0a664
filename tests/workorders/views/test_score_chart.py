"""The scorecard's chart: bars as long as what they count, and a title that the numbers allow."""

import datetime as dt
from collections import Counter

import pytest

from workorders.scorecard.totals import Score
from workorders.views.score_chart import Segment, bar_chart_of, chart_title


def months(*in_time: int, counted: int = 40) -> list[Score]:
    return [
        Score(dt.date(2026, n, 1), count, 0, counted - count, 0, Counter())
        for n, count in enumerate(in_time, start=1)
    ]


def test_bars_are_as_long_as_what_they_count():
    few, half, whole = months(5, counted=10)[0], months(5, counted=20)[0], months(40)[0]
    chart = bar_chart_of([few, half, whole])
    assert [bar.segments for bar in chart.bars] == [
        [],
        [Segment("in-time", 0, 12.5), Segment("missed", 12.5, 37.5)],
        [Segment("in-time", 0, 100)],
    ]
    assert [(bar.share, bar.words) for bar in chart.bars[:2]] == [
        ("", "5 of 10 in time: too few for a share"),
        ("25.0\N{NO-BREAK SPACE}%", "5 of 20"),
    ]


@pytest.mark.parametrize(
    ("in_time", "title"),
    [
        ((10, 11, 12, 13), "Better every month"),
        ((10, 11, 9, 13), "Better every month but March 2026"),
        ((13, 12, 11, 10), "Worse every month"),
        ((13, 12, 14, 10), "Worse every month but March 2026"),
        ((13, 12, 14, 10, 11), "On time by month"),
        ((10, 11, 11, 12), "On time by month"),
        ((10, 11, 12), "On time by month"),
    ],
)
def test_the_title_says_what_is_so_in_every_month_but_one(in_time, title):
    assert chart_title(months(*in_time)) == title


def test_a_month_without_a_share_leaves_the_title_plain():
    assert chart_title([*months(10, 11, 12, 13), *months(1, counted=2)]) == "On time by month"
