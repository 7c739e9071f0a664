"""The lists behind the figures of the scorecard: their order, their pages, and what stands in them."""

import datetime as dt
from typing import Any

from django.db.models import Q

from workorders import scoring
from workorders.models import WorkOrder
from workorders.scoring import Rows


def cursor(row: Any) -> str:
    return f"{row.scored_on.isoformat()}~{row.number}"


def following(rows: Rows, after: str) -> Rows:
    """Scored rows behind a cursor, in the order of the list. Raises ValueError for a cursor of nobody."""
    on, mark, number = after.partition("~")
    if not mark or not number or "\0" in after:
        raise ValueError("not a cursor")
    day = dt.date.fromisoformat(on)
    return rows.filter(Q(scored_on__gt=day) | Q(scored_on=day, number__gt=number))


def page(rows: Rows, size: int) -> Rows:
    """The first scored rows in the order of the list, with what it says of them: keys are sorted, not whole rows."""
    keys = rows.order_by("scored_on", "number").values("pk")[:size]
    return for_list(scoring.with_score(WorkOrder.objects.filter(pk__in=keys)))


def for_list(rows: Rows) -> Rows:
    """Scored rows in order, with what the list and its CSV say of them."""
    facts = ("site__account", "territory", "entitlement", "partner")
    return scoring.with_reason(rows).select_related(*facts).order_by("scored_on", "number")
