"""Where the days went by the ledger: the time in each status, and what the work waited for."""

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from typing import Any, NamedTuple

from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    Exists,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from workorders.models import Hold, LedgerEntry, MissedSLAReason, WorkOrder
from workorders.models.ledger import Event
from workorders.states import CAUSE_OF_REASON, CAUSE_OF_STATUS, OPEN, DelayReason, Status

DAY = dt.timedelta(days=1)
# the statuses in which time is counted
SPENT = [status for status in Status if status in OPEN or status == Status.COMPLETED]
UNSPECIFIED = "unsaid"  # the cause of a hold for which staff have named none
ENTERED = ("", Status.ASSIGNED)
ABOUT_HOLDS = frozenset(
    {Event.HELD, Event.RESUMED, Event.CANCELED, Event.COULD_NOT_COMPLETE, Event.UNDONE}
)
# the only entries that are read: those that may hold a change of status
STATUS_EVENTS = ABOUT_HOLDS | {
    Event.CREATED,
    Event.UPDATED,  # when parts turn out not to be needed
    Event.ACCEPTED,
    Event.PARTS_ORDERED,
    Event.STATUS_FOLLOWED,
    Event.COMPLETED,
    Event.SENT_BACK,
    Event.CLOSED,
    Event.REASSIGNED,
}
# With -pk instead, PostgreSQL scans the whole table backwards for each row.
_LAST_FIRST = F("pk") * -1


class StatusChange(NamedTuple):
    """A change of status: when, from what ("" when the work was entered), and to what."""

    at: dt.datetime
    old: str
    new: str


StatusChanges = dict[int, list[StatusChange]]  # of a work order's key


def cause_of(status: str, hold_cause: str, reason: str) -> str:
    """What work in this status waits for: a Cause, UNSPECIFIED, or empty for nothing.

    `hold_cause` is the cause of its last hold; `reason` is the last reason for delay if it missed
    its target, else empty.
    """
    if status == Status.ON_HOLD:
        return hold_cause or UNSPECIFIED
    if status == Status.IN_PROGRESS:
        return CAUSE_OF_REASON[DelayReason(reason)] if reason in DelayReason.values else ""
    return CAUSE_OF_STATUS.get(Status(status), "")


# --- For one work order
def status_entries() -> QuerySet[LedgerEntry]:
    """The entries that may hold a change of status, including the first one."""
    return LedgerEntry.objects.filter(event__in=STATUS_EVENTS, shipment=None, file=None).order_by()


def status_changes_of(work_orders: Iterable[WorkOrder]) -> StatusChanges:
    """The changes of status of each work order, in order; one query."""
    found: StatusChanges = {}
    rows = status_entries().filter(work_order__in=list(work_orders)).order_by("pk")
    for pk, event, at, changes in rows.values_list("work_order", "event", "at", "changes"):
        if values := ENTERED if event == Event.CREATED else changes.get("status"):
            found.setdefault(pk, []).append(StatusChange(at, *values))
    return found


def time_spent(changes: Iterable[StatusChange], now: dt.datetime) -> dict[str, dt.timedelta]:
    """The time in each status of SPENT, from the entry into the portal until now."""
    spent: dict[str, dt.timedelta] = {}
    for change, following in pairwise([*changes, StatusChange(now, "", "")]):
        spent[change.new] = spent.get(change.new, dt.timedelta()) + (following.at - change.at)
    return {status: spent[status] for status in SPENT if status in spent}


def time_waited(
    spent: dict[str, dt.timedelta], hold_cause: str, reason: str
) -> dict[str, dt.timedelta]:
    """The time from `time_spent`, by what the work waited for."""
    waited: dict[str, dt.timedelta] = {}
    for status, time in spent.items():
        if cause := cause_of(status, hold_cause, reason):
            waited[cause] = waited.get(cause, dt.timedelta()) + time
    return waited


# --- For many work orders
class Seconds(Func):
    """An instant as seconds since 1970."""

    output_field = BigIntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> Any:
        return self.as_sql(compiler, connection, template="UNIXEPOCH(%(expressions)s)")

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="FLOOR(EXTRACT(EPOCH FROM %(expressions)s))::bigint"
        )


class Moved(Func):
    """The old and new status of an entry as JSON text, else null."""

    output_field = TextField()

    def __init__(self) -> None:
        super().__init__(F("changes"))

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> Any:
        # KeyTextTransform would parse the JSON three times for each row
        return self.as_sql(
            compiler, connection, template="JSON_EXTRACT(%(expressions)s, '$.status')"
        )

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> Any:
        return self.as_sql(compiler, connection, template="(%(expressions)s ->> 'status')")


def _missed_for(of: str) -> Subquery:
    rows = MissedSLAReason.objects.filter(work_order=OuterRef(of), cycle=1, counts=True)
    return Subquery(rows.values("reason")[:1])


def _held_for(of: str) -> Subquery:
    holds = Hold.objects.filter(work_order=OuterRef(of)).order_by(_LAST_FIRST)
    return Subquery(holds.values("cause")[:1])


def _where(condition: Q, value: Subquery) -> Case:
    return Case(
        When(condition, then=Coalesce(value, Value(""))),
        default=Value(""),
        output_field=TextField(),
    )


IN_TIME = Q(outcome_on__lte=F("outcome_target_on"))


def was_in(*statuses: str) -> Q:
    """The condition of work orders that are or were in one of these statuses."""
    enters = Q(changes__status__1__in=statuses)
    if Status.ASSIGNED in statuses:
        enters |= Q(event=Event.CREATED)
    return Q(Exists(status_entries().filter(enters, work_order=OuterRef("pk"))))


def waiting_for(rows: QuerySet[Any], cause: str) -> QuerySet[Any]:
    """The rows for which `time_waited` has this cause."""
    statuses = [status for status, waits_for in CAUSE_OF_STATUS.items() if waits_for == cause]
    reasons = [reason for reason, waits_for in CAUSE_OF_REASON.items() if waits_for == cause]
    held = Q(was_in(Status.ON_HOLD), held_for="" if cause == UNSPECIFIED else cause)
    missed = Q(was_in(Status.IN_PROGRESS), ~IN_TIME, missed_for__in=reasons)
    waited = held | missed | was_in(*statuses) if statuses else held | missed
    found: QuerySet[Any] = rows.alias(
        held_for=_held_for("pk"), missed_for=_missed_for("pk")
    ).filter(waited)
    return found


def with_hold_cause(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Add `held_for`, the cause of the last hold."""
    found: QuerySet[Any] = rows.annotate(held_for=Coalesce(_held_for("pk"), Value("")))
    return found


class TimesInStatus(NamedTuple):
    """Seconds by status, and by what the work waited for."""

    spent: Counter[str]
    waited: Counter[str]


def times_in_status(rows: QuerySet[Any], now: dt.datetime) -> TimesInStatus:
    """The sums of `time_spent` and `time_waited` over these work orders, in one query.

    The time in a status is the time since each entry into it minus the time since each exit, so
    that no two rows have to be compared.
    """
    in_time = Q(work_order__outcome_on__lte=F("work_order__outcome_target_on"))
    entries = (
        status_entries()
        .filter(work_order__in=rows.order_by().values("pk"))
        .annotate(
            moved=Case(
                When(event=Event.CREATED, then=Value(json.dumps(ENTERED))),
                default=Moved(),
                output_field=TextField(),
            ),
            held_for=_where(Q(event__in=ABOUT_HOLDS), _held_for("work_order")),
            missed_for=_where(~in_time, _missed_for("work_order")),
        )
    )
    groups = entries.values_list("moved", "held_for", "missed_for").annotate(
        count=Count("pk"), at=Sum(Seconds("at"))
    )
    found = TimesInStatus(Counter(), Counter())
    for moved, held_for, missed_for, count, at in groups:
        old, new = json.loads(moved) if moved else ("", "")
        since = count * int(now.timestamp()) - at
        for status, seconds in ((old, -since), (new, since)):
            if status in SPENT:
                found.spent[status] += seconds
                if cause := cause_of(status, held_for, missed_for):
                    found.waited[cause] += seconds
    return found
