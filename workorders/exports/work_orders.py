"""Work orders for other systems: rows of a CSV file with every date, what came of it, why, and
where the days went.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch

from sla import CalendarError
from workorders.models import LedgerEntry, MissedSLAReason, WorkOrder
from workorders.models.queries import missed
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
from workorders.targets.terms import load_calendars

CHUNK = 500
WAITED = [*Cause.values, UNSPECIFIED]
COLUMNS = [
    *(
        "number",
        "case_number",
        "subject",
        "account",
        "site",
        "partner",
        "service_territory",
        "entitlement",
    ),
    *("work_type", "status", "cycles"),
    *(
        "assigned_on",
        "accepted_on",
        "estimated_delivery_on",
        "delivered_on",
        "target_on",
        "appointment_at",
    ),
    *("first_visit_on", "completed_on", "closed_on"),
    *("outcome", "business_days_late", "reason", "verdict"),
    *(f"days_{status.name.lower()}" for status in SPENT),
    *(f"waited_{cause}" for cause in WAITED),
]


def csv_rows(now: dt.datetime, since: dt.date | None = None) -> Iterator[list[str]]:
    """The columns, then a row for each work order, oldest first: all, or those with an entry since
    a day in UTC.

    Dates are the site's own. Read in chunks, each with the same number of queries; a chunk is of
    one moment.
    """
    yield COLUMNS
    after = 0
    while chunk := list(_rows(now, since).filter(pk__gt=after).order_by("pk")[:CHUNK]):
        load_calendars({row.territory for row in chunk})
        changes, reasons = status_changes_of(chunk), _reasons(chunk)
        for row in chunk:
            spent = time_spent(changes.get(row.pk, []), now)
            waited = time_waited(spent, row.held_for, _reason(row, reasons))
            days = [*_days(spent, SPENT), *_days(waited, WAITED)]
            yield [
                *_facts(row),
                *_dates(row, changes.get(row.pk, [])),
                *_outcome(row, reasons, now),
                *days,
            ]
        after = chunk[-1].pk


def _rows(now: dt.datetime, since: dt.date | None) -> Any:
    late = WorkOrder.objects.filter(missed(now), pk=OuterRef("pk"))
    rows = with_hold_cause(WorkOrder.objects.with_facts()).annotate(is_missed=Exists(late))
    rows = rows.prefetch_related(Prefetch("shipments"))
    if since is None:
        return rows
    midnight = dt.datetime.combine(since, dt.time(), dt.UTC)
    return rows.filter(
        Exists(LedgerEntry.objects.filter(work_order=OuterRef("pk"), at__gte=midnight))
    )


def _reasons(chunk: Iterable[WorkOrder]) -> dict[int, Any]:
    """The last reason given for each, with its verdict."""
    rows = with_verdict(MissedSLAReason.objects.filter(work_order__in=chunk)).order_by("pk")
    return {row.work_order_id: row for row in rows}


def _facts(row: WorkOrder) -> list[str]:
    site = row.site
    named = [
        row.number,
        row.case_number,
        row.subject,
        site.account.name,
        site.name,
        row.partner.name,
    ]
    return [
        *named,
        row.territory.name,
        row.entitlement.name,
        row.work_type,
        row.status,
        str(row.cycle),
    ]


def _dates(row: WorkOrder, changes: list[StatusChange]) -> list[str]:
    deciding = [shipment for shipment in row.shipments.all() if shipment.decides]
    expected = [s.estimated_delivery_on for s in deciding if s.estimated_delivery_on]
    delivered = [s.delivered_on for s in deciding if s.delivered_on]
    booked = (
        row.appointment.at.astimezone(row.site.zone).isoformat(timespec="minutes")
        if row.appointment
        else ""
    )
    closed_at = changes[-1].at if changes and row.status == Status.CLOSED else None
    return [
        *map(_iso, (row.assigned_on, row.accepted_on, max(expected, default=None))),
        _iso(max(delivered) if delivered and len(delivered) == len(deciding) else None),
        _iso(_target_on(row)),
        booked,
        _iso(row.visited_on),
        *(_iso(at and at.astimezone(row.site.zone).date()) for at in (row.completed_at, closed_at)),
    ]


def _iso(day: dt.date | None) -> str:
    return day.isoformat() if day else ""


def _is_frozen(row: WorkOrder) -> bool:
    """Judged by the outcome of its first cycle, as `due_of` does."""
    return row.outcome_days_late is not None and not (row.is_open and row.target_reason)


def _target_on(row: WorkOrder) -> dt.date | None:
    return row.outcome_target_on if _is_frozen(row) else row.current_target_on


def _outcome(row: Any, reasons: dict[int, Any], now: dt.datetime) -> list[str]:
    """missed also of open work that is late now; in-time once it is decided; the reason where it is
    missed.
    """
    if not row.is_missed:
        in_time = _is_frozen(row) and row.outcome_on is not None
        return ["in-time" if in_time else "", "0" if in_time else "", "", ""]
    reason = reasons.get(row.pk)
    return [
        "missed",
        _days_late(row, now),
        _reason(row, reasons),
        (reason and reason.verdict) or "",
    ]


def _reason(row: Any, reasons: dict[int, Any]) -> str:
    """The last one, of what is missed."""
    return str(reasons[row.pk].reason) if row.is_missed and row.pk in reasons else ""


def _days_late(row: WorkOrder, now: dt.datetime) -> str:
    if _is_frozen(row):
        return str(row.outcome_days_late)
    judged = row.visited_on or (row.appointment.on if row.appointment else row.site_today(now))
    with suppress(CalendarError):  # which does not reach so far
        return str(business_days_late(row, judged))
    return ""


def _days(times: dict[str, dt.timedelta], names: Iterable[str]) -> list[str]:
    """Days of 24 hours, to a tenth; empty where there is nothing of it."""
    return [f"{times[name] / DAY:.1f}" if name in times else "" for name in names]
