"""Which holidays a territory closes for: chosen by people, kept with it, never proposed again."""

import datetime as dt

import pytest

from tests.factories import make_territory
from workorders.models import CalendarProposal, DayState, HolidayChoices, ServiceTerritory
from workorders.models.calendars import is_among, local_name
from workorders.services.calendars.holiday_choices import (
    Listed,
    choices_of,
    choosing,
    holiday_rows,
    listed_for,
)
from workorders.services.calendars.proposals import CalendarChange, approve, propose, reject
from workorders.services.calendars.refreshing import list_what_is_missing, refresh
from workorders.services.setting_up import plan_territory, set_up, territory_named
from workorders.states import DayKind
from workorders.targets.terms import business_calendar
from workorders.tasks import list_holidays

D = dt.date.fromisoformat
CALIFORNIA = ["Cesar Chavez Day", "Diwali", "Susan B. Anthony Day"]


def made(name: str) -> ServiceTerritory:
    """As setup makes it in 2026."""
    set_up(2026, [plan_territory(territory_named(name), 2026)])
    return ServiceTerritory.objects.get(name=name)


def old(name: str, country: str, subdivision: str) -> ServiceTerritory:
    """As it stood before there were choices: it closes for each public holiday."""
    return make_territory(name, country, subdivision)


def lines(proposal: CalendarProposal) -> dict[str, str]:
    return {line.day.isoformat(): f"{line.was} → {line.state}" for line in proposal.days.all()}


def ticked(territory: ServiceTerritory) -> set[str]:
    rows = holiday_rows(listed_for(territory), territory.choices)
    return {row.name for row in rows if row.closes}


# --- What is usual
@pytest.mark.parametrize(
    ("name", "never", "always"),
    [
        ("US-Federal", [], []),
        ("US-CA", CALIFORNIA, []),
        ("CA-ON", [], ["Civic Holiday"]),
        ("GB-ENG", [], []),
        ("DE-BY", [], ["Assumption Day (Mariä Himmelfahrt)"]),
    ],
)
def test_usual_territories_close_for_what_both_sides_are_used_to(db, name, never, always):
    territory = made(name)
    assert (territory.never_closes, territory.always_closes) == (never, always)


@pytest.mark.parametrize(
    ("name", "day", "reason"),
    [
        ("US-CA", "2026-03-31", None),  # Cesar Chavez Day
        ("US-CA", "2027-10-29", None),  # Diwali
        ("US-CA", "2026-02-15", "Sunday"),  # Susan B. Anthony Day
        ("US-CA", "2027-02-15", "Presidents' Day"),  # and Susan B. Anthony Day
        ("US-CA", "2026-11-27", "Day After Thanksgiving"),
        ("CA-ON", "2026-08-03", "Civic Holiday"),
        ("CA-ON", "2026-04-06", None),  # Easter Monday is optional too, and is worked on
        ("DE-BY", "2028-08-15", "Assumption Day (Mariä Himmelfahrt)"),
        ("DE-BY", "2026-04-03", "Good Friday (Karfreitag)"),
        ("US-Federal", "2026-10-12", "Columbus Day"),
        ("GB-ENG", "2026-04-06", "Easter Monday"),
    ],
)
def test_calendar_closes_for_what_is_chosen(db, name, day, reason):
    assert business_calendar(made(name)).closed_reason(D(day)) == reason


# --- A territory that exists
def test_territory_that_exists_gets_a_proposal_and_no_change(staff):
    territory = old("US-CA", "US", "CA")
    (refreshed,) = list_what_is_missing(2026)
    territory.refresh_from_db()
    assert (territory.revision, territory.never_closes) == (1, [])
    assert refreshed.proposal.never_closes == CALIFORNIA
    proposed = lines(refreshed.proposal)
    assert proposed["2026-03-31"] == "closed: Cesar Chavez Day → as its weekday"
    assert proposed["2027-02-15"] == (
        "closed: Presidents' Day; Susan B. Anthony Day → closed: Presidents' Day"
    )
    approve(refreshed.proposal, by=staff)
    territory.refresh_from_db()
    assert territory.never_closes == CALIFORNIA
    assert refresh(territory, year=2026).proposal is None
    assert territory.revisions.first().what.split("; ")[-2:] == [
        "never closes for Cesar Chavez Day, Diwali, Susan B. Anthony Day",
        "covered to Tue, Dec 31, 2030",
    ]


def test_local_names_get_their_english_ones_by_a_proposal(staff):
    territory = old("DE-BY", "DE", "BY")
    for row in territory.days.all():
        row.name = local_name(row.name)
        row.save()
    proposal = refresh(territory, year=2026).proposal
    proposed = lines(proposal)
    assert proposed["2026-04-03"] == "closed: Karfreitag → closed: Good Friday (Karfreitag)"
    assert proposed["2028-08-15"] == ("as its weekday → closed: Assumption Day (Mariä Himmelfahrt)")


def test_declined_suggestion_is_not_proposed_again(staff):
    territory = old("CA-ON", "CA", "ON")
    reject(refresh(territory, year=2026).proposal, by=staff)
    assert refresh(territory, year=2026).proposal is None
    later = refresh(territory, year=2027).proposal
    assert later.never_closes is None
    assert "2031-08-04" not in lines(later)


def test_day_not_taken_of_a_suggestion_is_not_proposed_again(staff):
    territory = old("CA-ON", "CA", "ON")
    proposal = refresh(territory, year=2026).proposal
    kept = proposal.days.exclude(day=D("2026-08-03"))
    approve(proposal, lines={line.pk for line in kept}, by=staff)
    territory.refresh_from_db()
    assert business_calendar(territory).is_business_day(D("2026-08-03"))
    assert not business_calendar(territory).is_business_day(D("2027-08-02"))
    assert refresh(territory, year=2026).proposal is None


def test_worker_lists_what_is_new_and_what_lies_elsewhere_now(db, clock):
    territory = old("US-CA", "US", "CA")
    list_holidays.call_local()
    assert territory.listed.filter(name="Diwali").count() == 5
    territory.listed.all().delete()
    list_holidays.call_local()
    assert territory.listed.filter(name="Diwali").count() == 5


# --- Choosing
def test_list_names_each_holiday_once_with_its_days_and_category(db):
    rows = {row.name: row for row in holiday_rows(listed_for(made("US-CA")), HolidayChoices())}
    row = rows["Independence Day"]
    assert (row.category, row.closes) == ("public", True)
    assert [str(day) for day in row.days if day.year == 2026] == ["2026-07-03", "2026-07-04"]
    assert (rows["Columbus Day"].source, rows["Columbus Day"].closes) == ("government", False)
    assert "Birthday of Martin Luther King, Jr." not in rows  # the public one on the same days


def test_person_ticks_which_holidays_count(staff):
    territory = made("US-CA")
    wanted = ticked(territory) - {"Veterans Day"} | {"Columbus Day", "Diwali"}
    proposal = propose(territory, choosing(territory, wanted), by=staff)
    proposed = lines(proposal)
    assert proposed["2026-11-11"] == "closed: Veterans Day → as its weekday"
    assert proposed["2026-10-12"] == "as its weekday → closed: Columbus Day"
    assert proposed["2027-10-29"] == "as its weekday → closed: Diwali"
    approve(proposal, by=staff)
    territory.refresh_from_db()
    assert territory.never_closes == ["Cesar Chavez Day", "Susan B. Anthony Day", "Veterans Day"]
    assert territory.always_closes == ["Columbus Day", "Diwali"]
    assert refresh(territory, year=2026).proposal is None
    longer = refresh(territory, year=2028).proposal
    added = {name for state in lines(longer).values() for name in state.split(": ")[1:]}
    assert {"Columbus Day", "Diwali"} <= added
    assert not {"Cesar Chavez Day", "Veterans Day"} & added


def test_choice_taken_back_follows_the_public_holidays_again(staff):
    territory = made("US-Federal")
    everything = ticked(territory)
    for wanted in (everything - {"Columbus Day"}, everything):
        approve(propose(territory, choosing(territory, wanted), by=staff), by=staff)
        territory.refresh_from_db()
    assert (territory.never_closes, territory.always_closes) == ([], [])
    assert business_calendar(territory).closed_reason(D("2026-10-12")) == "Columbus Day"
    assert territory.revisions.first().what.endswith(
        "follows the public holidays again for Columbus Day"
    )


def test_day_that_staff_decided_stays_whatever_is_chosen(staff):
    territory = made("US-Federal")
    moved = CalendarChange({D("2026-10-12"): DayState(DayKind.CLOSED, "Stocktaking")})
    approve(propose(territory, moved, by=staff), by=staff)
    territory.refresh_from_db()
    change = choosing(territory, ticked(territory) - {"Columbus Day"})
    assert D("2026-10-12") not in change.days
    assert change.days[D("2027-10-11")] == DayState()


def test_choice_that_changes_no_day_is_kept_all_the_same(staff):
    """Good Friday of a calendar that staff have closed by hand on each of its dates."""
    territory = make_territory()
    choices = HolidayChoices(always=frozenset({"Good Friday"}))
    approve(propose(territory, CalendarChange(choices=choices), by=staff), by=staff)
    territory.refresh_from_db()
    assert territory.choices == choices


def test_choices_of_what_is_not_listed_any_more_are_kept():
    rows = holiday_rows([Listed(D("2026-12-25"), "Christmas Day", "public")], HolidayChoices())
    before = HolidayChoices(frozenset({"Lost Day"}), frozenset({"Found Day"}))
    assert choices_of(rows, {"Christmas Day"}, suggested=HolidayChoices(), before=before) == before


@pytest.mark.parametrize(
    ("name", "is_named"),
    [
        ("Good Friday (Karfreitag)", True),
        ("Karfreitag", True),
        ("Good Friday", True),
        ("Friday", False),
    ],
)
def test_holiday_is_known_by_its_full_english_or_local_name(name, is_named):
    assert is_among("Good Friday (Karfreitag)", {name}) == is_named
