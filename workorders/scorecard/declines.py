"""Late declines of work that another partner got since: each counts for the partner who declined
(docs/rules.md, rule 6), with the columns that scored work orders have.
"""

from collections.abc import Iterator
from contextlib import suppress
from copy import copy
from itertools import islice
from typing import Any

from django.db.models import BooleanField, Case, F, OuterRef, Q, Subquery, TextField, Value, When
from django.db.models.functions import Coalesce

from workorders import keyset
from workorders.keyset import Key, Keyset
from workorders.models import Verdict
from workorders.scorecard.scope import (
    BREAKDOWNS,
    EXCUSED,
    FIGURES,
    MISSED,
    NO_REASON,
    ONE_MONTH,
    Rows,
    ScorecardQuery,
)
from workorders.states import Status, VerdictKind

BY_DAY = Keyset(Key("scored_on", keyset.day), Key("pk", keyset.number))
FACTS = ("partner", "work_order__site__account", "work_order__territory", "work_order__entitlement")


def scored_declines(assignments: Rows) -> Rows:
    """Past assignments that ended with a late decline, each with its score."""
    last = Verdict.objects.filter(missed_sla=OuterRef("missed_sla")).order_by("-pk")
    is_excused = Q(verdict=VerdictKind.EXCUSED)
    rows: Rows = assignments.filter(outcome_target_on__isnull=False).annotate(
        verdict=Coalesce(Subquery(last.values("kind")[:1]), Value("")),
        reason=Coalesce("missed_sla__reason", Value(NO_REASON)),
        scored_on=F("outcome_target_on"),
        days_late=F("outcome_days_late"),
        in_vain=Value(False),
    )
    found: Rows = rows.annotate(
        has_excuse=Case(
            When(is_excused, then=Value(True)), default=Value(False), output_field=BooleanField()
        ),
        came_out=Case(
            When(is_excused, then=Value(EXCUSED)),
            default=Value(MISSED),
            output_field=TextField(),
        ),
    )
    return found


def path_of(name: str) -> str:
    """Where a breakdown's value stands; the partner is the one who declined."""
    path = BREAKDOWNS[name][1]
    return path if name == "partner" else f"work_order__{path}"


def within(query: ScorecardQuery, rows: Rows) -> Rows:
    """The declines that these filters select; no days are counted for them, and no visits."""
    if query.spent or query.waited or query.figure == "nobody":
        return rows.none()
    chosen = {path_of(name): getattr(query, name) for name in BREAKDOWNS if getattr(query, name)}
    months = {"scored_on__gte": query.first, "scored_on__lt": query.last + ONE_MONTH}
    rows = rows.filter(FIGURES[query.figure].condition, **months, **chosen)
    return rows.filter(reason=query.reason) if query.reason else rows


def page(rows: Rows, after: str, size: int) -> list[Any]:
    """The first after a cursor, as a list shows them; any other text begins with the first."""
    with suppress(ValueError):
        rows = rows.filter(BY_DAY.behind(after)) if after else rows
    return [_as_listed(row) for row in _in_order(rows)[:size]]


def chunks(rows: Rows, size: int) -> Iterator[list[Any]]:
    found = _in_order(rows).iterator(chunk_size=size)
    while chunk := [_as_listed(row) for row in islice(found, size)]:
        yield chunk


def _in_order(rows: Rows) -> Rows:
    return rows.select_related(*FACTS).order_by(*BY_DAY.order())


def _as_listed(row: Any) -> Any:
    """The work order as this partner left it."""
    work_order = copy(row.work_order)
    work_order.partner, work_order.status = row.partner, Status.COULD_NOT_COMPLETE
    work_order.decline = row
    for name in ("outcome_target_on", "outcome_on", "scored_on", "came_out", "days_late"):
        setattr(work_order, name, getattr(row, name))
    work_order.reason, work_order.verdict = row.reason, row.verdict
    return work_order
