"""Compares calendars with what `holidays` knows now, and proposes the differences."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Coalesce, ExtractYear
from django.utils import timezone

from sla import CalendarError
from sla.calendars import public_holidays
from sla.places import PlaceHolidays
from sla.values import WEEKDAYS
from workorders.dates import day_text
from workorders.models import (
    CalendarProposal,
    DayState,
    HolidayChoices,
    ProposedDay,
    ServiceTerritory,
)
from workorders.models.calendars import NAME_LENGTH, local_name
from workorders.services.calendars.holiday_choices import (
    Listed,
    chosen_states,
    keep_listed,
    listed_in,
    suggested_for,
)
from workorders.services.calendars.proposals import (
    PLAIN,
    CalendarChange,
    change_of,
    current_states,
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
    last = _last_to_cover(territory, year)
    years = range(territory.first.year, last.year + 1)
    try:
        place = public_holidays(territory.country, territory.subdivision, years, with_optional=True)
    except CalendarError as error:
        return Refreshed(territory, problem=f"{territory}: {error}. Its calendar stays as it is.")
    with transaction.atomic():
        territory = ServiceTerritory.objects.select_for_update(no_key=True).get(pk=territory.pk)
        keep_listed(territory, place)
        return _propose_difference(territory, difference(territory, place, last))


def list_what_is_missing(year: int) -> list[Refreshed]:
    """Refresh the territories that are new, lie in another place than before, or have been extended
    by staff.
    """
    listed_to = Coalesce(Max(ExtractYear("listed__day")), 0)
    territories = ServiceTerritory.objects.annotate(listed_to=listed_to)
    missing = territories.filter(listed_to__lt=ExtractYear("last"))
    return [refresh(territory, year=year) for territory in missing]


def _propose_difference(territory: ServiceTerritory, change: CalendarChange) -> Refreshed:
    open_proposal = territory.proposals.filter(verdict="", made_by=None).first()
    if open_proposal and _says(open_proposal) == change:
        return Refreshed(territory)
    if not change.days and not change.last and change.choices is None:
        territory.proposals.filter(verdict="", made_by=None).delete()
        return Refreshed(territory)
    return Refreshed(territory, propose(territory, change, by=None))


def difference(territory: ServiceTerritory, place: PlaceHolidays, last: dt.date) -> CalendarChange:
    """The change that would make the calendar, up to `last`, agree with `holidays` and with what
    people have decided.
    """
    listed = listed_in(place)
    choices = with_suggestions(territory, listed)
    wanted = chosen_states(_holidays(place, territory.weekend), listed, choices)
    current = current_states(territory)
    decided = set(territory.days.filter(until=None, by_staff=True).values_list("day", flat=True))
    rejected = _rejected(territory)
    days = {}
    for day in sorted(current.keys() | wanted.keys()):
        state = wanted.get(day, PLAIN)
        outside = not territory.first <= day <= last
        is_settled = day in decided or (day <= territory.last and (day, _local(state)) in rejected)
        if not outside and not is_settled and state != current.get(day, PLAIN):
            days[day] = state
    return CalendarChange(
        days,
        last=last if last > territory.last else None,
        choices=None if choices == territory.choices else choices,
    )


def with_suggestions(territory: ServiceTerritory, listed: Iterable[Listed]) -> HolidayChoices:
    """What is decided for the territory, with what is usual there and was never declined."""
    choices = territory.choices
    usual = suggested_for(territory.country, territory.subdivision, listed)
    rejected = territory.proposals.filter(verdict="rejected", made_by=None)
    declined = {name for each in rejected for name in each.choices_named}

    def new(names: frozenset[str]) -> frozenset[str]:
        return frozenset(n for n in names if not choices.decides(n) and n not in declined)

    return HolidayChoices(choices.never | new(usual.never), choices.always | new(usual.always))


def _last_to_cover(territory: ServiceTerritory, year: int) -> dt.date:
    last = max(territory.last, dt.date(year + YEARS_AHEAD, 12, 31))
    if territory.proposals.filter(verdict="rejected", made_by=None, last=last).exists():
        return territory.last  # staff have rejected a longer coverage this year
    return last


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
    closed = {
        day: DayState(DayKind.CLOSED, name[:NAME_LENGTH]) for day, name in place.closed.items()
    }
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
    lines = ProposedDay.objects.filter(proposal__territory=territory, taken=False)
    return {(line.day, _local(line.state)) for line in lines}


def _local(state: DayState) -> DayState:
    """The state by its holiday's local name alone, as it was proposed before names had both."""
    return DayState(state.kind, local_name(state.name))


def _says(proposal: CalendarProposal) -> CalendarChange:
    return change_of(proposal, list(proposal.days.all()))
