"""Sends back work that was completed too early, and sets targets for its later cycles."""

import datetime as dt
from collections.abc import Collection

from portal.people.models import User
from sla import CalendarError
from workorders.models import LineItem, WorkOrder
from workorders.models.ledger import Event, LedgerChanges
from workorders.services.changes import changed
from workorders.services.errors import DomainError, InvalidState, require_reason
from workorders.services.parts.returns import follow_end
from workorders.services.transitions import set_status
from workorders.services.unit_of_work import UnitOfWork, unit_of_work
from workorders.services.visits.booking import AHEAD
from workorders.states import Status, Verb
from workorders.targets.computing import all_delivered_on
from workorders.targets.due import business_days_late


def send_back(
    work_order: WorkOrder,
    *,
    note: str,
    next_target_on: dt.date | None = None,
    next_target_reason: str = "",
    again: Collection[int] = (),
    new_photos: bool = False,
    by: User,
    version: int | None = None,
) -> WorkOrder:
    """Return the work to In Progress, for the next cycle.

    The first outcome stays. Line items stay done and photos still count, except for line items to
    be done `again`, and with `new_photos` for all of the work. The new cycle has an appointment,
    visits and an outcome of its own, and a target only if staff set one.
    """
    require_reason(note)
    with unit_of_work(work_order, Verb.SEND_BACK, by=by, version=version) as work:
        begin_next_cycle(work)
        if new_photos:
            work.set(photos_from=work.work_order.cycle)
        work.log(Event.SENT_BACK, note=note)
        work.recount_edds(Event.SENT_BACK.label)
        work.follow_parts()
        for item in work.work_order.line_items.filter(number__in=again):
            reopen(work, item)
        follow_end(work)
        if next_target_on:
            change_target(work, next_target_on, next_target_reason)
    return work.work_order


def begin_next_cycle(work: UnitOfWork) -> None:
    cycle = work.work_order.cycle + 1
    set_status(
        work,
        Status.IN_PROGRESS,
        completed_at=None,
        cycle=cycle,
        appointment=None,
        target_on=None,
        target_reason="",
    )
    work.set(known_delivery_on=None)
    work.follow_visits()
    work.follow_parts()


def reopen(work: UnitOfWork, item: LineItem) -> None:
    """Have a line item done again, with new proof; the ledger keeps what undoing needs."""
    old = {"done_at": item.done_at, "done_by": item.done_by_id, "proof_from": item.proof_from}
    item.done_at = item.done_by = item.received_at = None
    item.proof_from = work.work_order.cycle
    item.save(update_fields=["done_at", "done_by", "received_at", "proof_from"])
    changes: LedgerChanges = {"line_item": [None, str(item)]}
    for name, value in old.items():
        changes |= changed(name, value, getattr(item, name))
    work.log(Event.LINE_ITEM_UNDONE, changes=changes)


def set_target(
    work_order: WorkOrder,
    *,
    target_on: dt.date,
    target_reason: str,
    by: User,
    version: int | None = None,
) -> WorkOrder:
    """Set or change the target of a later cycle, which judges its bookings and visits."""
    with unit_of_work(work_order, Verb.SET_TARGET, by=by, version=version) as work:
        change_target(work, target_on, target_reason)
    return work.work_order


def change_target(work: UnitOfWork, target_on: dt.date, reason: str) -> None:
    """Set the target of a later cycle, within a unit of work that has begun."""
    row = work.work_order
    if row.cycle == 1:
        raise InvalidState("The entitlement sets the target of the first cycle.")
    require_reason(reason, "target_reason")
    is_known = target_on in (row.target_on, row.proposed_target_on)
    if not is_known and not work.today <= target_on <= work.today + AHEAD:
        raise DomainError("Choose a day from today to a year ahead.", "target_on")
    work.set(target_on=target_on, target_reason=reason)
    work.set(known_delivery_on=all_delivered_on(work.known_shipments()))
    try:
        business_days_late(row, target_on)
    except CalendarError as error:
        raise DomainError(
            f"The business calendar does not cover this date: {error}.", "target_on"
        ) from error
    work.log(Event.TARGET_SET, note=reason, changes=work.take_unlogged())
    work.retarget()
    work.follow_visits()
