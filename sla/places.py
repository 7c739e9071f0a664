"""Reads and checks what `holidays` knows of a place.

Loaded by `public_holidays` alone, which keeps start-up fast.
"""

from __future__ import annotations

from datetime import date

from sla.values import (
    HOLIDAYS_SET_BY_PARTS,
    NAMES_JOINED,
    WEEKDAYS,
    CalendarError,
    Value,
    each_day,
    require_int,
)

TYPE_CHECKING = False  # as typing.TYPE_CHECKING, which is too slow to import
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from typing import Any

PUBLIC = "public"
NOT_OFFERED = frozenset({PUBLIC, "school", "workday"})
"""Categories that are no holidays, or public ones."""
LABELS = ("observed", "estimated", "substitute")
"""What the library says in parentheses behind the English name of a holiday."""


class PlaceHolidays(Value):
    """The public holidays of a place; each field but the last two is an argument of
    BusinessCalendar.

    `optional` are the days that the library lists but does not call public, by its category;
    `parts` the codes of the country's subdivisions, by each name that the library knows them by.
    """

    __slots__ = ("closed", "first", "last", "optional", "parts", "weekend", "worked")

    closed: dict[date, str]
    worked: dict[date, str]
    weekend: frozenset[int]
    first: date
    last: date
    optional: dict[str, dict[date, str]]
    parts: dict[str, str]

    def __init__(
        self,
        *,
        closed: dict[date, str],
        worked: dict[date, str],
        weekend: frozenset[int],
        first: date,
        last: date,
        optional: dict[str, dict[date, str]],
        parts: dict[str, str],
    ) -> None:
        self._fill(
            closed=closed,
            worked=worked,
            weekend=weekend,
            first=first,
            last=last,
            optional=optional,
            parts=parts,
        )


def read_place(
    load: Callable[[str, str | None], Any],
    language: str | None,
    years: tuple[int, int],
    *,
    with_optional: bool,
) -> PlaceHolidays:
    """Sort the library's days: those that are closed, and weekend days that are worked.

    `load` is `country_holidays` of a place for a category and a language, `language` the place's
    own. The weekend is the one in force at the end of the years, the first and the last of which
    are given.
    """
    place = load(PUBLIC, language)
    days = list(each_day(date(years[0], 1, 1), date(years[1], 12, 31)))
    names = _names(load, place, PUBLIC)
    weekend = frozenset(day.weekday() for day in days[-7:] if place.is_weekend(day))
    closed, worked = {}, {}
    for day in days:
        holiday, weekday = names.get(day), WEEKDAYS[day.weekday()]
        if place.is_working_day(day):
            if day.weekday() in weekend:
                worked[day] = f"Working {weekday}"
        elif holiday or day.weekday() not in weekend:
            closed[day] = holiday or weekday
    others = sorted({*place.supported_categories} - NOT_OFFERED) if with_optional else []
    optional = {}
    for category in others:
        its = _names(load, load(category, language), category)
        optional[category] = {day: its[day] for day in days if day in its}
    parts = {code: code for code in place.subdivisions} | dict(place.subdivisions_aliases)
    return PlaceHolidays(
        closed=closed,
        worked=worked,
        weekend=weekend,
        first=days[0],
        last=days[-1],
        optional=optional,
        parts=parts,
    )


def _names(load: Callable[[str, str | None], Any], place: Any, category: str) -> dict[date, str]:
    """What the days of a category are called, English first."""
    if (place.default_language or "en").startswith("en"):
        return dict(place)
    return english_first(dict(place), dict(load(category, "en_US")))


def english_first(local: dict[date, str], english: dict[date, str]) -> dict[date, str]:
    """The names of days in English, each with the local one where it differs.

    "Good Friday (Karfreitag)"; what both end with in parentheses comes last: "Christmas Day
    (Navidad) (observed)". A day may have several names, which the library sorts in each language:
    the local ones are then found by the other days that have only one of them.
    """
    known = {
        name: local[day]
        for day, name in english.items()
        if _is_one(name) and _is_one(local.get(day, NAMES_JOINED))
    }
    return {
        day: NAMES_JOINED.join(
            _with_local(each, local[day] if _is_one(name) else known.get(each, each))
            for each in name.split(NAMES_JOINED)
        )
        for day, name in english.items()
        if day in local
    }


def _is_one(name: str) -> bool:
    return NAMES_JOINED not in name


def _with_local(name: str, local: str) -> str:
    if name == local:
        return name
    words, label = _without_label(name)
    local_words = local.rpartition(" (")[0] or local if label else local
    return f"{words} ({local_words}){label}" if local_words != words else name


def _without_label(name: str) -> tuple[str, str]:
    """ "Christmas Day" and " (observed)"; the second is empty for a holiday's own date."""
    words, bracket, label = name.rpartition(" (")
    return (words, bracket + label) if label.startswith(LABELS) else (name, "")


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
