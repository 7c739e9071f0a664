"""Which days count: a BusinessCalendar answers from tables with one entry per day."""

from __future__ import annotations

from datetime import date

from sla.values import (
    WEEKDAYS,
    CalendarError,
    Value,
    each_day,
    require_count,
    require_date,
    require_int,
)

TYPE_CHECKING = False  # as typing.TYPE_CHECKING, which is too slow to import
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from typing import Any

    from sla.places import PlaceHolidays


class BusinessCalendar(Value):
    """The business days from `first` to `last`, both included.

    Immutable, and safe to share between threads.

    `closed` and `worked` map days to names, `weekend` holds weekdays (Monday 0 to Sunday 6). A
    worked day is a business day even when it is closed or a weekend day as well. Days outside
    `first` to `last` are left out.

    Raises CalendarError when no business day remains or `first` is after `last`, TypeError for a
    key that is not a date or a name that is not text, ValueError for a weekday outside 0 to 6.
    """

    __slots__ = ("_days", "_ranks", "_reasons", "first", "last")

    first: date
    last: date
    _reasons: dict[date, str | None]
    _days: tuple[date, ...]  # the business days, in order
    _ranks: dict[date, int]  # see _ranks()

    def __init__(
        self,
        *,
        closed: Mapping[date, str],
        worked: Mapping[date, str],
        weekend: Collection[int],
        first: date,
        last: date,
    ) -> None:
        _check_bounds(first, last)
        _check_names(closed, "a closed day")
        _check_names(worked, "a worked day")
        _check_weekend(weekend)
        reasons = _closed_reasons(closed, worked, weekend, first, last)
        days = tuple(day for day, reason in reasons.items() if reason is None)
        if not days:
            raise CalendarError(f"the calendar has no business day from {first} to {last}")
        self._fill(first=first, last=last, _reasons=reasons, _days=days, _ranks=_ranks(reasons))

    @classmethod
    def for_place(
        cls, country: str, subdivision: str | None = None, *, years: Iterable[int]
    ) -> BusinessCalendar:
        """The calendar of a country, or of a part of it, for whole years.

        Codes, years and errors are those of `public_holidays`. Loads `holidays`, which is too slow
        for a request.
        """
        place = public_holidays(country, subdivision, years)
        return cls(
            closed=place.closed,
            worked=place.worked,
            weekend=place.weekend,
            first=place.first,
            last=place.last,
        )

    def is_business_day(self, day: date) -> bool:
        """Whether work is done that day. Raises what `closed_reason` raises."""
        return self.closed_reason(day) is None

    def closed_reason(self, day: date) -> str | None:
        """The holiday's or weekday's name that closes the day; None for a business day.

        Raises CalendarError outside the calendar, TypeError for anything but a date.
        """
        try:
            return self._reasons[day]
        except KeyError:
            raise self._refusal(day) from None

    def add_business_days(self, start: date, count: int) -> date:
        """The count-th business day strictly after start (docs/rules.md, rule 1).

        A start that is closed is not rolled forward before counting: Saturday + 1 is Monday. Count
        0 is start itself, or the next business day when start is closed.

        Raises CalendarError when start or the answer is outside the calendar, TypeError for a
        start that is not a date or a count that is not an int, ValueError for a negative count.
        """
        if type(count) is not int or count < 1:
            count = self._unusual_count(start, count)
        try:
            return self._days[self._ranks[start] + count]
        except KeyError:
            raise self._refusal(start) from None
        except IndexError:
            raise CalendarError(
                f"{count} business days after {start} is past {self.last}, the calendar's last day"
            ) from None

    def business_days_between(self, start: date, end: date) -> int:
        """How many business days are in (start, end]; negative when end is before start.

        Raises CalendarError for a day outside the calendar, TypeError for anything but a date.
        """
        try:
            return self._ranks[end] - self._ranks[start]
        except KeyError:
            raise self._refusal(start if start not in self._ranks else end) from None

    def _unusual_count(self, start: date, count: int) -> int:
        """The count when it is not simply positive: 0 from a closed day is the same as 1."""
        require_count(count, "the count of business days")
        return count or int(not self.is_business_day(start))

    def __hash__(self) -> int:
        return hash((self.first, self._days))

    def __repr__(self) -> str:
        return f"<BusinessCalendar {self.first} to {self.last}, {len(self._days)} business days>"

    def _refusal(self, day: date) -> CalendarError:
        require_date(day, "a day")
        return CalendarError(
            f"{day} is outside the calendar, which runs from {self.first} to {self.last}"
        )


def _check_bounds(first: date, last: date) -> None:
    require_date(first, "the first day")
    require_date(last, "the last day")
    if first > last:
        raise CalendarError(f"the calendar would end on {last}, before its first day {first}")


def _check_names(names: Mapping[date, str], what: str) -> None:
    for day, name in names.items():
        require_date(day, what)
        if not isinstance(name, str):
            raise TypeError(f"{what} needs a name: {day} has {name!r}")


def _check_weekend(weekend: Collection[int]) -> None:
    for weekday in weekend:
        require_int(weekday, "a weekend day")
        if not 0 <= weekday <= 6:
            raise ValueError(f"a weekend day must be from 0 (Monday) to 6 (Sunday): {weekday}")


def _closed_reasons(
    closed: Mapping[date, str],
    worked: Mapping[date, str],
    weekend: Collection[int],
    first: date,
    last: date,
) -> dict[date, str | None]:
    """Why each day from first to last is closed, in order; None for a business day."""
    by_weekday = [name if weekday in weekend else None for weekday, name in enumerate(WEEKDAYS)]
    reasons = {day: by_weekday[day.weekday()] for day in each_day(first, last)}
    for day in reasons.keys() & closed.keys():
        reasons[day] = closed[day]
    for day in reasons.keys() & worked.keys():
        reasons[day] = None
    return reasons


def _ranks(reasons: Mapping[date, str | None]) -> dict[date, int]:
    """The index of the last business day up to each day; -1 before the first business day."""
    ranks = {}
    rank = -1
    for day, reason in reasons.items():
        rank += reason is None
        ranks[day] = rank
    return ranks


def public_holidays(
    country: str, subdivision: str | None, years: Iterable[int], *, with_optional: bool = False
) -> PlaceHolidays:
    """The public holidays, weekend and substituted working days that `holidays` has for a place.

    `country` is an ISO 3166-1 code or another code that the library accepts for it (UK, GBR);
    `subdivision` is an ISO 3166-2 code without the country's prefix, or the library's alias (CA,
    California), and None or "" for the whole country. Names are in English with the local name
    where it differs, "Good Friday (Karfreitag)", whatever the machine's language. The weekend is
    the one in force at the end of the years; a day on which another one was in force is listed as
    closed or worked. `with_optional` adds the days that the library lists in other categories than
    public, such as optional or catholic.

    Raises CalendarError for an unknown country or subdivision, for a missing subdivision where
    holidays are set by a country's parts, and for years that are missing, have gaps or lack data;
    TypeError for a year that is not an int.
    """
    # Slow to load and needed nowhere else.
    from holidays import country_holidays
    from holidays.registry import COUNTRIES

    from sla.places import check_subdivision, check_years, read_place

    if not any(country in names for names in COUNTRIES.values()):
        raise CalendarError(f"unknown country {country!r}")
    place = country_holidays(country)
    check_subdivision(
        place.country, subdivision, {*place.subdivisions, *place.subdivisions_aliases}
    )
    first_year, last_year = check_years(place.country, years, place.start_year, place.end_year)
    # The neighboring years too: an observed New Year's Day can be in the year before. All at once,
    # never lazily: the library's lazy expansion is not thread-safe.
    earliest = max(first_year - 1, place.start_year)
    latest = min(last_year + 1, place.end_year)

    def load(category: str, language: str | None) -> Any:
        return country_holidays(
            country,
            subdivision,
            years=range(earliest, latest + 1),
            expand=False,
            language=language,
            categories=(category,),
        )

    years = first_year, last_year
    return read_place(load, place.default_language, years, with_optional=with_optional)
