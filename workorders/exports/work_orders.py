"""Work orders for other systems: CSV rows with dates, outcome, reason and time in each status."""

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Subquery

from sla import CalendarError
from workorders.models import LedgerEntry, MissedSLAReason, Visit, WorkOrder
from workorders.models.reasons import with_verdict
from workorders.scorecard.time_in_status import (
    DAY,
    SPENT,
    UNSPECIFIED,
    StatusChange,
    status_changes_of,
    time_spent,
    time_waited,
    with_hold_cause,
)
from workorders.states import Cause, Status
from workorders.targets.due import business_days_late
from workorders.targets.judging import Judgement, first_outcome, judgement_of
from workorders.targets.terms import load_calendars

CHUNK = 500
WAITED = [*Cause.values, UNSPECIFIED]
COLUMNS = [
    # _facts
    "number",
    "case_number",
    "subject",
    "account",
    "site",
    "partner",
    "service_territory",
    "entitlement",
    "work_type",
    "status",
    "cycles",
    # _dates
    "assigned_on",
    "accepted_on",
    "estimated_delivery_on",
    "delivered_on",
    "target_on",
    "appointment_at",
    "first_visit_on",
    "first_visit_entered_on",
    "completed_on",
    "closed_on",
    # _outcome
    "outcome",
    "business_days_late",
    "nobody_there",
    "reason",
    "verdict",
    # _days
    *(f"days_{status.name.lower()}" for status in SPENT),
    *(f"waited_{cause}" for cause in WAITED),
]


def work_order_rows(
    now: dt.datetime, since: dt.date | None = None, *, among: Any = None
) -> Iterator[list[str]]:
    """Yield the columns, then a row for each work order, oldest first.

    With `since`, a day in UTC, only those with a ledger entry on that day or later; with `among`,
    only those with these keys. Dates are those at the site. It reads in chunks, with the same
    number of queries for each.
    """
    yield COLUMNS
    rows, after = _rows(since), 0
    if among is not None:
        rows = rows.filter(pk__in=among)
    while chunk := list(rows.filter(pk__gt=after).order_by("pk")[:CHUNK]):
        load_calendars({row.territory for row in chunk})
        changes, reasons = status_changes_of(chunk), _reasons(chunk)
        for row in chunk:
            judgement = _judgement(row, now)
            reason = reasons.get((row.pk, 1 if judgement.is_frozen else row.cycle))
            missed_for = reason.reason if reason and judgement.is_late else ""
            spent = time_spent(changes.get(row.pk, []), now)
            waited = time_waited(spent, row.held_for, missed_for)
            days = [*_days(spent, SPENT), *_days(waited, WAITED)]
            dates = _dates(row, judgement, changes.get(row.pk, []))
            yield [*_facts(row), *dates, *_outcome(row, judgement, reason), *days]
        after = chunk[-1].pk


def _rows(since: dt.date | None) -> Any:
    rows = with_hold_cause(WorkOrder.objects.with_facts())
    visits = Visit.objects.filter(work_order=OuterRef("pk"), cycle=OuterRef("cycle"))
    first = visits.order_by("began_at", "entered_at").values("entered_on")[:1]
    rows = rows.annotate(entered_on=Subquery(first)).prefetch_related(Prefetch("shipments"))
    if since is None:
        return rows
    midnight = dt.datetime.combine(since, dt.time(), dt.UTC)
    entries = LedgerEntry.objects.filter(work_order=OuterRef("pk"), at__gte=midnight)
    return rows.filter(Exists(entries))


def _reasons(chunk: Iterable[WorkOrder]) -> dict[tuple[int, int], Any]:
    """The reason that counts in each cycle of each, with its verdict."""
    rows = with_verdict(MissedSLAReason.objects.filter(work_order__in=chunk, counts=True))
    return {(row.work_order_id, row.cycle): row for row in rows}


def _facts(row: WorkOrder) -> list[str]:
    return [
        row.number,
        row.case_number,
        row.subject,
        row.site.account.name,
        row.site.name,
        row.partner.name,
        row.territory.name,
        row.entitlement.name,
        row.work_type,
        row.status,
        str(row.cycle),
    ]


def _dates(row: Any, judgement: Judgement, changes: list[StatusChange]) -> list[str]:
    deciding = [shipment for shipment in row.shipments.all() if shipment.decides]
    expected = [s.estimated_delivery_on for s in deciding if s.estimated_delivery_on]
    delivered = [s.delivered_on for s in deciding if s.delivered_on]
    all_delivered = bool(delivered) and len(delivered) == len(deciding)
    appointment, zone = row.appointment, row.site.zone
    booked = appointment.at.astimezone(zone).isoformat(timespec="minutes") if appointment else ""
    closed_at = changes[-1].at if changes and row.status == Status.CLOSED else None
    return [
        _iso(row.assigned_on),
        _iso(row.accepted_on),
        _iso(max(expected, default=None)),
        _iso(max(delivered) if all_delivered else None),
        _iso(judgement.target_on or row.target_on),
        booked,
        _iso(row.visited_on),
        _iso(row.entered_on),
        _iso(row.completed_at and row.completed_at.astimezone(zone).date()),
        _iso(closed_at and closed_at.astimezone(zone).date()),
    ]


def _iso(day: dt.date | None) -> str:
    return day.isoformat() if day else ""


def _judgement(row: WorkOrder, now: dt.datetime) -> Judgement:
    """Return the judgement of this cycle or, if it has no target, the first outcome."""
    judgement = judgement_of(row, now)
    return judgement if judgement.target_on or not row.has_outcome else first_outcome(row)


def _outcome(row: WorkOrder, judgement: Judgement, reason: Any) -> list[str]:
    """Outcome, days late, whether nobody was there at the first visit, reason and verdict.

    The outcome is "missed" for open work that is late too, and "in-time" only once decided.
    """
    in_vain = "yes" if judgement.nobody_there else ""
    if judgement.is_late:
        words = [reason.reason, reason.verdict or ""] if reason else ["", ""]
        return ["missed", _days_late(row, judgement), in_vain, *words]
    in_time = judgement.is_frozen and judgement.on is not None
    return ["in-time" if in_time else "", "0" if in_time else "", in_vain, "", ""]


def _days_late(row: WorkOrder, judgement: Judgement) -> str:
    if judgement.is_frozen:
        return str(row.outcome_days_late)
    with suppress(CalendarError):  # the date is outside the calendar
        return str(business_days_late(row, judgement.on or row.assigned_on))
    return ""


def _days(times: dict[str, dt.timedelta], names: Iterable[str]) -> list[str]:
    """Days of 24 hours, to a tenth; empty where there was no time."""
    return [f"{times[name] / DAY:.1f}" if name in times else "" for name in names]
