"""The lists behind the scorecard's figures: their order, pages and rows."""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any

from workorders import keyset
from workorders.keyset import Key, Keyset
from workorders.models import WorkOrder
from workorders.models.queries import BY_NUMBER
from workorders.scorecard import declines, scope
from workorders.scorecard.scope import Rows, ScorecardQuery
from workorders.scorecard.time_in_status import (
    DAY,
    status_changes_of,
    time_spent,
    time_waited,
    with_hold_cause,
)

OF_DECLINES = "declined:"  # begins their cursors
BY_DAY = Keyset(Key("scored_on", keyset.day), BY_NUMBER)  # the order of scored rows


def page(rows: Rows, declined: Rows, after: str, size: int) -> tuple[list[Any], str]:
    """The scored rows after a cursor, at most `size`, then the declines; and the next cursor, empty
    at the end. Any other text than a cursor begins with the first.
    """
    found: list[Any] = []
    if not after.startswith(OF_DECLINES):
        found = list(_page(rows, after, size + 1))
        after = ""
    if len(found) > size:
        return BY_DAY.cut(found, size)
    found += declines.page(declined, after.removeprefix(OF_DECLINES), size + 1 - len(found))
    if len(found) <= size:
        return found, ""
    last = getattr(found[size - 1], "decline", None)
    return found[:size], OF_DECLINES + (declines.BY_DAY.cursor(last) if last else "")


def _page(rows: Rows, after: str, size: int) -> Rows:
    """Sorted by key alone, which is faster than whole rows."""
    with suppress(ValueError):
        rows = rows.filter(BY_DAY.behind(after)) if after else rows
    return _for_list(_keys(rows)[:size])


def chunks(rows: Rows, size: int) -> Iterator[list[Any]]:
    """All rows, in chunks of `size`. Only the query for their keys takes longer for more rows."""
    keys = _keys(rows).values_list("pk", flat=True).iterator(chunk_size=size)
    while chunk := list(islice(keys, size)):
        yield list(_for_list(chunk))


def _keys(rows: Rows) -> Rows:
    return rows.order_by(*BY_DAY.order()).values("pk")


def _for_list(keys: Any) -> Rows:
    """The rows in order, with what the list and its CSV file show."""
    rows = scope.with_reason(scope.with_score(WorkOrder.objects.filter(pk__in=keys)))
    facts = ("site__account", "territory", "entitlement", "partner")
    return with_hold_cause(rows).select_related(*facts).order_by(*BY_DAY.order())


def days(rows: Sequence[Any], query: ScorecardQuery, now: dt.datetime) -> dict[int, float]:
    """The days of each row by key, for a list by status or cause; one query."""
    changes = status_changes_of(rows) if query.spent or query.waited else {}
    return {
        row.pk: _days(row, time_spent(changes[row.pk], now), query) / DAY
        for row in rows
        if row.pk in changes
    }


def _days(row: Any, spent: dict[str, dt.timedelta], query: ScorecardQuery) -> dt.timedelta:
    times = time_waited(spent, row.held_for, row.reason) if query.waited else spent
    return times.get(query.waited or query.spent, dt.timedelta())
