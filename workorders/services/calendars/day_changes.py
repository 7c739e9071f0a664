"""Changes to a calendar that staff ask for in days; each returns a change to propose.

They raise DomainError for days that cannot change like this.
"""

import datetime as dt

from django.utils import timezone

from sla import BusinessCalendar
from sla.values import WEEKDAYS
from workorders.dates import day_text
from workorders.models import DayState, HolidayChoices, ServiceTerritory
from workorders.services.calendars.proposals import NEAR, PLAIN, CalendarChange, current_states
from workorders.services.errors import DomainError
from workorders.states import DayKind
from workorders.targets.terms import business_calendar

LONGEST = 60  # days between the first and the last of a closure, both counted
YEARS_AHEAD_AT_MOST = 20  # a calendar of thousands of years would not fit into memory

Days = dict[dt.date, DayState]


def closing(
    territory: ServiceTerritory, *, first: dt.date, last: dt.date | None, name: str
) -> CalendarChange:
    """Close every business day from first to last, both included, such as over New Year."""
    last = last or first
    if last < first:
        raise DomainError("The last day is before the first.", "last")
    if (last - first).days >= LONGEST:
        raise DomainError(f"Close at most {LONGEST} days at once.", "last")
    calendar = business_calendar(territory)
    _check_covered(calendar, first, "first")
    _check_covered(calendar, last, "last")
    span = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    days = {day: DayState(DayKind.CLOSED, name) for day in span if calendar.is_business_day(day)}
    if not days and first == last:
        raise DomainError(_closed_already(calendar, first), "first")
    if not days:
        raise DomainError("None of these is a business day.", "first")
    return CalendarChange(days)


def opening(
    territory: ServiceTerritory,
    *,
    day: dt.date,
    name: str = "",
    twin: bool = True,
    every_year: bool = False,
) -> CalendarChange:
    """Work on a closed day. A holiday keeps its name; a day of the weekend gets `name`.

    `twin` also opens the holiday's other date within a few days, named with or without
    "(observed)"; `every_year` means that the calendar never closes for this holiday. Neither opens
    dates on the weekend, only `day` may be one. A weekday that staff have closed is a plain weekday
    again.
    """
    calendar = business_calendar(territory)
    _check_covered(calendar, day, "day")
    if calendar.is_business_day(day):
        raise DomainError(f"{day_text(day)} is already a business day.", "day")
    states = current_states(territory)
    state = states.get(day, PLAIN)
    if _is_staffs_own(territory, day):
        return CalendarChange({day: PLAIN})
    if not state.name:
        name = name or f"Working {WEEKDAYS[day.weekday()]}"
        return CalendarChange({day: DayState(DayKind.WORKED, name)})
    if every_year:
        return _never_closing(territory, day, state, states)
    found = {day: state}
    for other, its in states.items():
        if its.kind != DayKind.CLOSED or its.holidays != state.holidays:
            continue
        is_weekday = other.weekday() not in territory.weekend
        if twin and is_weekday and _are_twins(day, state, other, its):
            found[other] = its
    return CalendarChange({each: DayState(DayKind.WORKED, its.name) for each, its in found.items()})


def _never_closing(
    territory: ServiceTerritory, day: dt.date, state: DayState, states: Days
) -> CalendarChange:
    never, always = territory.choices
    names = frozenset(state.holidays)
    days = {other: its.without(names) for other, its in states.items()}
    if day.weekday() in territory.weekend:
        days[day] = DayState(DayKind.WORKED, state.name)
    changed = {other: its for other, its in days.items() if its != states[other]}
    return CalendarChange(changed, choices=HolidayChoices(never | names, always - names))


def moving(territory: ServiceTerritory, *, day: dt.date, to: dt.date) -> CalendarChange:
    """Move a closed day to another one, with its name; a day of the weekend stays closed too."""
    calendar, state = business_calendar(territory), current_states(territory).get(day, PLAIN)
    _check_covered(calendar, day, "day")
    _check_covered(calendar, to, "to")
    if state.kind != DayKind.CLOSED:
        raise DomainError(f"{day_text(day)} is neither a holiday nor a closure.", "day")
    if not calendar.is_business_day(to):
        raise DomainError(_closed_already(calendar, to), "to")
    days = {to: state}
    if day.weekday() not in territory.weekend:
        worked = DayState(DayKind.WORKED, state.name)
        days[day] = PLAIN if _is_staffs_own(territory, day) else worked
    return CalendarChange(days)


def another_week(
    territory: ServiceTerritory, *, weekend: list[int], last: dt.date
) -> CalendarChange:
    latest = latest_last_day()
    if last > max(latest, territory.last):
        raise DomainError(f"A calendar cannot run beyond {day_text(latest)}.", "last")
    return CalendarChange(
        weekend=None if sorted(weekend) == sorted(territory.weekend) else sorted(weekend),
        last=None if last == territory.last else last,
    )


def latest_last_day() -> dt.date:
    return dt.date(timezone.now().year + YEARS_AHEAD_AT_MOST, 12, 31)


def _check_covered(calendar: BusinessCalendar, day: dt.date, field: str) -> None:
    if not calendar.first <= day <= calendar.last:
        span = f"from {day_text(calendar.first)} to {day_text(calendar.last)}"
        raise DomainError(f"The calendar does not cover this day. It runs {span}.", field)


def _closed_already(calendar: BusinessCalendar, day: dt.date) -> str:
    return f"{day_text(day)} is already closed: {calendar.closed_reason(day)}."


def _is_staffs_own(territory: ServiceTerritory, day: dt.date) -> bool:
    """Whether it is a weekday that staff have closed and that was never a public holiday."""
    rows = list(territory.days.filter(day=day))
    is_closed = any(row.until is None and not row.worked for row in rows)
    is_weekday = day.weekday() not in territory.weekend
    return is_closed and is_weekday and all(row.by_staff for row in rows)


def _are_twins(day: dt.date, state: DayState, other: dt.date, its: DayState) -> bool:
    return abs(other - day) <= NEAR and its.name != state.name
