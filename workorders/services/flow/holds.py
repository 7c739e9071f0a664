"""Corrections to a hold: its days, and whether it stopped the clock."""

import datetime as dt
from typing import Any

from portal.people.models import User
from workorders.dates import day_text
from workorders.models import Hold, WorkOrder
from workorders.models.ledger import Event, LedgerChanges
from workorders.services.changes import changed
from workorders.services.errors import DomainError
from workorders.services.unit_of_work import UnitOfWork, unit_of_work
from workorders.states import Cause, Verb


def correct_hold(
    hold: Hold,
    *,
    first: dt.date,
    last: dt.date | None,
    stops_clock: bool,
    cause: Cause | str | None = None,
    by: User | None,
    version: int | None = None,
) -> WorkOrder:
    """Correct a hold; the Target SLA follows (docs/rules.md, rule 5).

    An open hold has no last day, as Resume ends it. Without `cause` the cause stays as it is.

    Raises DomainError for days before the assignment, in the wrong order, or in the future.
    """
    with unit_of_work(hold.work_order, Verb.CORRECT_HOLD, by=by, version=version) as work:
        row = next(row for row in work.holds if row.pk == hold.pk)
        _check(work, row, first, last)
        values: dict[str, Any] = {"first": first, "last": last, "stops_clock": stops_clock}
        values |= {} if cause is None else {"cause": cause}
        changes: LedgerChanges = {}
        for field, value in values.items():
            if getattr(row, field) != value:
                changes |= changed(f"hold_{field}", getattr(row, field), value)
                setattr(row, field, value)
        if changes:
            row.save(update_fields=list(values))
            work.log(Event.HOLD_CORRECTED, note=row.reason, changes=changes)
            work.retarget()
    return work.work_order


def _check(work: UnitOfWork, row: Hold, first: dt.date, last: dt.date | None) -> None:
    assigned_on = work.work_order.assigned_on
    if first < assigned_on:
        raise DomainError(
            f"The work order was assigned on {day_text(assigned_on)}; a hold cannot begin earlier.",
            "first",
        )
    if first > work.today:
        raise DomainError(
            f"Today at the site is {day_text(work.today)}; a hold cannot begin later.", "first"
        )
    if row.last is None and last is not None:
        raise DomainError("The hold is still open. Resume ends it.", "last")
    if row.last is not None and last is None:
        raise DomainError("The hold has ended. Enter its last day.", "last")
    if last is not None and last < first:
        raise DomainError("The last day is before the first.", "last")
    if last is not None and last > work.today:
        raise DomainError(
            f"Today at the site is {day_text(work.today)}; the hold cannot have ended later.",
            "last",
        )
