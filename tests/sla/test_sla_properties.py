"""What holds for every calendar, start, count and hold; the plain day-by-day walk below is the yardstick."""

from datetime import date, timedelta
from itertools import accumulate

from hypothesis import given, settings
from hypothesis import strategies as st

from sla import BusinessCalendar, ServiceLevel, compute_target

FIRST, LAST = date(2026, 1, 1), date(2028, 12, 31)
quick = settings(database=None, deadline=None, max_examples=100)

early = st.dates(FIRST, date(2026, 12, 31))
counts = st.integers(0, 30)
names = st.dictionaries(st.dates(FIRST, date(2027, 12, 31)), st.sampled_from(["Holiday", "Closure"]), max_size=60)
weekends = st.sets(st.integers(0, 6), max_size=5)
holds = st.lists(st.tuples(early, st.integers(0, 40)).map(lambda hold: (hold[0], hold[0] + timedelta(days=hold[1]))))


def build(closed, worked, weekend):
    return BusinessCalendar(closed=closed, worked=worked, weekend=weekend, first=FIRST, last=LAST)


calendars = st.builds(build, names, names, weekends)


def walk(calendar, start, count, held=()):
    """The rule as a person would follow it with a finger on a wall calendar."""

    def counts(day):
        return calendar.is_business_day(day) and not any(first <= day <= last for first, last in held)

    day = start
    if count == 0 and counts(day):
        return day
    for _ in range(count or 1):
        day += timedelta(days=1)
        while not counts(day):
            day += timedelta(days=1)
    return day


@quick
@given(calendars, early, counts)
def test_add_agrees_with_walking(calendar, start, count):
    assert calendar.add_business_days(start, count) == walk(calendar, start, count)


@quick
@given(calendars, early, st.integers(1, 30))
def test_add_is_later_and_a_business_day_and_as_many_as_promised(calendar, start, count):
    due_on = calendar.add_business_days(start, count)
    assert due_on > start
    assert calendar.is_business_day(due_on)
    assert calendar.business_days_between(start, due_on) == count
    assert calendar.business_days_between(due_on, start) == -count


@quick
@given(calendars, early, early, counts, counts)
def test_add_is_monotone(calendar, start, other, count, more):
    assert calendar.add_business_days(min(start, other), count) <= calendar.add_business_days(max(start, other), count)
    assert calendar.add_business_days(start, count) <= calendar.add_business_days(start, count + more)


@quick
@given(calendars, early, st.integers(1, 30), counts)
def test_add_can_be_done_in_two_parts(calendar, start, count, more):
    there = calendar.add_business_days(calendar.add_business_days(start, count), more)
    assert there == calendar.add_business_days(start, count + more)


@quick
@given(names, weekends, early, counts, st.dates(FIRST, LAST))
def test_a_closed_day_more_never_makes_it_earlier(closed, weekend, start, count, extra):
    before = build(closed, {}, weekend).add_business_days(start, count)
    assert build(closed | {extra: "Extra"}, {}, weekend).add_business_days(start, count) >= before


@quick
@given(calendars, early, early, early)
def test_between_adds_up(calendar, one, two, three):
    parts = calendar.business_days_between(one, two) + calendar.business_days_between(two, three)
    assert parts == calendar.business_days_between(one, three)


@quick
@given(calendars, early, counts, holds)
def test_target_agrees_with_walking(calendar, start, count, held):
    target = compute_target(ServiceLevel(count), calendar, start=start, holds=held)
    assert target.due_on == walk(calendar, start, count, held)


@quick
@given(calendars, early, counts, holds, early)
def test_target_with_an_open_hold_is_kept_or_out_of_reach(calendar, start, count, held, since):
    without = compute_target(ServiceLevel(count), calendar, start=start, holds=held)
    target = compute_target(ServiceLevel(count), calendar, start=start, holds=[(since, None), *held])
    if since > without.due_on:
        assert target == without
    else:
        assert target.due_on is None
        assert target.steps[-1].day == max(since, start + timedelta(days=1))
        assert target.steps[:-1] == without.steps[: len(target.steps) - 1]


@quick
@given(calendars, early, counts, holds, st.randoms())
def test_holds_commute_and_may_repeat(calendar, start, count, held, random):
    shuffled = random.sample(held + held, 2 * len(held))
    assert compute_target(ServiceLevel(count), calendar, start=start, holds=shuffled) == compute_target(
        ServiceLevel(count), calendar, start=start, holds=held
    )


@quick
@given(calendars, early, counts, holds, early)
def test_a_hold_more_never_makes_it_earlier(calendar, start, count, held, extra):
    before = compute_target(ServiceLevel(count), calendar, start=start, holds=held)
    after = compute_target(ServiceLevel(count), calendar, start=start, holds=[*held, (extra, extra)])
    assert after.due_on >= before.due_on


@quick
@given(calendars, early, counts, holds)
def test_steps_add_up(calendar, start, count, held):
    target = compute_target(ServiceLevel(count), calendar, start=start, holds=held)
    first, *between, last = target.steps
    assert (first.day, first.kind) == (start, "start")
    assert (last.day, last.kind) == (target.due_on, "target")
    days_after_start = [start + timedelta(days=n + 1) for n in range((target.due_on - start).days)]
    assert [step.day for step in between] == (days_after_start if count else days_after_start[:-1])
    for step in between:
        assert (step.kind == "skipped") == (calendar.closed_reason(step.day) is not None)
    counted = [step.reason for step in between if step.kind == "counted"]
    assert counted == [f"{n} of {count}" for n in accumulate([1] * count)]
