"""What holds for every calendar, start, level and hold; the plain day-by-day walk below is the
yardstick.
"""

from datetime import date, timedelta
from itertools import islice

from hypothesis import given, settings
from hypothesis import strategies as st

from sla import BusinessCalendar, ServiceLevel, compute_target

FIRST, LAST = date(2026, 1, 1), date(2028, 12, 31)
ONE_DAY = timedelta(days=1)
quick = settings(database=None, deadline=None)

early = st.dates(FIRST, date(2026, 12, 31))
counts = st.integers(0, 30)
some = st.integers(1, 30)
levels = st.builds(ServiceLevel, counts, st.booleans())
names = st.dictionaries(
    st.dates(FIRST, date(2027, 12, 31)), st.sampled_from(["Holiday", "Closure"]), max_size=60
)
weekends = st.sets(st.integers(0, 6), max_size=5)
makings = st.tuples(names, names, weekends)
spans = st.tuples(early, st.integers(0, 40)).map(
    lambda span: (span[0], span[0] + timedelta(days=span[1]))
)
holds = st.lists(spans, max_size=6)
open_holds = st.lists(st.tuples(early, st.none()), max_size=1)


def build(closed, worked, weekend):
    return BusinessCalendar(closed=closed, worked=worked, weekend=weekend, first=FIRST, last=LAST)


calendars = makings.map(lambda making: build(*making))


def is_held(day, held):
    return any(first <= day <= (last or LAST) for first, last in held)


def walking_reference(making, level, start, held=()):
    """The rule as a person would follow it with a finger on a wall calendar; None when an open hold
    is in the way.
    """

    def free_days(day):
        while day <= LAST:
            if (day in worked or not (day in closed or day.weekday() in weekend)) and not is_held(
                day, held
            ):
                yield day
            day += ONE_DAY

    closed, worked, weekend = making
    if level.business_days == 0 or level.from_next_business_day:
        return next(islice(free_days(start), level.business_days, None), None)
    return next(islice(free_days(start + ONE_DAY), level.business_days - 1, None), None)


@quick
@given(makings, early, counts)
def test_add_agrees_with_walking(making, start, count):
    assert build(*making).add_business_days(start, count) == walking_reference(
        making, ServiceLevel(count), start
    )


@quick
@given(calendars, early, some)
def test_add_is_later_and_a_business_day_and_as_many_as_promised(calendar, start, count):
    due_on = calendar.add_business_days(start, count)
    assert due_on > start
    assert calendar.is_business_day(due_on)
    assert calendar.business_days_between(start, due_on) == count
    assert calendar.business_days_between(due_on, start) == -count


@quick
@given(calendars, early, early, counts, counts)
def test_add_is_monotone(calendar, start, other, count, more):
    assert calendar.add_business_days(min(start, other), count) <= calendar.add_business_days(
        max(start, other), count
    )
    assert calendar.add_business_days(start, count) <= calendar.add_business_days(
        start, count + more
    )


@quick
@given(calendars, early, some, counts)
def test_add_can_be_done_in_two_parts(calendar, start, count, more):
    there = calendar.add_business_days(calendar.add_business_days(start, count), more)
    assert there == calendar.add_business_days(start, count + more)


@quick
@given(makings, early, counts, st.dates(FIRST, LAST))
def test_a_closed_day_more_never_makes_an_answer_earlier(making, start, count, extra):
    assert with_closed(making, extra).add_business_days(start, count) >= build(
        *making
    ).add_business_days(start, count)


def with_closed(making, extra):
    closed, worked, weekend = making
    return build(
        closed | {extra: "Extra"}, {day: worked[day] for day in worked if day != extra}, weekend
    )


@quick
@given(calendars, early, early, early)
def test_between_adds_up(calendar, one, two, three):
    parts = calendar.business_days_between(one, two) + calendar.business_days_between(two, three)
    assert parts == calendar.business_days_between(one, three)


@quick
@given(makings, levels, early, holds, open_holds)
def test_target_agrees_with_walking(making, level, start, held, open_held):
    target = compute_target(level, build(*making), start=start, holds=held + open_held)
    assert target.due_on == walking_reference(making, level, start, held + open_held)


@quick
@given(calendars, levels, early, early, counts, holds)
def test_target_is_monotone(calendar, level, start, other, more, held):
    longer = ServiceLevel(level.business_days + more, level.from_next_business_day)
    one, two = (
        compute_target(level, calendar, start=day, holds=held) for day in sorted([start, other])
    )
    assert one.due_on <= two.due_on
    assert (
        compute_target(longer, calendar, start=min(start, other), holds=held).due_on >= one.due_on
    )


@quick
@given(makings, levels, early, holds, early)
def test_a_closed_day_more_never_makes_a_target_earlier(making, level, start, held, extra):
    before = compute_target(level, build(*making), start=start, holds=held)
    assert (
        compute_target(level, with_closed(making, extra), start=start, holds=held).due_on
        >= before.due_on
    )


@quick
@given(calendars, some, early, holds)
def test_a_start_that_counts_as_the_next_business_day_never_makes_it_earlier(
    calendar, count, start, held
):
    plain, rolled = (
        compute_target(ServiceLevel(count, to), calendar, start=start, holds=held)
        for to in (False, True)
    )
    if why_passed_over(start, calendar, held) is None:
        assert rolled == plain
    else:
        assert rolled.due_on > plain.due_on


@quick
@given(calendars, levels, early, holds, early)
def test_target_with_an_open_hold_is_kept_or_out_of_reach(calendar, level, start, held, since):
    without = compute_target(level, calendar, start=start, holds=held)
    target = compute_target(level, calendar, start=start, holds=[(since, None), *held])
    if since > without.due_on:
        assert target == without
    else:
        assert target.due_on is None
        assert target.steps[-1].day == max(since, start + ONE_DAY)
        assert target.steps[:-1] == without.steps[: len(target.steps) - 1]


@quick
@given(calendars, levels, early, holds, st.randoms())
def test_holds_commute_and_may_repeat(calendar, level, start, held, random):
    shuffled = random.sample(held + held, 2 * len(held))
    assert compute_target(level, calendar, start=start, holds=shuffled) == compute_target(
        level, calendar, start=start, holds=held
    )


@quick
@given(calendars, levels, early, holds)
def test_holds_that_overlap_or_touch_are_the_same_as_one(calendar, level, start, held):
    assert compute_target(level, calendar, start=start, holds=merged(held)) == compute_target(
        level, calendar, start=start, holds=held
    )


def merged(held):
    days = sorted(
        {first + timedelta(days=n) for first, last in held for n in range((last - first).days + 1)}
    )
    firsts = [day for day in days if day - ONE_DAY not in days]
    lasts = [day for day in days if day + ONE_DAY not in days]
    return list(zip(firsts, lasts, strict=True))


@quick
@given(calendars, levels, early, holds, spans, st.integers(0, 40))
def test_a_hold_is_the_same_as_its_two_parts(calendar, level, start, held, whole, length):
    first, last = whole[0], whole[1] + ONE_DAY
    middle = min(first + timedelta(days=length), last - ONE_DAY)
    assert compute_target(
        level, calendar, start=start, holds=[*held, (first, middle), (middle + ONE_DAY, last)]
    ) == compute_target(level, calendar, start=start, holds=[*held, (first, last)])


@quick
@given(makings, levels, early, holds, spans)
def test_a_hold_on_closed_days_changes_nothing(making, level, start, held, closure):
    first, last = closure
    shut = {first + timedelta(days=n): "Shutdown" for n in range((last - first).days + 1)}
    closed, worked, weekend = making
    calendar = build(
        closed | shut, {day: worked[day] for day in worked.keys() - shut.keys()}, weekend
    )
    assert compute_target(level, calendar, start=start, holds=[*held, closure]) == compute_target(
        level, calendar, start=start, holds=held
    )


@quick
@given(
    calendars, levels, early, holds, st.integers(1, 400), st.one_of(st.none(), st.integers(0, 40))
)
def test_a_hold_after_the_target_changes_nothing(calendar, level, start, held, later, length):
    target = compute_target(level, calendar, start=start, holds=held)
    first = target.due_on + timedelta(days=later)
    last = None if length is None else first + timedelta(days=length)
    assert compute_target(level, calendar, start=start, holds=[*held, (first, last)]) == target


@quick
@given(calendars, levels, early, holds, early)
def test_a_hold_more_never_makes_it_earlier(calendar, level, start, held, extra):
    before = compute_target(level, calendar, start=start, holds=held)
    after = compute_target(level, calendar, start=start, holds=[*held, (extra, extra)])
    assert after.due_on >= before.due_on


@quick
@given(calendars, levels, early, holds)
def test_steps_add_up(calendar, level, start, held):
    count = level.business_days
    target = compute_target(level, calendar, start=start, holds=held)
    first, *between, last = target.steps
    assert (first.day, first.kind, first.reason) == (start, "start", "")
    assert (last.day, last.kind, last.reason) == (target.due_on, "target", "")
    days_after_start = [start + timedelta(days=n + 1) for n in range((target.due_on - start).days)]
    assert [step.day for step in between] == (days_after_start if count else days_after_start[:-1])
    passed_over = [
        (step.kind, step.reason) if step.kind in ("skipped", "held") else None for step in between
    ]
    assert passed_over == [why_passed_over(step.day, calendar, held) for step in between]
    is_moved = (
        count > 0
        and level.from_next_business_day
        and why_passed_over(start, calendar, held) is not None
    )
    others = [(step.kind, step.reason) for step in between if step.kind not in ("skipped", "held")]
    assert others == [("start", "counted from here: the next business day")] * is_moved + [
        ("counted", f"{n + 1} of {count}") for n in range(count)
    ]


def why_passed_over(day, calendar, held):
    """The kind and reason of a day that is not counted; None for a business day in no hold."""
    if not calendar.is_business_day(day):
        return "skipped", calendar.closed_reason(day)
    return ("held", "on hold") if is_held(day, held) else None
