"""What closing, opening and moving days mean, day by day."""

import datetime as dt

import pytest

from tests.factories import make_territory
from workorders.models import ServiceTerritory
from workorders.services import DomainError
from workorders.services.calendars.day_changes import another_week, closing, moving, opening
from workorders.services.calendars.proposals import CalendarChange, approve, propose

D = dt.date.fromisoformat


@pytest.fixture
def territory(db) -> ServiceTerritory:
    """The federal holidays of the US, 2025 to 2029."""
    return make_territory()


def said(change: CalendarChange) -> dict[str, str]:
    return {day.isoformat(): str(state) for day, state in sorted(change.days.items())}


def close(territory, staff, *days: str) -> None:
    for day in days:
        change = closing(territory, first=D(day), last=None, name="Company closure")
        approve(propose(territory, change, by=staff), by=staff)
        territory.refresh_from_db()


# --- Close
def test_shutdown_over_new_year_closes_every_business_day_in_it(territory):
    change = closing(territory, first=D("2026-12-24"), last=D("2027-01-02"), name="Shutdown")
    days = ["2026-12-24", "2026-12-28", "2026-12-29", "2026-12-30", "2026-12-31"]
    assert said(change) == dict.fromkeys(days, "closed: Shutdown")


def test_single_day_needs_no_last_one(territory):
    assert said(closing(territory, first=D("2026-03-10"), last=None, name="Inventory")) == {
        "2026-03-10": "closed: Inventory"
    }


@pytest.mark.parametrize(
    ("first", "last", "field", "sentence"),
    [
        ("2026-03-07", None, "first", "Sat, Mar 7 is already closed: Saturday."),
        ("2026-12-25", None, "first", "Fri, Dec 25 is already closed: Christmas Day."),
        ("2026-12-25", "2026-12-27", "first", "None of these is a business day."),
        ("2026-03-10", "2026-03-09", "last", "The last day is before the first."),
        ("2026-03-01", "2026-04-30", "last", "Close at most 60 days at once."),
        (
            *("2029-12-24", "2030-01-02", "last"),
            (
                "The calendar does not cover this day. It runs from Wed, Jan 1, 2025 to Mon, Dec"
                " 31, 2029."
            ),
        ),
    ],
)
def test_closure_that_cannot_be_is_refused(territory, first, last, field, sentence):
    with pytest.raises(DomainError) as refused:
        closing(territory, first=D(first), last=D(last) if last else None, name="Shutdown")
    assert (refused.value.field, refused.value.message) == (field, sentence)


def test_sixty_days_can_be_closed_at_once(territory):
    assert (
        len(closing(territory, first=D("2026-03-01"), last=D("2026-04-29"), name="Long").days) == 43
    )


# --- Open
@pytest.mark.parametrize(
    ("day", "options", "expected"),
    [
        ("2026-11-11", {}, {"2026-11-11": "worked: Veterans Day"}),
        ("2026-03-07", {}, {"2026-03-07": "worked: Working Saturday"}),
        ("2026-03-07", {"name": "Stocktaking"}, {"2026-03-07": "worked: Stocktaking"}),
        ("2026-11-11", {"name": "Ignored"}, {"2026-11-11": "worked: Veterans Day"}),
        (
            "2026-07-03",
            {},
            {"2026-07-03": "worked: Independence Day (observed)"},
        ),  # the 4th is a Saturday anyway
        (
            "2026-07-04",
            {},
            {
                "2026-07-03": "worked: Independence Day (observed)",
                "2026-07-04": "worked: Independence Day",
            },
        ),
        ("2026-07-04", {"twin": False}, {"2026-07-04": "worked: Independence Day"}),
        (
            "2028-01-01",
            {},
            {
                "2027-12-31": "worked: New Year's Day (observed)",
                "2028-01-01": "worked: New Year's Day",
            },
        ),
        (
            "2026-11-11",
            {"every_year": True},
            dict.fromkeys(
                [
                    *("2025-11-11", "2026-11-11", "2027-11-11", "2028-11-10", "2028-11-11"),
                    *("2029-11-11", "2029-11-12"),
                ],
                "as its weekday",
            ),
        ),
    ],
)
def test_opened_day_is_worked_with_its_other_dates(territory, day, options, expected):
    assert said(opening(territory, day=D(day), **options)) == expected


def test_observed_day_that_is_a_weekday_like_the_holiday_is_opened_with_it(territory, staff):
    """The company works on Saturdays: both dates are closed weekdays, and both are opened."""
    approve(propose(territory, CalendarChange(weekend=[6]), by=staff), by=staff)
    territory.refresh_from_db()
    both = {
        "2027-12-31": "worked: New Year's Day (observed)",
        "2028-01-01": "worked: New Year's Day",
    }
    assert said(opening(territory, day=D("2027-12-31"))) == both
    assert said(opening(territory, day=D("2028-01-01"))) == both


def test_weekday_that_staff_have_closed_is_a_weekday_again(territory, staff):
    close(territory, staff, "2026-03-10", "2026-03-11")
    assert said(opening(territory, day=D("2026-03-10"), every_year=True)) == {
        "2026-03-10": "as its weekday"
    }


def test_holiday_that_staff_have_renamed_is_worked_on_and_stays_decided(territory, staff):
    approve(propose(territory, opening(territory, day=D("2026-11-11")), by=staff), by=staff)
    territory.refresh_from_db()
    close(territory, staff, "2026-11-11")
    assert said(opening(territory, day=D("2026-11-11"))) == {
        "2026-11-11": "worked: Company closure"
    }


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("2026-03-10", "Tue, Mar 10 is already a business day."),
        (
            "2031-01-01",
            (
                "The calendar does not cover this day. It runs from Wed, Jan 1, 2025 to Mon, Dec"
                " 31, 2029."
            ),
        ),
    ],
)
def test_day_that_cannot_be_opened_is_refused(territory, day, sentence):
    with pytest.raises(DomainError) as refused:
        opening(territory, day=D(day))
    assert (refused.value.field, refused.value.message) == ("day", sentence)


# --- Move
@pytest.mark.parametrize(
    ("day", "to", "expected"),
    [
        (
            *("2026-07-03", "2026-07-06"),
            {
                "2026-07-03": "worked: Independence Day (observed)",
                "2026-07-06": "closed: Independence Day (observed)",
            },
        ),
        (
            "2026-07-04",
            "2026-07-06",
            {"2026-07-06": "closed: Independence Day"},
        ),  # Saturday stays Saturday
    ],
)
def test_moved_day_keeps_its_name(territory, day, to, expected):
    assert said(moving(territory, day=D(day), to=D(to))) == expected


def test_closure_of_staff_moves_and_leaves_a_weekday(territory, staff):
    close(territory, staff, "2026-03-10")
    assert said(moving(territory, day=D("2026-03-10"), to=D("2026-03-11"))) == {
        "2026-03-10": "as its weekday",
        "2026-03-11": "closed: Company closure",
    }


@pytest.mark.parametrize(
    ("day", "to", "field", "sentence"),
    [
        ("2026-03-10", "2026-03-11", "day", "Tue, Mar 10 is neither a holiday nor a closure."),
        ("2026-03-07", "2026-03-11", "day", "Sat, Mar 7 is neither a holiday nor a closure."),
        ("2026-07-03", "2026-07-04", "to", "Sat, Jul 4 is already closed: Independence Day."),
        (
            "2026-07-03",
            "2026-07-03",
            "to",
            "Fri, Jul 3 is already closed: Independence Day (observed).",
        ),
    ],
)
def test_move_that_cannot_be_is_refused(territory, day, to, field, sentence):
    with pytest.raises(DomainError) as refused:
        moving(territory, day=D(day), to=D(to))
    assert (refused.value.field, refused.value.message) == (field, sentence)


# --- Week and coverage
@pytest.mark.parametrize(
    ("weekend", "last", "expected"),
    [
        ([5, 6], "2029-12-31", CalendarChange()),
        ([6, 5], "2030-06-30", CalendarChange(last=dt.date(2030, 6, 30))),
        ([5, 4], "2029-12-31", CalendarChange(weekend=[4, 5])),
        ([], "2029-12-31", CalendarChange(weekend=[])),
    ],
)
def test_week_says_only_what_differs(territory, weekend, last, expected):
    assert another_week(territory, weekend=weekend, last=D(last)) == expected


def test_coverage_has_an_end(territory):
    with pytest.raises(DomainError, match="A calendar cannot run beyond Mon, Dec 31, 2046"):
        another_week(territory, weekend=[5, 6], last=D("2047-01-01"))
