from datetime import UTC, date, datetime
from itertools import permutations

import pytest

from sla import CalendarError, ServiceLevel, Step, Target, compute_target
from tests.sla.march_2026 import (
    FRIDAY,
    MONDAY,
    SATURDAY,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    due_on,
    hold,
    lines,
)


def test_target_of_the_reference_example(plain):
    assert compute_target(ServiceLevel(business_days=1), plain, start=date(2026, 3, 1)) == Target(
        MONDAY,
        (
            Step(date(2026, 3, 1), "start", ""),
            Step(MONDAY, "counted", "1 of 1"),
            Step(MONDAY, "target", ""),
        ),
    )


def test_target_explains_holidays_weekends_and_holds(us):
    target = compute_target(
        ServiceLevel(3), us, start=date(2026, 7, 1), holds=[(date(2026, 7, 5), date(2026, 7, 7))]
    )
    assert lines(target) == [
        "Wed 01 start",
        "Thu 02 counted: 1 of 3",
        "Fri 03 skipped: Independence Day (observed)",
        "Sat 04 skipped: Independence Day",
        "Sun 05 skipped: Sunday",
        "Mon 06 held: on hold",
        "Tue 07 held: on hold",
        "Wed 08 counted: 2 of 3",
        "Thu 09 counted: 3 of 3",
        "Thu 09 target",
    ]


def test_target_of_no_days_is_the_start(plain):
    assert lines(compute_target(ServiceLevel(0), plain, start=MONDAY)) == [
        "Mon 02 start",
        "Mon 02 target",
    ]


def test_target_of_no_days_passes_over_a_weekend(plain):
    target = compute_target(ServiceLevel(0), plain, start=SATURDAY)
    assert lines(target) == ["Sat 07 start", "Sun 08 skipped: Sunday", "Mon 09 target"]


def test_target_of_no_days_passes_over_a_hold(plain):
    target = compute_target(ServiceLevel(0), plain, start=THURSDAY, holds=[hold(4, 6)])
    assert lines(target) == [
        "Thu 05 start",
        "Fri 06 held: on hold",
        "Sat 07 skipped: Saturday",
        "Sun 08 skipped: Sunday",
        "Mon 09 target",
    ]


def test_hold_moves_the_target_by_its_business_days_only(plain):
    assert due_on(plain, 1, THURSDAY) == FRIDAY
    assert due_on(plain, 1, THURSDAY, hold(6, 9)) == date(2026, 3, 10)


def test_hold_days_of_two_holds_add_up(plain):
    assert due_on(plain, 5, MONDAY) == date(2026, 3, 9)
    assert due_on(plain, 5, MONDAY, hold(3, 3), hold(5, 6)) == date(2026, 3, 12)


def test_hold_that_touches_the_target_moves_it(plain):
    assert due_on(plain, 2, MONDAY, hold(4, 4)) == THURSDAY


@pytest.mark.parametrize(
    "hold", [hold(5, 9), hold(5, None), (date(2030, 1, 1), None), (date(2026, 3, 5), date.max)]
)
def test_hold_after_the_target_changes_nothing(plain, hold):
    assert compute_target(ServiceLevel(2), plain, start=MONDAY, holds=[hold]) == compute_target(
        ServiceLevel(2), plain, start=MONDAY
    )


@pytest.mark.parametrize("hold", [hold(1, 1), hold(1, 2), hold(2, 2), (date.min, date(2026, 3, 2))])
def test_hold_up_to_the_start_changes_nothing(plain, hold):
    assert compute_target(ServiceLevel(2), plain, start=MONDAY, holds=[hold]) == compute_target(
        ServiceLevel(2), plain, start=MONDAY
    )


def test_hold_reached_only_because_of_another_moves_the_target_too(plain):
    assert due_on(plain, 1, MONDAY, hold(4, 5)) == TUESDAY
    assert due_on(plain, 1, MONDAY, hold(3, 3), hold(4, 5)) == FRIDAY


def test_holds_that_overlap_or_repeat_count_once(plain):
    once = compute_target(ServiceLevel(3), plain, start=MONDAY, holds=[hold(3, 6)])
    for holds in permutations([hold(3, 5), hold(4, 6), hold(5, 5), hold(4, 6)]):
        assert compute_target(ServiceLevel(3), plain, start=MONDAY, holds=holds) == once


def test_holds_may_come_from_an_iterator(plain):
    target = compute_target(ServiceLevel(1), plain, start=MONDAY, holds=iter([hold(3, 3)]))
    assert target.due_on == WEDNESDAY


def test_open_hold_in_the_way_leaves_no_target(plain):
    target = compute_target(ServiceLevel(2), plain, start=MONDAY, holds=[hold(4, None)])
    assert target.due_on is None
    assert lines(target) == [
        "Mon 02 start",
        "Tue 03 counted: 1 of 2",
        "Wed 04 held: on hold, no end yet",
    ]


@pytest.mark.parametrize("count", [0, 1, 5])
def test_open_hold_from_before_the_start_leaves_no_target(plain, count):
    target = compute_target(
        ServiceLevel(count), plain, start=WEDNESDAY, holds=[hold(3, None), hold(5, None)]
    )
    assert target.due_on is None
    assert lines(target) == ["Wed 04 start", "Thu 05 held: on hold, no end yet"]


def test_open_hold_behind_a_closed_one_leaves_no_target(plain):
    target = compute_target(
        ServiceLevel(1), plain, start=MONDAY, holds=[hold(5, None), hold(3, 20)]
    )
    assert target.due_on is None
    assert lines(target) == [
        "Mon 02 start",
        "Tue 03 held: on hold",
        "Wed 04 held: on hold",
        "Thu 05 held: on hold, no end yet",
    ]


def test_open_hold_leaves_no_target_even_at_the_end_of_the_calendar(plain):
    assert due_on(plain, 5, date(2027, 12, 30), (date(2027, 12, 30), None)) is None


@pytest.mark.parametrize(
    ("start", "holds"),
    [
        (date(2025, 12, 31), []),
        (date(2025, 12, 31), [(date(2025, 12, 30), None)]),
        (date(2027, 12, 31), []),
        (date(2027, 12, 1), [(date(2027, 12, 2), date(2027, 12, 31))]),
        (date(2027, 12, 1), [(date(2027, 12, 2), date(2030, 1, 1))]),
        (date(2027, 12, 1), [(date(2027, 12, 2), date.max)]),
        (date(2027, 12, 31), [(date(2028, 1, 1), None)]),
    ],
)
def test_target_outside_the_calendar_is_refused(plain, start, holds):
    with pytest.raises(CalendarError, match="2027-12-31"):
        compute_target(ServiceLevel(1), plain, start=start, holds=holds)


def test_target_after_a_long_hold_has_a_step_for_each_day(plain):
    target = compute_target(
        ServiceLevel(1),
        plain,
        start=date(2026, 1, 1),
        holds=[(date(2026, 1, 2), date(2027, 12, 1))],
    )
    assert target.due_on == date(2027, 12, 2)
    assert len(target.steps) == 1 + 700 + 1


@pytest.mark.parametrize("wrong", [datetime(2026, 3, 2, tzinfo=UTC), "2026-03-02", 20260302])
def test_target_takes_dates_only(plain, wrong):
    for start, holds in [
        (wrong, []),
        (MONDAY, [(wrong, None)]),
        (MONDAY, [(date(2026, 3, 1), wrong)]),
    ]:
        with pytest.raises(TypeError, match="must be a date"):
            compute_target(ServiceLevel(1), plain, start=start, holds=holds)


def test_target_without_a_start_is_refused(plain):
    with pytest.raises(TypeError, match="must be a date, not None"):
        compute_target(ServiceLevel(1), plain, start=None)


def test_hold_that_ends_before_it_begins_is_refused(plain):
    with pytest.raises(
        ValueError, match="the hold from 2026-03-05 ends before it begins, on 2026-03-04"
    ):
        compute_target(ServiceLevel(1), plain, start=MONDAY, holds=[hold(5, 4)])


@pytest.mark.parametrize("wrong", [1, 0, None, "yes"])
def test_service_level_takes_yes_or_no_only(wrong):
    with pytest.raises(TypeError, match="from_next_business_day must be True or False"):
        ServiceLevel(1, from_next_business_day=wrong)


@pytest.mark.parametrize(
    ("count", "error"), [(-1, ValueError), (True, TypeError), ("1", TypeError), (1.0, TypeError)]
)
def test_service_level_takes_whole_numbers_only(count, error):
    with pytest.raises(error, match="business_days must"):
        ServiceLevel(business_days=count)
