"""The names of what is kept in `Wait`, and the query that tells which of them a work order has."""

import datetime as dt
import functools
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import BigIntegerField, DateTimeField, Exists, F, OuterRef, Q

from portal.people.models import User
from portal.people.readers import any_reader, given_of
from portal.prepared import Given, GivenKeys, Prepared
from workorders.models.needs import NEEDS
from workorders.models.queries import LATE
from workorders.models.spans import Span
from workorders.models.thread import ThreadRead
from workorders.models.todos import TODOS, WaitRule, of_status
from workorders.models.waits import (
    LONG_AGO,
    MISSED,
    NEVER,
    Wait,
    WaitQuerySet,
    in_status,
    of_need,
    of_todo,
)
from workorders.models.work_orders import WorkOrder
from workorders.states import OPEN, Status

ONE_DAY = dt.timedelta(days=1)
TIMES = ("from_instant", "from_day", "after_day", "last_day")


WAIT_RULES = {
    MISSED: WaitRule(LATE),
    **{in_status(status): WaitRule([of_status(Status(status))]) for status in OPEN},
    **{of_todo(name): todo.rule for name, todo in TODOS.items()},
    **{of_need(name): need.rule for name, need in NEEDS.items()},
}
MESSAGES = [name for name, rule in WAIT_RULES.items() if rule.is_message]


def waits_for(user: User, now: dt.datetime | Given) -> WaitQuerySet:
    """What waits at this instant in work that the person may see, without messages they read."""
    is_read = Q(name__in=MESSAGES) & has_read(user, "work_order", "since")
    return Wait.objects.visible_to(user).at(now).filter(~is_read)


class Waiting(NamedTuple):
    """How many wait by a name, and since when the first of them does: LONG_AGO where that is not
    known, or where there are none.
    """

    number: int = 0
    since: dt.datetime = LONG_AGO


def waiting_by_name(user: User, now: dt.datetime, names: Iterable[str]) -> dict[str, Waiting]:
    """What waits for the person at this instant, by these names. The numbers are those of
    `waits_for(user, now).numbers(names)`, for the pages where they are counted each time.
    """
    waiting = dict.fromkeys(names, Waiting())
    if user.may_read:
        found = _numbers(user.role, tuple(waiting)).tuples(now=now, **given_of(user))
        waiting |= {name: Waiting(*counted) for name, *counted in found}
    return waiting


def numbers_waiting(user: User, now: dt.datetime, names: Iterable[str]) -> dict[str, int]:
    return {name: each.number for name, each in waiting_by_name(user, now, names).items()}


@functools.cache
def _numbers(role: str, names: tuple[str, ...]) -> Prepared[Wait]:
    return Prepared(
        Wait, lambda: waits_for(any_reader(role), Given("now", DateTimeField())).by_name(names)
    )


def has_read(user: User, work_order: str, since: str) -> Q:
    """Whether the person has read the messages up to this instant; both are columns."""
    read = ThreadRead.objects.filter(work_order=OuterRef(work_order), user=user.pk)
    return Q(Exists(read.filter(at__gte=OuterRef(since))))


class WaitValues(NamedTuple):
    """A row of `Wait` as it should be."""

    work_order: int
    name: str
    partner: int
    since: dt.datetime
    until: dt.datetime


def waits_of(row: WorkOrder, now: dt.datetime) -> Iterator[WaitValues]:
    """What a row of `WITH_WAITS_OF_ONE` or `WITH_WAITS_OF_MANY` waits for, now and later.

    Nothing has begun to wait after `now` but what the clock at the site brings.
    """
    found, zone = vars(row), ZoneInfo(vars(row)["zone"])
    for number, (name, rule) in enumerate(WAIT_RULES.items()):
        ends = [
            _ends(found, span, f"{number}_{of_name}", zone)
            for of_name, span in enumerate(rule.spans)
            if found[f"{number}_{of_name}"]
        ]
        held = [(since, until) for since, until in ends if since < until]
        if not held:
            continue
        since, until = min(held)
        if since == LONG_AGO and rule.since is not None:
            since = min(_instant(found[f"{number}_since"], zone) or LONG_AGO, now)
        yield WaitValues(row.pk, name, row.partner_id, since, until)


def _ends(
    found: dict[str, Any], span: Span, column: str, zone: ZoneInfo
) -> tuple[dt.datetime, dt.datetime]:
    """From when until when the span holds of a row of which its condition does."""
    if not span.is_timed:
        return LONG_AGO, NEVER
    at = {time: found.get(f"{column}_{time}") for time in TIMES}
    begins = at["from_instant"] or _begin(at["from_day"], zone) or _end(at["after_day"], zone)
    return begins or NEVER, _end(at["last_day"], zone) or NEVER


def _instant(at: dt.datetime | dt.date | None, zone: ZoneInfo) -> dt.datetime | None:
    return at if isinstance(at, dt.datetime) else _begin(at, zone)


def _begin(day: dt.date | None, zone: ZoneInfo) -> dt.datetime | None:
    """The first instant of a day there."""
    if day is None:
        return None
    return dt.datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(dt.UTC)


def _end(day: dt.date | None, zone: ZoneInfo) -> dt.datetime | None:
    """The first instant after it."""
    return _begin(day + ONE_DAY, zone) if day else None


def _with_waits() -> Any:
    """Work orders with a column for each span, whether its condition holds, and for each time."""
    columns: dict[str, Any] = {"zone": F("site__time_zone")}
    for number, rule in enumerate(WAIT_RULES.values()):
        if rule.since is not None:
            columns[f"{number}_since"] = rule.since
        for of_name, span in enumerate(rule.spans):
            columns[f"{number}_{of_name}"] = span.condition
            times = {f"{number}_{of_name}_{time}": getattr(span, time) for time in TIMES}
            columns |= {column: time for column, time in times.items() if time is not None}
    return WorkOrder.objects.only("pk", "partner").annotate(**columns)


WITH_WAITS_OF_ONE = Prepared(
    WorkOrder, lambda: _with_waits().filter(pk=Given("pk", BigIntegerField()))
)
WITH_WAITS_OF_MANY = Prepared(WorkOrder, lambda: _with_waits().filter(pk__in=GivenKeys("keys")))
