"""Computes a Target SLA: the date, and every day that led to it."""

from __future__ import annotations

from datetime import date, timedelta

from sla.calendars import BusinessCalendar
from sla.values import Value, each_day, require_count, require_date

TYPE_CHECKING = False  # as typing.TYPE_CHECKING, which is too slow to import
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Literal, TypeAlias

    Hold: TypeAlias = tuple[date, date | None]
    Kind: TypeAlias = Literal["start", "skipped", "counted", "held", "target"]

ONE_DAY = timedelta(days=1)


class ServiceLevel(Value):
    """What an entitlement promises: a target this many business days after the start day.

    `from_next_business_day` decides where counting starts when the start day is closed or held.
    False: on that day itself, so Saturday + 1 is Monday (docs/rules.md, rule 1). True: on the next
    business day that is not held, so Saturday + 1 is Tuesday.

    Raises TypeError when `business_days` is not an int or `from_next_business_day` not a bool,
    ValueError when `business_days` is negative.
    """

    __slots__ = ("business_days", "from_next_business_day")

    business_days: int
    from_next_business_day: bool

    def __init__(self, business_days: int, from_next_business_day: bool = False) -> None:
        require_count(business_days, "business_days")
        if not isinstance(from_next_business_day, bool):
            raise TypeError(
                f"from_next_business_day must be True or False, not {from_next_business_day!r}"
            )
        self._fill(business_days=business_days, from_next_business_day=from_next_business_day)


class Step(Value):
    """One line of the sum.

    `reason` says why the day is skipped or held, or which of the counted days it is; on a second
    start, why counting begins there.
    """

    __slots__ = ("day", "kind", "reason")

    day: date
    kind: Kind
    reason: str

    def __init__(self, day: date, kind: Kind, reason: str) -> None:
        self._fill(day=day, kind=kind, reason=reason)


class Target(Value):
    """The last day in time, `due_on`, and the sum behind it, `steps`.

    `due_on` is None while an open hold keeps it out of reach.
    """

    __slots__ = ("due_on", "steps")

    due_on: date | None
    steps: tuple[Step, ...]

    def __init__(self, due_on: date | None, steps: tuple[Step, ...]) -> None:
        self._fill(due_on=due_on, steps=steps)


def compute_target(
    level: ServiceLevel, calendar: BusinessCalendar, *, start: date, holds: Iterable[Hold] = ()
) -> Target:
    """The target, counted strictly after start without held days (docs/rules.md, rules 1, 5 and 8).

    `holds` are pairs of first and last day, both included, in any order; the last day is None while
    the hold is open. The steps are the start, then each day after it once (skipped, held or
    counted), then the target. With no business days to count, the start itself is the target unless
    it is closed or held. When an open hold is in the way, the sum ends with its first day after
    start. A start that the level moves to the next business day has a second start step on that
    day, between the days passed over to get there and those counted from there.

    Raises CalendarError when start or the target is outside the calendar, TypeError for anything
    but dates, ValueError for a hold that ends before it begins.
    """
    spans = _sorted_holds(holds)
    if level.from_next_business_day and level.business_days:
        return _sum_from_next_business_day(calendar, start, level.business_days, spans)
    return _sum(calendar, start, level.business_days, spans)


def _sum_from_next_business_day(
    calendar: BusinessCalendar, start: date, count: int, spans: list[Hold]
) -> Target:
    """Two sums in a row: from start to the day that it counts as, then `count` days from there."""
    way = _sum(calendar, start, 0, spans)
    if way.due_on is None:
        return way
    rest = _sum(calendar, way.due_on, count, spans)
    if way.due_on == start:
        return rest
    turn = Step(way.due_on, "start", "counted from here: the next business day")
    return Target(rest.due_on, (*way.steps[:-1], turn, *rest.steps[1:]))


def _sum(calendar: BusinessCalendar, start: date, count: int, spans: list[Hold]) -> Target:
    due_on = _due_on(calendar, start, count, spans)
    end = _last_step(due_on, start, spans)
    between = _steps_between(calendar, start, end, count, spans)
    return Target(due_on, (Step(start, "start", ""), *between, end))


def _sorted_holds(holds: Iterable[Hold]) -> list[Hold]:
    spans = list(holds)
    for first, last in spans:
        require_date(first, "the first day of a hold")
        if last is None:
            continue
        require_date(last, "the last day of a hold")
        if last < first:
            raise ValueError(f"the hold from {first} ends before it begins, on {last}")
    return sorted(spans, key=lambda span: span[0])


def _due_on(calendar: BusinessCalendar, start: date, count: int, spans: list[Hold]) -> date | None:
    """The target, found from hold to hold until the free days before the next one are enough."""
    if calendar.is_business_day(start) and count == 0 and not _is_held(start, spans):
        return start
    missing = count or 1  # the next business day after a closed or held start, as for 1
    reached = start
    for first, last in spans:
        if first > calendar.last:
            break
        free = calendar.business_days_between(reached, first - ONE_DAY) if first > reached else 0
        if free >= missing:
            break
        if last is None:
            return None
        missing -= free
        reached = max(reached, last)
    return calendar.add_business_days(reached, missing)


def _is_held(day: date, spans: list[Hold]) -> bool:
    return any(first <= day and (last is None or day <= last) for first, last in spans)


def _last_step(due_on: date | None, start: date, spans: list[Hold]) -> Step:
    if due_on is not None:
        return Step(due_on, "target", "")
    since = min(first for first, last in spans if last is None)
    return Step(max(since, start + ONE_DAY), "held", "on hold, no end yet")


def _steps_between(
    calendar: BusinessCalendar, start: date, end: Step, wanted: int, spans: list[Hold]
) -> Iterator[Step]:
    """A step for each day after start, up to the target or to the day before the open hold."""
    counted = 0
    _, *days = each_day(start, end.day if end.kind == "target" else end.day - ONE_DAY)
    for day in days:
        reason = calendar.closed_reason(day)
        if reason is not None:
            yield Step(day, "skipped", reason)
        elif _is_held(day, spans):
            yield Step(day, "held", "on hold")
        elif wanted:
            counted += 1
            yield Step(day, "counted", f"{counted} of {wanted}")
