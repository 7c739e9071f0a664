"""What staff want of a calendar, said in days: each answers with the change to propose, or raises
DomainError.
"""

import datetime as dt

from django.utils import timezone

from sla import BusinessCalendar
from sla.values import WEEKDAYS
from workorders.dates import day_text
from workorders.models import DayState, ServiceTerritory
from workorders.services.calendars.proposals import NEAR, PLAIN, CalendarChange, current_states
from workorders.services.errors import DomainError
from workorders.states import DayKind
from workorders.targets.terms import business_calendar

LONGEST = 60  # days between the first and the last of a closure, both counted
YEARS_AHEAD_AT_MOST = 20  # a calendar of thousands of years would fill the memory

Days = dict[dt.date, DayState]


def closing(
    territory: ServiceTerritory, *, first: dt.date, last: dt.date | None, name: str
) -> CalendarChange:
    """Close every business day from the first to the last, both included: a closure, or a shutdown
    over New Year.
    """
    last = last or first
    if last < first:
        raise DomainError("The last day is before the first.", "last")
    if (last - first).days >= LONGEST:
        raise DomainError(f"At most {LONGEST} days at once.", "last")
    calendar = business_calendar(territory)
    _check_covered(calendar, first, "first")
    _check_covered(calendar, last, "last")
    span = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    days = {day: DayState(DayKind.CLOSED, name) for day in span if calendar.is_business_day(day)}
    if not days:
        raise DomainError(
            _closed_already(calendar, first) if first == last else "No business day lies in these.",
            "first",
        )
    return CalendarChange(days)


def opening(
    territory: ServiceTerritory,
    *,
    day: dt.date,
    name: str = "",
    twin: bool = True,
    every_year: bool = False,
) -> CalendarChange:
    """Work on a closed day.

    A holiday keeps its name; a mere weekend day gets the one given.

    With `twin` its other date too: the same holiday within a few days, named with or without
    "(observed)"; with `every_year` all its dates in the years after. Dates on the weekend stay as
    they are: nothing opens them but naming one as the day. A weekday that staff have closed
    themselves is simply a weekday again.
    """
    calendar = business_calendar(territory)
    _check_covered(calendar, day, "day")
    if calendar.is_business_day(day):
        raise DomainError(f"{day_text(day)} is a business day already.", "day")
    states = current_states(territory)
    state = states.get(day, PLAIN)
    if _is_staffs_own(territory, day):
        return CalendarChange({day: PLAIN})
    if not state.name:
        return CalendarChange(
            {day: DayState(DayKind.WORKED, name or f"Working {WEEKDAYS[day.weekday()]}")}
        )
    found = {day: state}
    for other, its in states.items():
        same = (
            its.kind == DayKind.CLOSED
            and its.holiday == state.holiday
            and other.weekday() not in territory.weekend
        )
        if same and ((twin and _are_twins(day, state, other, its)) or (every_year and other > day)):
            found[other] = its
    return CalendarChange({each: DayState(DayKind.WORKED, its.name) for each, its in found.items()})


def moving(territory: ServiceTerritory, *, day: dt.date, to: dt.date) -> CalendarChange:
    """Keep a closed day on another one, with its name.

    A date on the weekend stays closed as well.
    """
    calendar, state = business_calendar(territory), current_states(territory).get(day, PLAIN)
    _check_covered(calendar, day, "day")
    _check_covered(calendar, to, "to")
    if state.kind != DayKind.CLOSED:
        raise DomainError(f"{day_text(day)} is no holiday and no closure.", "day")
    if not calendar.is_business_day(to):
        raise DomainError(_closed_already(calendar, to), "to")
    days = {to: state}
    if day.weekday() not in territory.weekend:
        days[day] = (
            PLAIN if _is_staffs_own(territory, day) else DayState(DayKind.WORKED, state.name)
        )
    return CalendarChange(days)


def another_week(
    territory: ServiceTerritory, *, weekend: list[int], last: dt.date
) -> CalendarChange:
    latest = latest_last_day()
    if last > max(latest, territory.last):
        raise DomainError(f"A calendar reaches to {day_text(latest)} at most.", "last")
    return CalendarChange(
        weekend=None if sorted(weekend) == sorted(territory.weekend) else sorted(weekend),
        last=None if last == territory.last else last,
    )


def latest_last_day() -> dt.date:
    return dt.date(timezone.now().year + YEARS_AHEAD_AT_MOST, 12, 31)


def _check_covered(calendar: BusinessCalendar, day: dt.date, field: str) -> None:
    if not calendar.first <= day <= calendar.last:
        span = f"from {day_text(calendar.first)} to {day_text(calendar.last)}"
        raise DomainError(f"The calendar does not cover this day: it runs {span}.", field)


def _closed_already(calendar: BusinessCalendar, day: dt.date) -> str:
    return f"{day_text(day)} is closed already: {calendar.closed_reason(day)}."


def _is_staffs_own(territory: ServiceTerritory, day: dt.date) -> bool:
    """A weekday that staff have closed, and that was never a public holiday."""
    rows = list(territory.days.filter(day=day))
    observed = [row for row in rows if row.until is None and not row.worked]
    return (
        bool(observed)
        and day.weekday() not in territory.weekend
        and all(row.by_staff for row in rows)
    )


def _are_twins(day: dt.date, state: DayState, other: dt.date, its: DayState) -> bool:
    return abs(other - day) <= NEAR and its.name != state.name
