"""Returns: sent back by the partner, owed for unused parts when work ends, and due by a day."""

import datetime as dt
import itertools
from collections.abc import Iterator

from portal.people.models import User
from workorders.dates import day_text
from workorders.fieldwork.returns_and_reports import (
    SUFFIX,
    back_number,
    end_of_term,
    new_return,
    returnable,
    unused_parts,
)
from workorders.models import Shipment, WorkOrder
from workorders.models.ledger import NOTE_LENGTH, Event
from workorders.services.errors import DomainError
from workorders.services.parts.shipment_rows import Part, add_parts, parts_in_words, store_shipment
from workorders.services.unit_of_work import UnitOfWork, unit_of_work
from workorders.states import Direction, ShipmentStatus, Status, Verb

WITHOUT_THE_WORK = frozenset({Status.CANCELED, Status.COULD_NOT_COMPLETE})


def parts_sent_back(
    work_order: WorkOrder,
    *,
    number: str,
    carrier: str,
    tracking_number: str,
    on: dt.date,
    by: User,
    version: int | None = None,
) -> WorkOrder:
    """Record that the partner sent a return back, which is under way until it is delivered.

    With a carrier other than the planned one, the planned service and dates no longer count; nor
    does a planned pick-up after that day.
    """
    with unit_of_work(work_order, Verb.PARTS_SENT_BACK, by=by, version=version) as work:
        found = {each.number: each for each in returnable(work.work_order, work.shipments)}
        shipment = found.get(number)
        if shipment is None:
            raise DomainError("Choose what you sent back.", "shipment")
        _check_day(work, on)
        values = {
            "status": ShipmentStatus.SHIPPED,
            "tracking_number": tracking_number,
            "sent_on": on,
        }
        if shipment.carrier.casefold() != carrier.casefold():
            values |= {
                "carrier": carrier,
                "service": "",
                "pick_up_on": None,
                "estimated_delivery_on": None,
                "edd_is_computed": False,
            }
        elif shipment.pick_up_on and shipment.pick_up_on > on:
            values |= {"pick_up_on": None}
            if shipment.edd_is_computed:
                values |= {"estimated_delivery_on": None, "edd_is_computed": False}
        if shipment.pk is None:
            store_shipment(work, shipment, {}, Event.SHIPMENT_ADDED)
        store_shipment(work, shipment, values, Event.PARTS_SENT_BACK)
        work.refresh_search_text()
    return work.work_order


def _check_day(work: UnitOfWork, on: dt.date) -> None:
    accepted_on = work.work_order.accepted_on
    if on > work.today:
        raise DomainError("This date is in the future.", "sent_on")
    if accepted_on and on < min(accepted_on, work.today):
        raise DomainError(
            f"This is before the work order was accepted, {day_text(accepted_on)}.", "sent_on"
        )


def follow_end(work: UnitOfWork) -> None:
    """Update returns when work ends or is open again: unused parts are owed, returns get due dates.

    A due date that staff have set stays. The default one counts from the end of the work, and open
    work has none.
    """
    work_order = work.work_order
    if work_order.status in WITHOUT_THE_WORK:
        _owe_unused(work)
    for shipment in work.shipments:
        if not shipment.is_to_be_sent:
            continue
        if not work_order.is_open and shipment.return_due_on is None:
            _set_due(work, shipment, end_of_term(work_order, _ended_on(work)))
        elif work_order.is_open and shipment.return_due_is_default:
            _set_due(work, shipment, None)


def _ended_on(work: UnitOfWork) -> dt.date:
    completed_at = work.work_order.completed_at
    return completed_at.astimezone(work.work_order.site.zone).date() if completed_at else work.today


def _set_due(work: UnitOfWork, shipment: Shipment, due_on: dt.date | None) -> None:
    values = {"return_due_on": due_on, "return_due_is_default": due_on is not None}
    store_shipment(work, shipment, values, Event.RETURN_DUE, by_system=True)


def _owe_unused(work: UnitOfWork) -> None:
    """Owe a return for each delivered shipment of work that was not done.

    When the end is undone and the work ends again, it is the same return.
    """
    delivered = [s for s in work.shipments if s.direction == Direction.OUTBOUND and s.is_delivered]
    reports = list(work.work_order.part_reports.all()) if delivered else []
    for shipment in delivered:
        back = _return_of(work, shipment)
        unused = unused_parts(shipment, reports)
        if (
            (back.pk and not back.is_void)
            or back.is_waived
            or (not unused and shipment.parts.exists())
        ):
            continue
        parts = [Part(part.part_number, part.quantity, part.description) for part in unused]
        due_on, is_new = end_of_term(work.work_order, work.today), back.pk is None
        values = {
            "is_void": False,
            "return_due_on": due_on,
            "return_due_is_default": due_on is not None,
        }
        event, note = (
            Event.RETURN_OWED,
            f"Not used, came with {shipment}: {parts_in_words(parts) or 'its parts'}",
        )
        store_shipment(
            work, back, values, event, added=event, note=note[:NOTE_LENGTH], by_system=True
        )
        if is_new:
            add_parts(back, parts)
    if delivered:
        work.refresh_search_text()


def _return_of(work: UnitOfWork, shipment: Shipment) -> Shipment:
    """The return for an outbound shipment's parts: the existing one, or a new, unsaved one."""
    by_number = {row.number: row for row in work.shipments}
    for number in _return_numbers(shipment):
        if number in by_number and by_number[number].is_return:
            return by_number[number]
        if number not in by_number and not Shipment.objects.filter(number=number).exists():
            back = new_return(work.work_order, number)
            # void until it is logged as owed, and again when that is undone
            back.is_unused = back.is_void = True
            return back
    raise AssertionError("there is always another number")


def _return_numbers(shipment: Shipment) -> Iterator[str]:
    yield back_number(shipment.number)
    for count in itertools.count(2):
        yield f"{shipment.number[:24]}{SUFFIX}{count}"
