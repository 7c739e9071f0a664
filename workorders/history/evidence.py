"""What the portal knows in support of one of the nine reasons: offered, never chosen for anyone."""

import datetime as dt
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from portal.people.models import User
from workorders.dates import day_text
from workorders.history.visibility import contact_attempts_for, ledger_for, reports_for
from workorders.models import WorkOrder
from workorders.models.reasons import later_edds
from workorders.states import DelayReason


class Finding(NamedTuple):
    reason: DelayReason
    sentence: str


def findings(work_order: WorkOrder, reader: User) -> list[Finding]:
    """What was reported, moved, is missing or was tried, strongest first, as far as `reader` may
    see.

    Makes four queries.
    """
    found = (
        _damaged(work_order, reader),
        _moved_later(work_order, reader),
        _overdue(work_order),
        _unreached(work_order, reader),
    )
    return list(chain.from_iterable(found))


def _damaged(work_order: WorkOrder, reader: User) -> Iterator[Finding]:
    for report in reports_for(reader, work_order).order_by("-reported_at")[:1]:
        on = day_text(report.reported_at.astimezone(work_order.site.zone).date())
        yield Finding(DelayReason.PARTS_DAMAGED, f"{report} was reported on {on}.")


def _moved_later(work_order: WorkOrder, reader: User) -> Iterator[Finding]:
    """The last move, and whether it came after the booking."""
    readable = ledger_for(reader, work_order).order_by()
    moves = later_edds().filter(pk__in=readable.values("pk")).select_related("shipment")
    for entry in moves.order_by("-pk")[:1]:
        old, new = (
            day_text(dt.date.fromisoformat(day)) for day in entry.changes["estimated_delivery_on"]
        )
        booked = work_order.appointment and entry.at > work_order.appointment.booked_at
        after = ", after the appointment was booked" if booked else ""
        yield Finding(
            DelayReason.PART_LATE,
            f"The Estimated Delivery Date of {entry.shipment} moved from {old} to {new}{after}.",
        )


def _overdue(work_order: WorkOrder) -> Iterator[Finding]:
    """The required part that is overdue or arrived late, the one due first."""
    today = work_order.site_today()
    days = [
        (s, s.estimated_delivery_on, s.delivered_on or today)
        for s in work_order.shipments.all()
        if s.decides
    ]
    overdue = [(due, came, shipment) for shipment, due, came in days if due and came > due]
    for due, came, shipment in sorted(overdue, key=lambda row: row[0])[:1]:
        arrival = f"arrived on {day_text(came)}" if shipment.delivered_on else "has not arrived"
        sentence = f"{shipment} was expected on {day_text(due)} and {arrival}."
        yield Finding(DelayReason.PART_LATE, sentence)


def _unreached(work_order: WorkOrder, reader: User) -> Iterator[Finding]:
    attempts = list(contact_attempts_for(reader, work_order))
    if attempts and not any(attempt.reached for attempt in attempts):
        since = day_text(attempts[-1].at.astimezone(work_order.site.zone).date())
        tries = "1 attempt" if len(attempts) == 1 else f"{len(attempts)} attempts"
        sentence = f"{tries} to reach the POC since {since}, no answer logged."
        yield Finding(DelayReason.UNRESPONSIVE_POC, sentence)
