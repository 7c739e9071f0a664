"""A calendar changes by proposals: nothing before approval, one new revision with it, and nothing
that cannot be.
"""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from tests.factories import fresh, make_accepted, make_territory
from workorders.models import CalendarDay, CalendarProposal, DayState, ServiceTerritory
from workorders.services import DomainError, InvalidState, NotAllowed
from workorders.services.calendars.proposals import (
    CalendarChange,
    approve,
    changed_calendar,
    oddities,
    propose,
    reject,
    save_territory,
)
from workorders.services.calendars.recalculating import recalculate
from workorders.states import DayKind
from workorders.targets.terms import business_calendar

TUESDAY, WEDNESDAY = dt.date(2026, 3, 3), dt.date(2026, 3, 4)
CLOSED = DayState(DayKind.CLOSED, "Company closure")
CHRISTMAS = dt.date(2026, 12, 25)


@pytest.fixture
def territory(db) -> ServiceTerritory:
    return make_territory()


def closing(*days: dt.date) -> CalendarChange:
    return CalendarChange(dict.fromkeys(days, CLOSED))


def is_open(territory: ServiceTerritory, day: dt.date) -> bool:
    territory.refresh_from_db()
    return business_calendar(territory).is_business_day(day)


# --- Proposing
def test_proposal_says_what_each_day_was_and_becomes(territory, staff):
    worked = DayState(DayKind.WORKED, "Christmas Day")
    proposal = propose(territory, CalendarChange({CHRISTMAS: worked, TUESDAY: CLOSED}), by=staff)
    assert [(line.day, str(line.was), str(line.state)) for line in proposal.days.all()] == [
        (TUESDAY, "as its weekday", "closed: Company closure"),
        (CHRISTMAS, "closed: Christmas Day", "worked: Christmas Day"),
    ]


def test_nothing_moves_before_approval_and_the_target_moves_after(territory, staff, dana):
    work_order = make_accepted(dana, parts_required=False, territory=territory)
    proposal = propose(territory, closing(TUESDAY), by=staff)
    assert recalculate() == (0, True)
    assert (is_open(territory, TUESDAY), fresh(work_order).target_on) == (True, TUESDAY)
    approve(proposal, by=staff)
    assert recalculate() == (1, True)
    assert (is_open(territory, TUESDAY), fresh(work_order).target_on) == (False, WEDNESDAY)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (CalendarChange(), None),
        (CalendarChange({CHRISTMAS: DayState(DayKind.CLOSED, "Christmas Day")}), None),
        (closing(dt.date(2030, 1, 2)), "day"),
        (closing(dt.date(2024, 12, 31)), "day"),
        (CalendarChange(last=dt.date(2029, 12, 30)), "last"),
        (CalendarChange(weekend=list(range(7))), None),
    ],
)
def test_change_that_is_none_or_cannot_be_is_refused(territory, staff, change, field):
    with pytest.raises(DomainError) as refused:
        propose(territory, change, by=staff)
    assert (refused.value.field, CalendarProposal.objects.count()) == (field, 0)


def test_a_day_beyond_the_coverage_comes_with_the_coverage(territory, staff):
    new_year = dt.date(2030, 1, 1)
    change = CalendarChange({new_year: CLOSED}, last=dt.date(2030, 12, 31))
    approve(propose(territory, change, by=staff), by=staff)
    assert (is_open(territory, new_year), is_open(territory, dt.date(2030, 1, 2))) == (False, True)


# --- Deciding
def test_approved_proposal_is_the_next_revision_with_its_words(territory, staff):
    approve(propose(territory, closing(TUESDAY, WEDNESDAY), by=staff), note="Inventory", by=staff)
    revision = territory.revisions.first()
    assert (revision.number, revision.made_by, revision.what) == (
        2,
        staff,
        "Tue, Mar 3, 2026 closed: Company closure; Wed, Mar 4, 2026 closed: Company closure",
    )


def test_only_the_lines_taken_change(territory, staff):
    proposal = propose(territory, closing(TUESDAY, WEDNESDAY), by=staff)
    approve(proposal, lines={proposal.days.get(day=TUESDAY).pk}, by=staff)
    assert [day for day in (TUESDAY, WEDNESDAY) if is_open(territory, day)] == [WEDNESDAY]
    assert list(proposal.days.values_list("day", "taken")) == [(TUESDAY, True), (WEDNESDAY, False)]


def test_rejected_proposal_leaves_the_calendar(territory, staff):
    proposal = propose(territory, closing(TUESDAY), by=staff)
    reject(proposal, note="Not this year", by=staff)
    proposal.refresh_from_db()
    assert (proposal.verdict, proposal.note, proposal.decided_by) == (
        "rejected",
        "Not this year",
        staff,
    )
    assert (is_open(territory, TUESDAY), territory.revision) == (True, 1)


@pytest.mark.parametrize("first", [approve, reject])
@pytest.mark.parametrize("second", [approve, reject])
def test_a_proposal_is_decided_once(territory, staff, first, second):
    proposal = propose(territory, closing(TUESDAY), by=staff)
    first(proposal, by=staff)
    with pytest.raises(InvalidState):
        second(proposal, by=staff)


def test_a_day_that_has_changed_since_is_refused(territory, staff):
    old, new = (propose(territory, closing(TUESDAY), by=staff) for _ in range(2))
    approve(new, by=staff)
    with pytest.raises(DomainError, match="Tue, Mar 3 has changed since this was proposed"):
        approve(old, by=staff)
    assert territory.revisions.count() == 2


def test_older_revisions_stay_as_they_were(territory, staff):
    approve(propose(territory, closing(TUESDAY), by=staff), by=staff)
    approve(
        propose(territory, CalendarChange({TUESDAY: DayState()}, weekend=[6]), by=staff), by=staff
    )
    territory.refresh_from_db()
    saturday = dt.date(2026, 3, 7)
    calendars = [business_calendar(territory, number) for number in (1, 2, 3)]
    assert [calendar.is_business_day(TUESDAY) for calendar in calendars] == [True, False, True]
    assert [calendar.is_business_day(saturday) for calendar in calendars] == [False, False, True]


def test_a_day_is_listed_once(territory):
    with pytest.raises(IntegrityError), transaction.atomic():
        CalendarDay.objects.create(territory=territory, day=CHRISTMAS, name="Again")
    CalendarDay.objects.create(territory=territory, day=CHRISTMAS, name="Once", until=1)


def test_calendars_are_changed_by_staff_only(territory, staff, dana):
    proposal = propose(territory, closing(TUESDAY), by=staff)
    for write in (
        lambda: save_territory(territory, by=dana),
        lambda: propose(territory, closing(TUESDAY), by=dana),
        lambda: approve(proposal, by=dana),
        lambda: reject(proposal, by=dana),
    ):
        with pytest.raises(NotAllowed):
            write()


# --- Checks on what comes in
def test_oddities_are_told_of_whole_years(territory):
    assert oddities(business_calendar(territory)) == []
    open_christmas = CalendarChange({CHRISTMAS: DayState(DayKind.WORKED, "Christmas Day")})
    assert oddities(changed_calendar(territory, open_christmas)) == [
        "Fri, Dec 25 would be a business day."
    ]
    longer = changed_calendar(territory, CalendarChange(last=dt.date(2030, 12, 31)))
    assert oddities(longer) == [
        "Tue, Jan 1, 2030 would be a business day.",
        "Wed, Dec 25, 2030 would be a business day.",
        "2030 would have 0 closed weekdays.",
    ]
