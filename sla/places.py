"""What `holidays` knows of a place, checked and read; loaded by `public_holidays` alone, to keep
the start light.
"""

from __future__ import annotations

from datetime import date

from sla.values import HOLIDAYS_SET_BY_PARTS, WEEKDAYS, CalendarError, Value, each_day, require_int

TYPE_CHECKING = False  # as typing.TYPE_CHECKING, which is too dear to import
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from typing import Any


class PlaceHolidays(Value):
    """The public holidays of a place, ready for a BusinessCalendar: each field is an argument of
    it.
    """

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
    """The days that the library has for the years, told apart: closed, or worked although they are
    weekend days.

    `place` is what `country_holidays` returns. The weekend is the one at the end of the years.
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
    """Raise a CalendarError unless the country has the subdivision, or needs none and got none."""
    if not subdivision:
        if country in HOLIDAYS_SET_BY_PARTS:
            raise CalendarError(
                f"{country} needs a subdivision: its parts set holidays of their own"
            )
    elif subdivision not in known:
        raise CalendarError(f"unknown subdivision {subdivision!r} of {country}")


def check_years(country: str, years: Iterable[int], start: int, end: int) -> tuple[int, int]:
    """The first and the last of the years, once they are known to have no gap and to lie from start
    to end.

    Raises CalendarError when they are none, have a gap or go beyond, TypeError for a year that is
    no int.
    """
    wanted = list(years)
    for year in wanted:
        require_int(year, "a year")
    if not wanted:
        raise CalendarError(f"no years were asked for {country}")
    first, last = min(wanted), max(wanted)
    if first < start or last > end:
        raise CalendarError(
            f"{country} has holidays from {start} to {end} only, not from {first} to {last}"
        )
    if missing := set(range(first, last + 1)).difference(wanted):
        raise CalendarError(f"the years from {first} to {last} have a gap: {min(missing)}")
    return first, last
