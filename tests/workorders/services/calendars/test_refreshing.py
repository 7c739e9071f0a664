"""What `holidays` knows becomes proposals: once, never over staff's heads, and as the
years pass.
"""

import datetime as dt
import io

import pytest
from django.core.management import call_command

from tests.factories import make_territory
from workorders.models import CalendarProposal, DayState, ServiceTerritory
from workorders.services.calendars.day_changes import opening
from workorders.services.calendars.proposals import (
    CalendarChange,
    approve,
    propose,
    reject,
    save_territory,
)
from workorders.services.calendars.refreshing import (
    coverage_warning,
    list_what_is_missing,
    refresh,
    refresh_all,
)
from workorders.states import DayKind
from workorders.targets.terms import business_calendar, forget_rules
from workorders.tasks import propose_calendars

LAST = dt.date(2030, 12, 31)  # what a refresh of 2026 leads to
CHRISTMAS = dt.date(2026, 12, 25)
VETERANS_DAY = dt.date(2026, 11, 11)


@pytest.fixture
def territory(db) -> ServiceTerritory:
    """Covered to 2029, with all its holidays."""
    return make_territory()


@pytest.fixture
def settled(territory, staff) -> ServiceTerritory:
    """Nothing is left to propose in 2026."""
    approve(refresh(territory, year=2026).proposal, by=staff)
    territory.refresh_from_db()
    return territory


def lines(proposal: CalendarProposal) -> list[tuple[dt.date, str]]:
    return [(line.day, str(line.state)) for line in proposal.days.all()]


def spoil(territory: ServiceTerritory, day: dt.date) -> None:
    """As if `holidays` had learned of a day."""
    territory.days.filter(day=day).delete()
    forget_rules()


def test_an_extension_by_hand_brings_its_holidays(settled, staff):
    assert list_what_is_missing(2026) == []
    longer = CalendarChange(last=dt.date(2032, 6, 30))
    approve(propose(settled, longer, by=staff), by=staff)
    (refreshed,) = list_what_is_missing(2026)
    days = [line.day for line in refreshed.proposal.days.all()]
    assert (min(days), max(days)) == (dt.date(2031, 1, 1), dt.date(2032, 6, 19))
    assert len(days) == 11 + 6  # Juneteenth is a Saturday, and observed on the Friday
    assert list_what_is_missing(2026) == []


def test_extension_is_proposed_with_its_holidays(territory):
    proposal = refresh(territory, year=2026).proposal
    assert (proposal.last, proposal.made_by, proposal.days.count()) == (LAST, None, 11)
    assert {line.day.year for line in proposal.days.all()} == {2030}
    assert proposal.summary == "11 days differ, covered to 2030-12-31"


def test_nothing_is_proposed_twice(territory):
    first = refresh(territory, year=2026)
    assert refresh(territory, year=2026) == (territory, None, "")
    assert list(territory.proposals.all()) == [first.proposal]


def test_newer_refresh_takes_the_place_of_the_open_one(territory):
    old = refresh(territory, year=2026).proposal
    new = refresh(territory, year=2027).proposal
    assert (list(territory.proposals.all()), new.last) == ([new], dt.date(2031, 12, 31))
    assert old.pk != new.pk


def test_proposal_of_staff_is_left_alone(territory, staff):
    ours = propose(territory, CalendarChange({VETERANS_DAY: DayState()}), by=staff)
    theirs = refresh(territory, year=2026).proposal
    assert set(territory.proposals.all()) == {ours, theirs}


def test_calendar_that_says_the_same_gets_no_proposal(settled):
    assert refresh(settled, year=2026) == (settled, None, "")


def test_proposal_without_a_reason_any_more_goes_away(territory, settled):
    spoil(settled, CHRISTMAS)
    refresh(settled, year=2026)
    settled.days.create(day=CHRISTMAS, name="Christmas Day")
    refresh(settled, year=2026)
    assert settled.proposals.filter(verdict="").count() == 0


def test_day_that_differs_is_proposed(settled):
    spoil(settled, CHRISTMAS)
    assert lines(refresh(settled, year=2026).proposal) == [(CHRISTMAS, "closed: Christmas Day")]


def test_rejected_day_is_not_proposed_again(settled, staff):
    spoil(settled, CHRISTMAS)
    reject(refresh(settled, year=2026).proposal, by=staff)
    assert refresh(settled, year=2026).proposal is None
    spoil(settled, VETERANS_DAY)
    assert lines(refresh(settled, year=2026).proposal) == [(VETERANS_DAY, "closed: Veterans Day")]


def test_line_that_was_not_taken_is_not_proposed_again(settled, staff):
    spoil(settled, CHRISTMAS)
    spoil(settled, VETERANS_DAY)
    proposal = refresh(settled, year=2026).proposal
    approve(proposal, lines={proposal.days.get(day=CHRISTMAS).pk}, by=staff)
    assert refresh(settled, year=2026).proposal is None


def test_rejected_extension_waits_for_the_next_year(territory, staff):
    reject(refresh(territory, year=2026).proposal, by=staff)
    assert refresh(territory, year=2026).proposal is None
    assert refresh(territory, year=2027).proposal.last == dt.date(2031, 12, 31)


@pytest.mark.parametrize(
    "decided",
    [
        {CHRISTMAS: DayState(DayKind.WORKED, "Christmas Day")},
        {CHRISTMAS: DayState(DayKind.CLOSED, "Winter closure")},
        {dt.date(2026, 6, 1): DayState(DayKind.CLOSED, "Company closure")},
    ],
)
def test_day_that_staff_decided_is_not_overruled(settled, staff, decided):
    approve(propose(settled, CalendarChange(decided), by=staff), by=staff)
    assert refresh(settled, year=2026).proposal is None


def test_holiday_opened_for_good_is_never_proposed_again(territory, staff):
    approve(
        propose(territory, opening(territory, day=VETERANS_DAY, every_year=True), by=staff),
        by=staff,
    )
    territory.refresh_from_db()
    assert territory.never_closes == ["Veterans Day"]
    proposal = refresh(territory, year=2026).proposal
    assert [line for line in lines(proposal) if "Veterans" in line[1]] == []
    approve(proposal, by=staff)
    territory.refresh_from_db()
    assert business_calendar(territory).is_business_day(dt.date(2030, 11, 11))
    assert refresh(territory, year=2026).proposal is None
    later = refresh(territory, year=2031).proposal  # 2034-11-11 is observed on the Friday
    assert [line for line in lines(later) if "Veterans" in line[1]] == []


def test_holiday_opened_once_is_closed_again_when_the_coverage_is_extended(territory, staff):
    approve(propose(territory, opening(territory, day=VETERANS_DAY), by=staff), by=staff)
    proposal = refresh(territory, year=2026).proposal
    assert (dt.date(2030, 11, 11), "closed: Veterans Day") in lines(proposal)


@pytest.mark.parametrize(
    ("year", "last"), [(2025, None), (2026, LAST), (2028, dt.date(2032, 12, 31))]
)
def test_worker_proposes_the_extension_as_years_pass(territory, time_machine, year, last):
    time_machine.move_to(dt.datetime(year, 6, 1, 3, 17, tzinfo=dt.UTC), tick=False)
    propose_calendars.call_local()
    assert [proposal.last for proposal in territory.proposals.all()] == ([last] if last else [])


def test_place_that_is_not_known_is_reported_and_does_not_stop_the_others(territory):
    nowhere = ServiceTerritory(
        name="A nowhere", country="ZZ", first=dt.date(2025, 1, 1), last=dt.date(2026, 12, 31)
    )
    save_territory(nowhere, by=None)
    answers = refresh_all(2026)
    assert [(each.territory.name, bool(each.proposal), each.problem) for each in answers] == [
        ("A nowhere", False, "A nowhere: unknown country 'ZZ'. Its calendar stays as it is."),
        ("US-Federal", True, ""),
    ]


def test_command_says_what_it_has_found(territory):
    save_territory(
        ServiceTerritory(
            name="A nowhere", country="ZZ", first=dt.date(2025, 1, 1), last=dt.date(2026, 12, 31)
        ),
        by=None,
    )
    out, err = io.StringIO(), io.StringIO()
    call_command("refresh_calendars", stdout=out, stderr=err, no_color=True)
    assert out.getvalue() == "US-Federal: 11 days differ, covered to 2030-12-31, proposed.\n"
    assert err.getvalue() == "A nowhere: unknown country 'ZZ'. Its calendar stays as it is.\n"
    again = io.StringIO()
    call_command("refresh_calendars", stdout=again, stderr=err)
    assert again.getvalue() == "US-Federal: nothing new.\n"


def test_new_territory_gets_all_its_holidays_by_one_proposal(staff):
    fresh = ServiceTerritory(
        name="New", country="US", first=dt.date(2026, 1, 1), last=dt.date(2026, 12, 31)
    )
    save_territory(fresh, by=staff)
    approve(refresh(fresh, year=2022).proposal, by=staff)
    assert fresh.days.count() == 12
    assert refresh(fresh, year=2022).proposal is None


def test_another_weekend_than_the_places_is_kept(settled, staff):
    approve(propose(settled, CalendarChange(weekend=[4, 5]), by=staff), by=staff)
    settled.refresh_from_db()
    assert refresh(settled, year=2026).proposal is None


@pytest.mark.parametrize(
    ("last", "warns"), [(dt.date(2027, 9, 1), True), (dt.date(2027, 9, 2), False)]
)
def test_coverage_of_less_than_18_months_is_warned_of(territory, last, warns):
    territory.last = last
    assert bool(coverage_warning(territory)) == warns
