from datetime import date, timedelta

import pytest
from holidays import country_holidays

from sla import BusinessCalendar, CalendarError
from sla.calendars import public_holidays


def next_day(country, subdivision, start):
    start = date.fromisoformat(start)
    years = range(start.year - 1, start.year + 2)
    return str(
        BusinessCalendar.for_place(country, subdivision, years=years).add_business_days(start, 1)
    )


def test_for_place_begins_and_ends_with_its_years():
    calendar = BusinessCalendar.for_place("US", "CA", years=[2027, 2026])
    assert (calendar.first, calendar.last) == (date(2026, 1, 1), date(2027, 12, 31))


def test_for_place_keeps_names_of_holidays():
    calendar = BusinessCalendar.for_place("US", years=[2026])
    assert calendar.closed_reason(date(2026, 7, 3)) == "Independence Day (observed)"
    assert calendar.closed_reason(date(2026, 7, 4)) == "Independence Day"
    assert calendar.closed_reason(date(2026, 7, 5)) == "Sunday"


def test_for_place_names_do_not_depend_on_the_machine(monkeypatch):
    monkeypatch.setenv("LANGUAGE", "en_US")
    assert (
        public_holidays("DE", "BY", [2026]).closed[date(2026, 1, 1)] == "New Year's Day (Neujahr)"
    )


@pytest.mark.parametrize(
    ("country", "subdivision", "day", "name"),
    [
        ("DE", "BY", "2026-04-03", "Good Friday (Karfreitag)"),
        ("CA", "ON", "2026-09-07", "Labour Day"),  # English as it is spelled there
        ("US", "CA", "2027-02-15", "Presidents' Day; Susan B. Anthony Day"),
        ("EC", None, "2026-05-25", "The Battle of Pichincha (Batalla de Pichincha) (observed)"),
        (
            *("AR", None, "2026-04-02"),
            (
                "Maundy Thursday (Jueves Santo); Veteran's Day and the Fallen in the Malvinas War"
                " (Día del Veterano y de los Caidos en la Guerra de Malvinas)"
            ),
        ),
        ("JP", None, "2026-02-11", "Foundation Day (建国記念の日)"),
    ],
)
def test_names_are_english_first_with_the_local_one(country, subdivision, day, name):
    closed = public_holidays(country, subdivision, [date.fromisoformat(day).year]).closed
    assert closed[date.fromisoformat(day)] == name


@pytest.mark.parametrize(
    ("country", "subdivision"),
    [
        *[("US", None), ("US", "CA"), ("CA", "ON"), ("GB", "ENG"), ("DE", "BY"), ("DE", "SN")],
        *[("HU", None), ("IL", None), ("JP", None), ("CN", None), ("ES", "CT"), ("CH", "ZH")],
    ],
)
def test_for_place_is_equal_to_the_library(country, subdivision):
    calendar = BusinessCalendar.for_place(country, subdivision, years=range(2025, 2031))
    library = country_holidays(country, subdivision, years=range(2024, 2032), expand=False)
    days = [date(2025, 1, 1) + timedelta(days=n) for n in range(2191)]
    assert [d for d in days if calendar.is_business_day(d) != library.is_working_day(d)] == []


def test_other_categories_are_listed_only_when_asked_for():
    assert public_holidays("DE", "BY", [2028]).optional == {}
    assert public_holidays("DE", "BY", [2028], with_optional=True).optional == {
        "catholic": {date(2028, 8, 15): "Assumption Day (Mariä Himmelfahrt)"}
    }


def test_for_place_has_the_observed_new_year_of_the_year_after():
    calendar = BusinessCalendar.for_place("US", years=[2027])
    assert calendar.closed_reason(date(2027, 12, 31)) == "New Year's Day (observed)"


@pytest.mark.parametrize(
    ("country", "subdivision", "start", "expected"),
    [
        ("US", None, "2026-10-09", "2026-10-13"),  # Columbus Day is a federal holiday
        ("US", "CA", "2026-10-09", "2026-10-12"),  # which California does not keep
        ("US", "MA", "2026-07-02", "2026-07-03"),  # observed in most states, not in this one
        ("GB", "ENG", "2027-12-24", "2027-12-29"),  # four closed days in a row
        ("DE", "BY", "2026-10-02", "2026-10-05"),  # no day is observed elsewhere
        ("DK", None, "2026-04-30", "2026-05-01"),  # the Great Prayer Day is abolished
        ("HU", None, "2026-01-09", "2026-01-10"),  # a substituted working Saturday
        ("IL", None, "2026-03-05", "2026-03-08"),  # the weekend is Friday and Saturday
    ],
)
def test_for_place_knows_local_law(country, subdivision, start, expected):
    assert next_day(country, subdivision, start) == expected


@pytest.mark.parametrize("start", ["2026-03-06", "2026-10-23", "2026-10-30", "2026-04-23"])
@pytest.mark.parametrize(
    ("country", "subdivision"), [("US", "CA"), ("US", "AZ"), ("DE", "BE"), ("EG", None)]
)
def test_for_place_ignores_clock_changes(country, subdivision, start):
    calendar = BusinessCalendar.for_place(country, subdivision, years=[2026])
    days = [date.fromisoformat(start) + timedelta(days=n) for n in range(1, 8)]
    open_days = [day for day in days if calendar.is_business_day(day)]
    answers = [
        calendar.add_business_days(date.fromisoformat(start), n + 1) for n in range(len(open_days))
    ]
    assert answers == open_days


def test_public_holidays_of_a_year_are_plausible():
    for country, subdivision in [
        ("US", None),
        ("US", "CA"),
        ("CA", "ON"),
        ("GB", "ENG"),
        ("DE", "BY"),
    ]:
        for year in range(2024, 2031):
            closed = public_holidays(country, subdivision, [year]).closed
            assert {date(year, 1, 1), date(year, 12, 25)} - closed.keys() == set()
            assert 5 <= sum(day.weekday() < 5 for day in closed) <= 20


def test_public_holidays_are_the_same_alone_and_among_others():
    many = public_holidays("US", None, range(2024, 2030)).closed
    assert public_holidays("US", None, [2027]).closed == {
        d: name for d, name in many.items() if d.year == 2027
    }


def test_public_holidays_leave_optional_and_unofficial_days_out():
    assert date(2026, 12, 24) not in public_holidays("US", None, [2026]).closed
    assert date(2026, 4, 6) not in public_holidays("CA", "QC", [2026]).closed


def test_public_holidays_name_worked_days():
    assert public_holidays("HU", None, [2026]).worked == {
        date(2026, 1, 10): "Working Saturday",
        date(2026, 8, 8): "Working Saturday",
    }


def test_public_holidays_follow_a_weekend_that_changed():
    change = public_holidays(
        "SA", None, [2013]
    )  # Thursday and Friday until June 28th, then Friday and Saturday
    assert change.weekend == {4, 5}
    assert change.closed[date(2013, 6, 27)] == "Thursday"
    assert change.worked[date(2013, 6, 22)] == "Working Saturday"
    assert [
        day for day in change.closed if day > date(2013, 7, 1) and change.closed[day] == "Thursday"
    ] == []


@pytest.mark.parametrize("alias", ["GB", "GBR", "UK"])
def test_for_place_takes_an_alias_for_its_country(alias):
    calendar = BusinessCalendar.for_place(alias, "ENG", years=[2026])
    assert calendar == BusinessCalendar.for_place("GB", "England", years=[2026])


@pytest.mark.parametrize("country", ["AU", "CA", "CH", "DE", "ES", "GB", "UK", "GBR", "DEU"])
@pytest.mark.parametrize("subdivision", [None, ""])
def test_for_place_needs_the_part_of_some_countries(country, subdivision):
    with pytest.raises(CalendarError, match="needs a subdivision"):
        BusinessCalendar.for_place(country, subdivision, years=[2026])


@pytest.mark.parametrize(
    ("country", "subdivision", "years", "sentence"),
    [
        ("XX", None, [2026], "unknown country 'XX'"),
        ("us", None, [2026], "unknown country 'us'"),
        ("", None, [2026], "unknown country ''"),
        ("NYSE", None, [2026], "unknown country 'NYSE'"),
        ("HolidayBase", None, [2026], "unknown country 'HolidayBase'"),
        ("US", "ZZ", [2026], "unknown subdivision 'ZZ' of US"),
        ("UK", "UK", [2026], "unknown subdivision 'UK' of GB"),
        ("US", None, [], "no years were given for US"),
        ("US", None, [2026, 2028], "the years from 2026 to 2028 have a gap: 2027"),
        ("US", None, [2100, 2101], "US has holidays from .* to 2100 only, not from 2100 to 2101"),
        ("US", None, [10000], "only, not from 10000 to 10000"),
        ("US", None, [-1], "only, not from -1 to -1"),
    ],
)
def test_for_place_names_what_is_wrong(country, subdivision, years, sentence):
    with pytest.raises(CalendarError, match=sentence):
        BusinessCalendar.for_place(country, subdivision, years=years)


@pytest.mark.parametrize("years", [["2026"], [True], [2026.0], 2026])
def test_for_place_refuses_years_that_are_no_ints(years):
    with pytest.raises(TypeError):
        BusinessCalendar.for_place("US", years=years)
