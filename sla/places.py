"""Reads and checks what `holidays` knows of a place.

Loaded by `public_holidays` alone, which keeps start-up fast.
"""

from __future__ import annotations

from datetime import date

from sla.values import HOLIDAYS_SET_BY_PARTS, WEEKDAYS, CalendarError, Value, each_day, require_int

TYPE_CHECKING = False  # as typing.TYPE_CHECKING, which is too slow to import
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from typing import Any


class PlaceHolidays(Value):
    """The public holidays of a place; each field is an argument of BusinessCalendar."""

    __slots__ = ("closed", "first", "last", "weekend", "worked")

    closed: dict[date, str]
    worked: dict[date, str]
    weekend: frozenset[int]
    first: date
    last: date

    def __init__(
        self,
        closed: dict[date, str],
        worked: dict[date, str],
        weekend: frozenset[int],
        first: date,
        last: date,
    ) -> None:
        self._fill(closed=closed, worked=worked, weekend=weekend, first=first, last=last)


def read_place(place: Any, first_year: int, last_year: int) -> PlaceHolidays:
    """Sort the library's days: those that are closed, and weekend days that are worked.

    `place` is what `country_holidays` returns. The weekend is the one in force at the end of the
    years.
    """
    days = list(each_day(date(first_year, 1, 1), date(last_year, 12, 31)))
    weekend = frozenset(day.weekday() for day in days[-7:] if place.is_weekend(day))
    closed, worked = {}, {}
    for day in days:
        holiday, weekday = place.get(day), WEEKDAYS[day.weekday()]
        if place.is_working_day(day):
            if day.weekday() in weekend:
                worked[day] = f"Working {weekday}"
        elif holiday or day.weekday() not in weekend:
            closed[day] = holiday or weekday
    return PlaceHolidays(closed, worked, weekend, days[0], days[-1])


def check_subdivision(country: str, subdivision: str | None, known: Collection[str]) -> None:
    """Raise CalendarError unless the country has this subdivision, or needs none and got none."""
    if not subdivision:
        if country in HOLIDAYS_SET_BY_PARTS:
            raise CalendarError(
                f"{country} needs a subdivision: its parts set holidays of their own"
            )
    elif subdivision not in known:
        raise CalendarError(f"unknown subdivision {subdivision!r} of {country}")


def check_years(country: str, years: Iterable[int], start: int, end: int) -> tuple[int, int]:
    """The first and last of the years, checked to have no gap and to be within start and end.

    Raises CalendarError when there are none, when one is missing in between or when they go beyond
    start or end; TypeError for a year that is not an int.
    """
    wanted = list(years)
    for year in wanted:
        require_int(year, "a year")
    if not wanted:
        raise CalendarError(f"no years were given for {country}")
    first, last = min(wanted), max(wanted)
    if first < start or last > end:
        raise CalendarError(
            f"{country} has holidays from {start} to {end} only, not from {first} to {last}"
        )
    if missing := set(range(first, last + 1)).difference(wanted):
        raise CalendarError(f"the years from {first} to {last} have a gap: {min(missing)}")
    return first, last
