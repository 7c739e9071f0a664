"""The lines of the scorecard's tables: what stands in each, and the list that it opens."""

from typing import NamedTuple

from django.template.defaultfilters import floatformat

from workorders.scorecard.totals import Score

NO_DAYS = "0.0"
IN_TABLES = ("share", "fair", "counted", "in_time", "missed", "excused", "nobody", "median")


class Cell(NamedTuple):
    """A figure in a table; without a text there is nothing to open."""

    text: str
    url: str


class Line(NamedTuple):
    """A score with its label. `urls` leads from each figure to the work orders behind it."""

    label: str
    score: Score
    urls: dict[str, str]

    @property
    def cells(self) -> list[Cell]:
        """The figures in the order of `IN_TABLES`."""
        score = self.score
        texts = {
            "share": score.share_text,
            "fair": score.share_without_excused_text if score.counted_without_excused else "",
            "counted": str(score.counted or ""),
            "in_time": str(score.in_time or ""),
            "missed": str(score.missed or ""),
            "excused": str(score.excused or ""),
            "nobody": str(score.nobody or ""),
            "median": "" if score.median is None else score.median_text,
        }
        return [Cell(texts[name], self.urls[name]) for name in IN_TABLES]


class ReasonLine(NamedTuple):
    name: str
    description: str
    missed: int
    excused: int
    url: str
    excused_url: str


class Days(NamedTuple):
    label: str
    total: float
    each: float  # of all that count
    url: str

    @property
    def cells(self) -> list[Cell]:
        texts = [floatformat(days, "1g") for days in (self.total, self.each)]
        return [Cell(text if text != NO_DAYS else "", self.url) for text in texts]
