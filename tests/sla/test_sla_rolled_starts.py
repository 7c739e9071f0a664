from datetime import date

import pytest

from sla import CalendarError, ServiceLevel, compute_target
from tests.sla.march_2026 import FRIDAY, MONDAY, SATURDAY, SUNDAY, THURSDAY, hold, lines


def rolled(count):
    return ServiceLevel(count, from_next_business_day=True)


def due_both(calendar, count, start, *holds):
    """The target without and with a start that counts as the next business day."""
    levels = (ServiceLevel(count, from_next_business_day=False), rolled(count))
    return tuple(
        compute_target(level, calendar, start=start, holds=holds).due_on for level in levels
    )


def test_start_is_not_rolled_forward_unless_the_level_says_so():
    assert ServiceLevel(1) == ServiceLevel(1, from_next_business_day=False)
    assert ServiceLevel(1) != rolled(1)


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (FRIDAY, (date(2026, 3, 9), date(2026, 3, 9))),
        (SATURDAY, (date(2026, 3, 9), date(2026, 3, 10))),
        (SUNDAY, (date(2026, 3, 9), date(2026, 3, 10))),
    ],
)
def test_rolled_start_moves_the_target_from_a_weekend_only(plain, start, expected):
    assert due_both(plain, 1, start) == expected


@pytest.mark.parametrize("start", [SATURDAY, SUNDAY])
@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (5, (date(2026, 3, 13), date(2026, 3, 16))),
        (10, (date(2026, 3, 20), date(2026, 3, 23))),
        (15, (date(2026, 3, 27), date(2026, 3, 30))),
        (20, (date(2026, 4, 3), date(2026, 4, 6))),
    ],
)
def test_rolled_start_of_whole_weeks_from_a_weekend(us, start, count, expected):
    assert due_both(us, count, start) == expected


@pytest.mark.parametrize("day", [3, 4, 5])  # Independence Day observed, Independence Day, Sunday
@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (1, (date(2026, 7, 6), date(2026, 7, 7))),
        (5, (date(2026, 7, 10), date(2026, 7, 13))),
        (10, (date(2026, 7, 17), date(2026, 7, 20))),
        (15, (date(2026, 7, 24), date(2026, 7, 27))),
        (20, (date(2026, 7, 31), date(2026, 8, 3))),
    ],
)
def test_rolled_start_of_whole_weeks_from_a_holiday(us, day, count, expected):
    assert due_both(us, count, date(2026, 7, day)) == expected


@pytest.mark.parametrize("start", [THURSDAY, SATURDAY])
@pytest.mark.parametrize("holds", [[], [hold(4, 6)], [hold(9, 10)], [hold(9, None)]])
def test_rolled_start_of_no_days_is_nothing_new(plain, start, holds):
    assert compute_target(rolled(0), plain, start=start, holds=holds) == compute_target(
        ServiceLevel(0), plain, start=start, holds=holds
    )


@pytest.mark.parametrize("holds", [[], [hold(3, 4)], [hold(9, None)], [hold(3, None)]])
def test_rolled_start_on_a_free_business_day_is_nothing_new(plain, holds):
    assert compute_target(rolled(3), plain, start=MONDAY, holds=holds) == compute_target(
        ServiceLevel(3), plain, start=MONDAY, holds=holds
    )


def test_rolled_start_is_explained(us):
    assert lines(
        compute_target(
            rolled(2), us, start=date(2026, 7, 3), holds=[(date(2026, 7, 7), date(2026, 7, 7))]
        )
    ) == [
        "Fri 03 start",
        "Sat 04 skipped: Independence Day",
        "Sun 05 skipped: Sunday",
        "Mon 06 start: counted from here: the next business day",
        "Tue 07 held: on hold",
        "Wed 08 counted: 1 of 2",
        "Thu 09 counted: 2 of 2",
        "Thu 09 target",
    ]


def test_rolled_start_passes_over_a_hold(plain):
    assert due_both(plain, 1, THURSDAY, hold(5, 6)) == (date(2026, 3, 9), date(2026, 3, 10))
    assert lines(compute_target(rolled(1), plain, start=THURSDAY, holds=[hold(5, 6)])) == [
        "Thu 05 start",
        "Fri 06 held: on hold",
        "Sat 07 skipped: Saturday",
        "Sun 08 skipped: Sunday",
        "Mon 09 start: counted from here: the next business day",
        "Tue 10 counted: 1 of 1",
        "Tue 10 target",
    ]


def test_rolled_start_behind_an_open_hold_leaves_no_target(plain):
    target = compute_target(rolled(1), plain, start=SATURDAY, holds=[hold(9, None)])
    assert target.due_on is None
    assert lines(target) == [
        "Sat 07 start",
        "Sun 08 skipped: Sunday",
        "Mon 09 held: on hold, no end yet",
    ]


def test_open_hold_behind_a_rolled_start_leaves_no_target(plain):
    assert due_both(plain, 1, SATURDAY, hold(10, None)) == (date(2026, 3, 9), None)
    assert lines(compute_target(rolled(1), plain, start=SATURDAY, holds=[hold(10, None)])) == [
        "Sat 07 start",
        "Sun 08 skipped: Sunday",
        "Mon 09 start: counted from here: the next business day",
        "Tue 10 held: on hold, no end yet",
    ]


@pytest.mark.parametrize("start", [date(2025, 12, 31), date(2027, 12, 30), date(2028, 1, 1)])
def test_rolled_start_outside_the_calendar_is_refused(plain, start):
    with pytest.raises(CalendarError, match="2027-12-31"):
        compute_target(
            rolled(1), plain, start=start, holds=[(date(2027, 12, 30), date(2027, 12, 31))]
        )
