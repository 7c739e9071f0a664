"""Compares calendars with what `holidays` knows now, and proposes the differences."""

import datetime as dt
from typing import NamedTuple

from dateutil.relativedelta import relativedelta
from django.utils import timezone

from sla import CalendarError
from sla.calendars import public_holidays
from sla.places import PlaceHolidays
from sla.values import WEEKDAYS
from workorders.dates import day_text
from workorders.models import CalendarProposal, DayState, ProposedDay, ServiceTerritory
from workorders.services.calendars.proposals import (
    PLAIN,
    CalendarChange,
    current_states,
    holidays_opened,
    propose,
)
from workorders.states import DayKind

YEARS_AHEAD = 4  # whole years to cover after the current one, if `holidays` knows them
WARNING = relativedelta(months=18)  # the admin warns about less coverage than this


class Refreshed(NamedTuple):
    """A territory with its new proposal, if any, or the problem as a sentence."""

    territory: ServiceTerritory
    proposal: CalendarProposal | None = None
    problem: str = ""


def refresh_all(year: int) -> list[Refreshed]:
    """Refresh every territory; a place that `holidays` does not know does not stop the others."""
    return [refresh(territory, year=year) for territory in ServiceTerritory.objects.all()]


def refresh(territory: ServiceTerritory, *, year: int) -> Refreshed:
    """Compare a territory with `holidays`, up to YEARS_AHEAD after `year`, and propose differences.

    What an open proposal already holds and what staff have decided or rejected is not proposed
    again.
    """
    try:
        change = difference(territory, year=year)
    except CalendarError as error:
        return Refreshed(territory, problem=f"{territory}: {error}. Its calendar stays as it is.")
    open_proposal = territory.proposals.filter(verdict="", made_by=None).first()
    if open_proposal and _says(open_proposal) == change:
        return Refreshed(territory)
    if not change.days and not change.last:
        territory.proposals.filter(verdict="", made_by=None).delete()
        return Refreshed(territory)
    return Refreshed(territory, propose(territory, change, by=None))


def difference(territory: ServiceTerritory, *, year: int) -> CalendarChange:
    """The change that would make the calendar agree with `holidays`.

    Raises CalendarError for a place that it does not know.
    """
    last = max(territory.last, dt.date(year + YEARS_AHEAD, 12, 31))
    if territory.proposals.filter(verdict="rejected", made_by=None, last=last).exists():
        last = territory.last  # staff have rejected a longer coverage this year
    years = range(territory.first.year, last.year + 1)
    place = public_holidays(territory.country, territory.subdivision, years)
    decided = set(territory.days.filter(until=None, by_staff=True).values_list("day", flat=True))
    rejected = _rejected(territory)
    current, wanted = current_states(territory), _holidays(place, territory.weekend)
    opened = holidays_opened(territory)
    days = {}
    for day in sorted(current.keys() | wanted.keys()):
        state = wanted.get(day, PLAIN)
        is_weekday = day.weekday() not in territory.weekend
        if day > territory.last and state.holiday in opened and is_weekday:
            state = DayState(DayKind.WORKED, state.name)
        outside = not territory.first <= day <= last
        is_settled = day in decided or (day <= territory.last and (day, state) in rejected)
        if not outside and not is_settled and state != current.get(day, PLAIN):
            days[day] = state
    return CalendarChange(days, last=last if last > territory.last else None)


def coverage_warning(territory: ServiceTerritory) -> str:
    """A sentence if the calendar ends in less than 18 months, else empty."""
    today = timezone.now().date()
    if territory.last >= today + WARNING:
        return ""
    return (
        f"The calendar of {territory} ends on {day_text(territory.last)}."
        " Approve the proposal that extends it."
    )


def states_of(place: PlaceHolidays) -> dict[dt.date, DayState]:
    closed = {day: DayState(DayKind.CLOSED, name) for day, name in place.closed.items()}
    return closed | {day: DayState(DayKind.WORKED, name) for day, name in place.worked.items()}


def _holidays(place: PlaceHolidays, weekend: list[int]) -> dict[dt.date, DayState]:
    """The place's holidays, without its own weekend's days where staff chose another weekend."""
    states = states_of(place)
    if sorted(place.weekend) == sorted(weekend):
        return states
    return {
        day: state
        for day, state in states.items()
        if state.kind == DayKind.CLOSED and state.name not in WEEKDAYS
    }


def _rejected(territory: ServiceTerritory) -> set[tuple[dt.date, DayState]]:
    """The days that staff did not accept, as they were proposed."""
    lines = ProposedDay.objects.filter(
        proposal__territory=territory, proposal__made_by=None, taken=False
    )
    return {(line.day, line.state) for line in lines}


def _says(proposal: CalendarProposal) -> CalendarChange:
    return CalendarChange(
        {line.day: line.state for line in proposal.days.all()}, proposal.weekend, proposal.last
    )
