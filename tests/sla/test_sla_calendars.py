from datetime import UTC, date, datetime, timedelta

import pytest

from sla import BusinessCalendar, CalendarError

FRIDAY, SATURDAY, SUNDAY, MONDAY = (date(2026, 3, day) for day in (6, 7, 8, 9))


class FakeDate(date):
    """As the date classes of time-freezing test tools."""


def calendar(
    *, closed=None, worked=None, weekend=(5, 6), first=date(2026, 1, 1), last=date(2026, 12, 31)
):
    return BusinessCalendar(
        closed=closed or {}, worked=worked or {}, weekend=weekend, first=first, last=last
    )


@pytest.mark.parametrize("count", range(1, 21))
def test_add_gives_the_same_from_friday_saturday_and_sunday(us, count):
    assert {us.add_business_days(start, count) for start in (FRIDAY, SATURDAY, SUNDAY)} == {
        us.add_business_days(FRIDAY, count)
    }


@pytest.mark.parametrize("start", [FRIDAY, SATURDAY, SUNDAY])
def test_add_one_from_a_weekend_is_monday(us, start):
    assert us.add_business_days(start, 1) == MONDAY


@pytest.mark.parametrize(
    ("count", "expected"),
    [(5, "2026-07-10"), (10, "2026-07-17"), (15, "2026-07-24"), (20, "2026-07-31")],
)
@pytest.mark.parametrize(
    "start", ["2026-07-03", "2026-07-04", "2026-07-05"]
)  # a holiday, Saturday, Sunday
def test_add_whole_weeks_from_a_closed_day(us, start, count, expected):
    assert us.add_business_days(date.fromisoformat(start), count) == date.fromisoformat(expected)


def test_add_nothing_is_the_day_itself_or_the_next_business_day(us):
    days = (FRIDAY, SATURDAY, SUNDAY, MONDAY)
    assert [us.add_business_days(day, 0) for day in days] == [FRIDAY, MONDAY, MONDAY, MONDAY]


def test_add_nothing_equals_add_one_on_closed_days_only(us):
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    same = [day for day in days if us.add_business_days(day, 0) == us.add_business_days(day, 1)]
    assert same == [day for day in days if not us.is_business_day(day)]


def test_add_crosses_new_year(us):
    assert us.add_business_days(date(2026, 12, 18), 20) == date(2027, 1, 20)


def test_add_from_month_ends_never_goes_back(us):
    starts = [
        day for n in range(5 * 365) if (day := date(2024, 1, 1) + timedelta(days=n)).day >= 28
    ]
    assert [start for start in starts if us.add_business_days(start, 0) < start] == []
    assert [start for start in starts if us.add_business_days(start, 1) <= start] == []


def test_add_from_a_fake_date_gives_a_plain_date(plain):
    assert type(plain.add_business_days(FakeDate(2026, 3, 6), 0)) is date


@pytest.mark.parametrize(
    "start", [datetime(2026, 3, 6, tzinfo=UTC), "2026-03-06", 20260306, None, 10.0, []]
)
@pytest.mark.parametrize("count", [0, 1])
def test_add_refuses_a_start_that_is_no_date(plain, start, count):
    with pytest.raises(TypeError):
        plain.add_business_days(start, count)


@pytest.mark.parametrize("count", [True, False, "1", 1.0, None])
def test_add_refuses_a_count_that_is_no_int(plain, count):
    with pytest.raises(TypeError, match="the count of business days must be a whole number"):
        plain.add_business_days(FRIDAY, count)


def test_add_refuses_a_negative_count(plain):
    with pytest.raises(ValueError, match="must not be negative: -1"):
        plain.add_business_days(FRIDAY, -1)


def test_add_reaches_the_last_day_and_no_further(plain):
    assert plain.add_business_days(date(2027, 12, 30), 1) == date(2027, 12, 31)
    with pytest.raises(CalendarError, match="is past 2027-12-31"):
        plain.add_business_days(date(2027, 12, 30), 2)
    with pytest.raises(CalendarError, match="is past 2027-12-31"):
        plain.add_business_days(date(2026, 1, 1), 10**30)


@pytest.mark.parametrize("day", [date(2025, 12, 31), date(2028, 1, 1), date.min, date.max])
@pytest.mark.parametrize(
    "ask",
    [
        lambda plain, day: plain.add_business_days(day, 0),
        lambda plain, day: plain.add_business_days(day, 1),
        lambda plain, day: plain.is_business_day(day),
        lambda plain, day: plain.closed_reason(day),
        lambda plain, day: plain.business_days_between(day, FRIDAY),
        lambda plain, day: plain.business_days_between(FRIDAY, day),
    ],
)
def test_a_day_outside_the_calendar_is_refused_by_name(plain, ask, day):
    with pytest.raises(CalendarError, match=f"^{day} is outside .* from 2026-01-01 to 2027-12-31$"):
        ask(plain, day)


def test_between_counts_the_end_and_not_the_start(plain):
    assert plain.business_days_between(FRIDAY, MONDAY) == 1
    assert plain.business_days_between(MONDAY, FRIDAY) == -1
    assert plain.business_days_between(FRIDAY, FRIDAY) == 0
    assert plain.business_days_between(SATURDAY, SUNDAY) == 0


@pytest.mark.parametrize("wrong", [datetime(2026, 3, 6, tzinfo=UTC), "2026-03-06", None])
def test_questions_refuse_what_is_no_date(plain, wrong):
    for ask in (
        plain.is_business_day,
        plain.closed_reason,
        lambda day: plain.business_days_between(FRIDAY, day),
    ):
        with pytest.raises(TypeError, match="a day must be a date"):
            ask(wrong)


def test_closed_reason_is_the_holiday_before_the_weekday():
    named = calendar(closed={SATURDAY: "Company closure", MONDAY: "Stocktaking"})
    days = (FRIDAY, SATURDAY, SUNDAY, MONDAY)
    assert [named.closed_reason(day) for day in days] == [
        None,
        "Company closure",
        "Sunday",
        "Stocktaking",
    ]


def test_a_worked_day_wins_over_weekend_and_closure():
    working = calendar(
        closed={MONDAY: "Holiday", SATURDAY: "Holiday"}, worked={MONDAY: "Rush", SATURDAY: "Rush"}
    )
    assert working.is_business_day(MONDAY) is True
    assert working.add_business_days(FRIDAY, 1) == SATURDAY
    assert working.closed_reason(SATURDAY) is None


def test_a_shutdown_across_new_year_closes_each_of_its_days():
    shutdown = {date(2026, 12, 24) + timedelta(days=n): "Shutdown" for n in range(10)}
    closed = calendar(closed=shutdown, last=date(2027, 1, 31))
    assert {closed.closed_reason(day) for day in shutdown} == {"Shutdown"}
    assert closed.add_business_days(date(2026, 12, 23), 1) == date(2027, 1, 4)


def test_days_around_the_calendar_are_left_out():
    assert calendar(closed={date(2025, 12, 31): "Before", date(2027, 1, 1): "After"}) == calendar()


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"weekend": range(7)}, "has no business day from 2026-01-01 to 2026-12-31"),
        ({"first": SATURDAY, "last": SUNDAY}, "has no business day from 2026-03-07 to 2026-03-08"),
        (
            {"first": MONDAY, "last": FRIDAY},
            "would end on 2026-03-06, before its first day 2026-03-09",
        ),
    ],
)
def test_a_calendar_that_cannot_be_is_refused(values, sentence):
    with pytest.raises(CalendarError, match=sentence):
        calendar(**values)


@pytest.mark.parametrize(
    "values",
    [
        {"closed": {"2026-12-24": "Closure"}},
        {"closed": {datetime(2026, 12, 24, tzinfo=UTC): "Closure"}},
        {"closed": {date(2026, 12, 24): None}},
        {"worked": {20261224: "Rush"}},
        {"weekend": [True]},
        {"weekend": "56"},
        {"first": datetime(2026, 1, 1, tzinfo=UTC)},
        {"last": "2026-12-31"},
    ],
)
def test_a_calendar_of_wrong_types_is_refused(values):
    with pytest.raises(TypeError):
        calendar(**values)


@pytest.mark.parametrize("weekday", [-1, 7])
def test_a_weekend_day_beyond_the_week_is_refused(weekday):
    with pytest.raises(ValueError, match=rf"from 0 \(Monday\) to 6 \(Sunday\): {weekday}"):
        calendar(weekend={weekday})
