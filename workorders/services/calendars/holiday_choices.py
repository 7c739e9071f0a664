"""Which holidays a territory closes for: what `holidays` calls public, and what people decide."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from itertools import groupby
from typing import NamedTuple

from sla.places import PUBLIC, PlaceHolidays
from sla.values import NAMES_JOINED, WEEKDAYS
from workorders.models import (
    DayState,
    HolidayChoices,
    ListedHoliday,
    ListedRegion,
    ServiceTerritory,
)
from workorders.models.calendars import NAME_LENGTH, holiday_of, is_among
from workorders.services.calendars.proposals import CalendarChange
from workorders.states import DayKind

States = Mapping[dt.date, DayState]

# what both sides are used to, where it differs from the public holidays of `holidays`
SUGGESTED = {
    ("US", "CA"): HolidayChoices(
        never=frozenset({"Susan B. Anthony Day", "Cesar Chavez Day", "Diwali"})
    ),
    ("CA", "ON"): HolidayChoices(always=frozenset({"Civic Holiday"})),
    ("DE", "BY"): HolidayChoices(always=frozenset({"Assumption Day"})),
}


class Listed(NamedTuple):
    """A holiday on one of its days, with the category in which `holidays` lists it."""

    day: dt.date
    name: str
    category: str


class HolidayRow(NamedTuple):
    """A holiday with all its days, and whether the calendar closes for it."""

    name: str
    category: str
    days: list[dt.date]
    closes: bool

    @property
    def is_public(self) -> bool:
        return self.category == PUBLIC

    @property
    def source(self) -> str:
        return self.category.replace("_", " ")


def listed_in(place: PlaceHolidays) -> list[Listed]:
    """The holidays of a place, each of a day's on its own; no other category on a public one."""
    public = [
        Listed(day, name[:NAME_LENGTH], PUBLIC)
        for day, names in place.closed.items()
        for name in names.split(NAMES_JOINED)
        if name not in WEEKDAYS
    ]
    closed = {each.day for each in public}
    others = [
        Listed(day, name[:NAME_LENGTH], category)
        for category, names_by_day in place.optional.items()
        for day, names in names_by_day.items()
        if day not in closed
        for name in sorted(set(names.split(NAMES_JOINED)))
    ]
    return public + others


def keep_listed(territory: ServiceTerritory, place: PlaceHolidays) -> None:
    """Replace what was listed for the territory, and the regions of its country."""
    territory.listed.all().delete()
    ListedHoliday.objects.bulk_create(
        ListedHoliday(territory=territory, **each._asdict()) for each in listed_in(place)
    )
    country, names = (
        territory.country,
        {name.casefold(): code for name, code in place.parts.items()},
    )
    ListedRegion.objects.bulk_create(
        [ListedRegion(country=country, name=n, subdivision=code) for n, code in names.items()],
        ignore_conflicts=True,
    )


def listed_for(territory: ServiceTerritory) -> list[Listed]:
    return [Listed(row.day, row.name, row.category) for row in territory.listed.all()]


def suggested_for(country: str, subdivision: str, listed: Iterable[Listed]) -> HolidayChoices:
    """What is usual there, by the names in the list."""
    usual = SUGGESTED.get((country, subdivision), HolidayChoices())
    names = {holiday_of(each.name) for each in listed}
    return HolidayChoices(
        frozenset(name for name in names if is_among(name, usual.never)),
        frozenset(name for name in names if is_among(name, usual.always)),
    )


def chosen_states(states: States, listed: Iterable[Listed], choices: HolidayChoices) -> States:
    """The states of public holidays, changed by what people have decided."""
    chosen = {day: state.without(choices.never) for day, state in states.items()}
    for day, name, category in listed:
        if category != PUBLIC and is_among(holiday_of(name), choices.always):
            chosen.setdefault(day, DayState(DayKind.CLOSED, name))
    return {day: state for day, state in chosen.items() if state.kind}


def holiday_rows(listed: Iterable[Listed], choices: HolidayChoices) -> list[HolidayRow]:
    """Each holiday once: the public ones, then the others, in the order of the year."""
    by_name = sorted(listed, key=_name)
    rows = [_row(name, list(same), choices) for name, same in groupby(by_name, key=_name)]
    return sorted(rows, key=lambda row: (not row.is_public, row.days[0].month, row.days[0].day))


def choices_of(
    rows: Iterable[HolidayRow],
    ticked: Collection[str],
    *,
    suggested: HolidayChoices,
    before: HolidayChoices | None = None,
) -> HolidayChoices:
    """What is decided by the rows that are ticked, and what was decided of holidays not listed.

    A public holiday that stays closed is no decision, unless it is suggested not to.
    """
    rows = list(rows)
    before = before or HolidayChoices()
    names = {row.name for row in rows}
    never = {name for name in before.never if not any(is_among(row, {name}) for row in names)}
    always = {name for name in before.always if not any(is_among(row, {name}) for row in names)}
    for row in rows:
        is_usual = not suggested.decides(row.name)
        if row.name in ticked and not (row.is_public and is_usual):
            always.add(row.name)
        if row.name not in ticked and (row.is_public or not is_usual):
            never.add(row.name)
    return HolidayChoices(frozenset(never), frozenset(always))


def choosing(territory: ServiceTerritory, ticked: Collection[str]) -> CalendarChange:
    """The change to a calendar that closes for the ticked holidays of its list and no others."""
    listed = listed_for(territory)
    old, suggested = territory.choices, suggested_for(*_place(territory), listed)
    new = choices_of(holiday_rows(listed, old), ticked, suggested=suggested, before=old)
    public = public_states(listed)
    was, becomes = chosen_states(public, listed, old), chosen_states(public, listed, new)
    decided = set(territory.days.filter(until=None, by_staff=True).values_list("day", flat=True))
    days = {
        day: becomes.get(day, DayState())
        for day in sorted(was.keys() | becomes.keys())
        if territory.first <= day <= territory.last
        and day not in decided
        and was.get(day) != becomes.get(day)
    }
    return CalendarChange(days, choices=None if new == old else new)


def public_states(listed: Iterable[Listed]) -> States:
    public = sorted((each for each in listed if each.category == PUBLIC), key=_day)
    return {
        day: DayState(DayKind.CLOSED, NAMES_JOINED.join(each.name for each in same))
        for day, same in groupby(public, key=_day)
    }


def _row(name: str, listed: list[Listed], choices: HolidayChoices) -> HolidayRow:
    categories = {each.category for each in listed}
    category = PUBLIC if PUBLIC in categories else min(categories)
    closes = category == PUBLIC
    if choices.decides(name):
        closes = is_among(name, choices.always)
    return HolidayRow(name, category, sorted({each.day for each in listed}), closes)


def _place(territory: ServiceTerritory) -> tuple[str, str]:
    return territory.country, territory.subdivision


def _name(listed: Listed) -> str:
    return holiday_of(listed.name)


def _day(listed: Listed) -> dt.date:
    return listed.day
