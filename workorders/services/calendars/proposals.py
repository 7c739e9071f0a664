"""Business calendars, which change only by proposals; each approved one is a new revision."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from portal.people.models import User
from portal.people.roles import Right
from sla import BusinessCalendar, CalendarError
from sla.values import WEEKDAYS, each_day
from workorders.dates import day_text, full_day_text
from workorders.models import (
    CalendarDay,
    CalendarProposal,
    CalendarRevision,
    DayState,
    HolidayChoices,
    ProposedDay,
    ServiceTerritory,
)
from workorders.models.weeks import Week
from workorders.services.errors import DomainError, InvalidState, NotAllowed
from workorders.states import DayKind
from workorders.targets.terms import calendar_of

PLAIN = DayState()
WHAT_LENGTH = 1000
DAYS_NAMED = 6  # in the words of a revision
NEAR = dt.timedelta(days=7)  # a holiday is observed within this many days of its own date


class CalendarChange(NamedTuple):
    """What would change: the states of days, and the weekend, the end of coverage and the choice of
    holidays, if any.
    """

    days: Mapping[dt.date, DayState] = {}
    weekend: list[int] | None = None
    last: dt.date | None = None
    choices: HolidayChoices | None = None


def save_territory(
    territory: ServiceTerritory, *, days: Mapping[dt.date, DayState] | None = None, by: User | None
) -> ServiceTerritory:
    """Save a new territory with its first calendar, or an existing one's name and place.

    In another place the list of holidays is read anew by the worker.

    Raises DomainError when the calendar would have no business day.
    """
    if by is not None and not by.may_save(territory):
        raise NotAllowed(f"{by} may not change {territory}")
    with transaction.atomic():
        if territory.pk:
            place = {"country": territory.country, "subdivision": territory.subdivision}
            if not ServiceTerritory.objects.filter(pk=territory.pk, **place).exists():
                territory.listed.all().delete()
            territory.save(update_fields=["name", "country", "subdivision"])
            return territory
        territory.save()
        rows = [_day(territory, day, state) for day, state in (days or {}).items()]
        _calendar(territory, rows)
        CalendarDay.objects.bulk_create(rows)
        choices = choices_in_words(HolidayChoices(), territory.choices)
        words = [f"First revision, with {len(rows)} special days", *choices]
        _note_revision(territory, f"{'; '.join(words)}.", by)
    return territory


def propose(
    territory: ServiceTerritory, change: CalendarChange, *, by: User | None, note: str = ""
) -> CalendarProposal:
    """Propose a change to staff; nothing moves until it is approved.

    A refresh (`by=None`) replaces the open one before it.

    Raises DomainError for a change of nothing, for a day outside the coverage, and for a calendar
    without a business day.
    """
    _for_calendar_keepers(by)
    with transaction.atomic():
        territory = ServiceTerritory.objects.select_for_update(no_key=True).get(pk=territory.pk)
        current = current_states(territory)
        differing = {d: s for d, s in change.days.items() if s != current.get(d, PLAIN)}
        change = change._replace(days=differing)
        changed_calendar(territory, change)
        if by is None:
            territory.proposals.filter(verdict="", made_by=None).delete()
        never, always = change.choices or (None, None)
        proposal = CalendarProposal.objects.create(
            territory=territory,
            weekend=change.weekend,
            last=change.last,
            never_closes=never if never is None else sorted(never),
            always_closes=always if always is None else sorted(always),
            made_by=by,
            note=note,
        )
        ProposedDay.objects.bulk_create(
            _proposed_day(proposal, day, state, current.get(day, PLAIN))
            for day, state in sorted(change.days.items())
        )
    return proposal


def approve(
    proposal: CalendarProposal, *, lines: Collection[int] | None = None, note: str = "", by: User
) -> ServiceTerritory:
    """Make the proposal the territory's new revision, with all its days or those in `lines`.

    `recalculate` applies it to open work orders.

    Raises InvalidState for a proposal that has been decided, DomainError for a day that has changed
    since it was proposed, and what `propose` raises.
    """
    with _deciding(proposal, by) as (proposal, territory):
        taken = [line for line in proposal.days.all() if lines is None or line.pk in lines]
        _check_still_so(territory, taken)
        change = change_of(proposal, taken)
        changed_calendar(territory, change)
        staff_decided = {line.day for line in taken if line.by_staff}
        _revise(territory, change, staff_decided=staff_decided, by=by)
        proposal.days.update(taken=False)
        proposal.days.filter(pk__in=[line.pk for line in taken]).update(taken=True)
        _decide(proposal, "approved", note, by)
    return territory


def reject(proposal: CalendarProposal, *, note: str = "", by: User) -> None:
    """Leave the calendar as it is; a refresh does not propose the same days again."""
    with _deciding(proposal, by) as (proposal, _):
        proposal.days.update(taken=False)
        _decide(proposal, "rejected", note, by)


def change_of(proposal: CalendarProposal, lines: Collection[ProposedDay]) -> CalendarChange:
    days = {line.day: line.state for line in lines}
    return CalendarChange(days, proposal.weekend, proposal.last, proposal.choices)


def current_states(territory: ServiceTerritory) -> dict[dt.date, DayState]:
    """The states of the days that differ from their weekday."""
    return {row.day: row.state for row in territory.days.filter(until=None)}


def changed_calendar(territory: ServiceTerritory, change: CalendarChange) -> BusinessCalendar:
    """The calendar after the change. Raises DomainError for one that is empty or impossible."""
    week = _changed_week(territory, change)
    is_same_week = (week.weekend, week.last) == (territory.weekend, territory.last)
    if not change.days and is_same_week and change.choices in (None, territory.choices):
        raise DomainError("This changes nothing in the calendar.")
    if week.last < territory.last:
        raise DomainError("The coverage cannot become shorter.", "last")
    for day in change.days:
        if not week.first <= day <= week.last:
            span = f"from {week.first} to {week.last}"
            raise DomainError(f"{day_text(day)} is outside the calendar, which runs {span}.", "day")
    states = current_states(territory) | dict(change.days)
    rows = [_day(territory, day, state) for day, state in states.items() if state.kind]
    return _calendar(week, rows)


def check_first_calendar(week: Week) -> None:
    """Raise DomainError when a new territory would have no business day."""
    _calendar(week, [])


def oddities(calendar: BusinessCalendar) -> list[str]:
    """Sentences about what looks wrong in a calendar's whole years: hints, not rules."""
    found = []
    for year in range(calendar.first.year, calendar.last.year + 1):
        new_year, new_years_eve = dt.date(year, 1, 1), dt.date(year, 12, 31)
        if not calendar.first <= new_year < new_years_eve <= calendar.last:
            continue
        feasts = [day for day in (new_year, dt.date(year, 12, 25)) if calendar.is_business_day(day)]
        found += [f"{day_text(day)} would be a business day." for day in feasts]
        weekdays = [day for day in each_day(new_year, new_years_eve) if day.weekday() < 5]
        closed = sum(
            calendar.closed_reason(day) not in (None, WEEKDAYS[day.weekday()]) for day in weekdays
        )
        if not 5 <= closed <= 20:
            found.append(f"{year} would have {closed} closed weekdays.")
    return found


@contextmanager
def _deciding(
    proposal: CalendarProposal, by: User
) -> Iterator[tuple[CalendarProposal, ServiceTerritory]]:
    _for_calendar_keepers(by)
    with transaction.atomic():
        territory = ServiceTerritory.objects.select_for_update().get(pk=proposal.territory_id)
        proposal = CalendarProposal.objects.select_for_update().get(pk=proposal.pk)
        if not proposal.is_open:
            raise InvalidState(f"This has already been {proposal.get_verdict_display().lower()}.")
        yield proposal, territory


def _decide(proposal: CalendarProposal, verdict: str, note: str, by: User) -> None:
    proposal.verdict, proposal.note = verdict, note
    proposal.decided_by, proposal.decided_at = by, timezone.now()
    proposal.save(update_fields=["verdict", "note", "decided_by", "decided_at"])


def _check_still_so(territory: ServiceTerritory, lines: Collection[ProposedDay]) -> None:
    current = current_states(territory)
    for line in lines:
        if current.get(line.day, PLAIN) != line.was:
            raise DomainError(
                f"{day_text(line.day)} has changed since this was proposed."
                " Reject it and make a new proposal."
            )


def _revise(
    territory: ServiceTerritory, change: CalendarChange, *, staff_decided: set[dt.date], by: User
) -> None:
    """Write the next revision: replaced rows end with the last one, new rows begin."""
    week, what = _changed_week(territory, change), _in_words(territory, change)
    territory.weekend, territory.last = week.weekend, week.last
    never, always = change.choices or territory.choices
    territory.never_closes, territory.always_closes = sorted(never), sorted(always)
    territory.revision += 1
    territory.save(update_fields=["weekend", "last", "never_closes", "always_closes", "revision"])
    territory.days.filter(until=None, day__in=list(change.days)).update(until=territory.revision)
    CalendarDay.objects.bulk_create(
        _day(territory, day, state, since=territory.revision, by_staff=day in staff_decided)
        for day, state in change.days.items()
        if state.kind
    )
    _note_revision(territory, what, by)


def _note_revision(territory: ServiceTerritory, what: str, by: User | None) -> None:
    CalendarRevision.objects.create(
        territory=territory,
        number=territory.revision,
        weekend=territory.weekend,
        first=territory.first,
        last=territory.last,
        what=what[:WHAT_LENGTH],
        made_by=by,
    )


def _in_words(territory: ServiceTerritory, change: CalendarChange) -> str:
    """ "Fri, Nov 27, 2026 closed: Company closure; covered to Wed, Dec 31, 2031"."""
    days = sorted(change.days.items())
    parts = [f"{full_day_text(day)} {state}" for day, state in days[:DAYS_NAMED]]
    if len(days) > DAYS_NAMED:
        parts.append(f"{len(days) - DAYS_NAMED} more days")
    if change.weekend is not None:
        parts.append(f"weekend {', '.join(WEEKDAYS[day] for day in change.weekend) or 'none'}")
    parts += choices_in_words(territory.choices, change.choices or territory.choices)
    if change.last:
        parts.append(f"covered to {full_day_text(change.last)}")
    return "; ".join(parts)


def choices_in_words(old: HolidayChoices, new: HolidayChoices) -> list[str]:
    """ "never closes for Diwali", "always closes for Civic Holiday": what is new among these."""
    undecided = (old.never | old.always) - (new.never | new.always)
    named = [
        ("never closes for", new.never - old.never),
        ("always closes for", new.always - old.always),
        ("follows the public holidays again for", undecided),
    ]
    return [f"{words} {', '.join(sorted(names))}" for words, names in named if names]


def _proposed_day(
    proposal: CalendarProposal, day: dt.date, state: DayState, was: DayState
) -> ProposedDay:
    """A day that follows from a choice of holidays is kept by that choice, not by the day."""
    follows_choice = proposal.never_closes is not None and state.kind != DayKind.WORKED
    return ProposedDay(
        proposal=proposal,
        day=day,
        kind=state.kind,
        name=state.name,
        was_kind=was.kind,
        was_name=was.name,
        by_staff=proposal.made_by is not None and not follows_choice,
    )


def _changed_week(territory: ServiceTerritory, change: CalendarChange) -> Week:
    weekend = territory.weekend if change.weekend is None else change.weekend
    return CalendarRevision(
        weekend=weekend, first=territory.first, last=change.last or territory.last
    )


def _day(territory: ServiceTerritory, day: dt.date, state: DayState, **more: int) -> CalendarDay:
    return CalendarDay(
        territory=territory, day=day, name=state.name, worked=state.kind == DayKind.WORKED, **more
    )


def _calendar(week: Week, days: Collection[CalendarDay]) -> BusinessCalendar:
    try:
        return calendar_of(week, days)
    except CalendarError as error:
        raise DomainError(f"This is not a business calendar: {error}.") from error


def _for_calendar_keepers(by: User | None) -> None:
    if by is not None and not by.may(Right.CHANGE_CALENDARS):
        raise NotAllowed(f"{by} may not change a business calendar")
