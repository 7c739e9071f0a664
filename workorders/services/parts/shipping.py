"""Parts on their way out: ordered, shipped and delivered, or reported as received."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from portal.people.models import User
from sla import CalendarError
from workorders.dates import day_text
from workorders.models import CarrierService, Shipment, WorkOrder
from workorders.models.ledger import Event
from workorders.services.errors import DomainError
from workorders.services.parts.returns import follow_end
from workorders.services.parts.shipment_rows import Part, add_parts, replace_parts, store_shipment
from workorders.services.transitions import follow_shipments, set_status
from workorders.services.unit_of_work import UnitOfWork, unit_of_work
from workorders.states import Direction, ShipmentKind, ShipmentStatus, Status, Verb
from workorders.targets.computing import computed_edd
from workorders.targets.terms import business_calendar


class ShipmentDetails(NamedTuple):
    """What staff or the carrier know of a shipment.

    `estimated_delivery_on` is the carrier's own date, if there is one.
    """

    kind: ShipmentKind
    direction: Direction = Direction.OUTBOUND
    status: ShipmentStatus = ShipmentStatus.ORDERED
    required: bool = True
    carrier: str = ""
    service: str = ""
    tracking_number: str = ""
    pick_up_on: dt.date | None = None
    estimated_delivery_on: dt.date | None = None
    delivered_on: dt.date | None = None
    return_due_on: dt.date | None = None  # of a return; None for the default


def order_parts(work_order: WorkOrder, *, by: User | None, version: int | None = None) -> WorkOrder:
    """Record that staff have ordered the parts, after which the ship-to cannot change."""
    with unit_of_work(work_order, Verb.ORDER_PARTS, by=by, version=version) as work:
        set_status(work, Status.PARTS_ORDERED)
        work.log(Event.PARTS_ORDERED)
        follow_shipments(work)
    return work.work_order


def enter_shipment(
    work_order: WorkOrder,
    number: str,
    details: ShipmentDetails,
    *,
    parts: Sequence[Part] | None = None,
    by: User | None,
    version: int | None = None,
    corrects: bool = True,
    locked: bool = False,
) -> Shipment:
    """Add or update the shipment with this number; status and Target SLA follow.

    Without the carrier's date, the EDD is the pick-up date plus the transit days of the carrier
    service. `parts` replace the existing ones; None leaves them. Staff's correction takes back the
    partner's Parts received, a feed (`corrects=False`) does not.

    Raises DomainError with the field for impossible dates.
    """
    verb = Verb.ENTER_SHIPMENT
    with unit_of_work(work_order, verb, by=by, version=version, locked=locked) as work:
        return put_shipment(work, number, details, parts, corrects=corrects)


def put_shipment(
    work: UnitOfWork,
    number: str,
    details: ShipmentDetails,
    parts: Sequence[Part] | None,
    *,
    corrects: bool = True,
) -> Shipment:
    """Do what `enter_shipment` does, within a unit of work that has begun."""
    shipment = _of_this_work_order(work, number)
    given = details if corrects else as_fed(shipment, details)
    is_confirmed = corrects or details.status == ShipmentStatus.DELIVERED
    values = _checked(work, given) | _of_a_return(shipment, given)
    _check_sent(values["sent_on"], given.delivered_on)
    values["reported_by_partner"] = shipment.reported_by_partner and not is_confirmed
    is_new = shipment.pk is None
    store_shipment(work, shipment, values, Event.SHIPMENT_UPDATED)
    if is_new:
        add_parts(shipment, parts or ())
    elif parts is not None:
        replace_parts(work, shipment, parts)
    _follow(work)
    return shipment


def as_fed(stored: Shipment, details: ShipmentDetails) -> ShipmentDetails:
    """A feed's details, with what a feed does not hold and with the partner's own reports.

    A feed does not take back what the partner has reported.
    """
    due_on = None if stored.return_due_is_default else stored.return_due_on
    details = details._replace(return_due_on=due_on)
    if stored.reported_by_partner and details.status != ShipmentStatus.DELIVERED:
        return details._replace(status=ShipmentStatus.DELIVERED, delivered_on=stored.delivered_on)
    if stored.sent_on and details.status == ShipmentStatus.ORDERED:
        return details._replace(
            status=ShipmentStatus.SHIPPED,
            carrier=stored.carrier,
            service=stored.service,
            tracking_number=stored.tracking_number,
            pick_up_on=stored.pick_up_on,
            estimated_delivery_on=None if stored.edd_is_computed else stored.estimated_delivery_on,
        )
    return details


def _of_a_return(shipment: Shipment, details: ShipmentDetails) -> dict[str, Any]:
    """The values of the fields that only a return has."""
    is_return = details.direction == Direction.RETURN
    is_ordered = details.status == ShipmentStatus.ORDERED
    is_void = shipment.is_void and is_return and is_ordered
    is_default = is_return and details.return_due_on is None and shipment.return_due_is_default
    due_on = shipment.return_due_on if is_default else details.return_due_on
    return {
        "return_due_on": due_on if is_return else None,
        "return_due_is_default": is_default,
        "sent_on": shipment.sent_on if is_return and not is_ordered else None,
        "is_void": is_void,
        "waived_note": shipment.waived_note if is_void else "",
    }


def parts_received(
    work_order: WorkOrder,
    *,
    numbers: Collection[str],
    on: dt.date,
    by: User,
    version: int | None = None,
) -> WorkOrder:
    """Record the partner's report that these shipments arrived on that day.

    They count as delivered until staff or the carrier confirm or correct it.
    """
    with unit_of_work(work_order, Verb.PARTS_RECEIVED, by=by, version=version) as work:
        outbound = [each for each in work.shipments if each.direction == Direction.OUTBOUND]
        under_way = {each.number: each for each in outbound if not each.is_delivered}
        if not numbers or not set(numbers) <= under_way.keys():
            raise DomainError("Choose the shipments that arrived.", "shipments")
        for number in numbers:
            _check_delivery(work, on, under_way[number].pick_up_on, latest=work.today)
            values = {
                "status": ShipmentStatus.DELIVERED,
                "delivered_on": on,
                "reported_by_partner": True,
            }
            store_shipment(work, under_way[number], values, Event.PARTS_RECEIVED)
        _follow(work)
    return work.work_order


def _of_this_work_order(work: UnitOfWork, number: str) -> Shipment:
    for shipment in work.shipments:
        if shipment.number == number:
            return shipment
    if Shipment.objects.filter(number=number).exists():
        raise DomainError(f"{number} belongs to another work order.", "number")
    return Shipment(number=number, work_order=work.work_order)


def _checked(work: UnitOfWork, details: ShipmentDetails) -> dict[str, Any]:
    """The shipment's values, with checked dates and a computed EDD if the carrier gives none."""
    delivered = details.status == ShipmentStatus.DELIVERED
    if delivered != (details.delivered_on is not None):
        raise DomainError(
            "A delivered shipment needs a delivered date, and no other may have one.",
            "delivered_on",
        )
    is_shipped = details.status == ShipmentStatus.SHIPPED
    if is_shipped and details.pick_up_on and details.pick_up_on > work.latest_today:
        raise DomainError("It is not shipped yet: the pick-up is in the future.", "pick_up_on")
    if details.delivered_on:
        _check_delivery(work, details.delivered_on, details.pick_up_on, latest=work.latest_today)
    given = details.estimated_delivery_on
    if given and details.pick_up_on and given < details.pick_up_on:
        raise DomainError("The estimated delivery is before the pick-up.", "estimated_delivery_on")
    computed = None if given else _computed_edd(work, details)
    return details._asdict() | {
        "estimated_delivery_on": given or computed,
        "edd_is_computed": computed is not None,
    }


def _check_delivery(
    work: UnitOfWork, on: dt.date, pick_up_on: dt.date | None, *, latest: dt.date
) -> None:
    if on < min(work.work_order.assigned_on, work.today):
        assigned_on = day_text(work.work_order.assigned_on)
        raise DomainError(
            f"The delivered date is before the work order was assigned, {assigned_on}.",
            "delivered_on",
        )
    if on > latest:
        raise DomainError("The delivered date is in the future.", "delivered_on")
    if pick_up_on and on < pick_up_on:
        raise DomainError(
            f"The delivered date is before the pick-up, {day_text(pick_up_on)}.", "delivered_on"
        )


def _check_sent(sent_on: dt.date | None, delivered_on: dt.date | None) -> None:
    if sent_on and delivered_on and delivered_on < sent_on:
        raise DomainError(
            f"The delivered date is before the partner sent it, {day_text(sent_on)}.",
            "delivered_on",
        )


def _computed_edd(work: UnitOfWork, details: ShipmentDetails) -> dt.date | None:
    if not details.pick_up_on or not (details.carrier or details.service):
        return None
    carrier, name = details.carrier, details.service
    service = CarrierService.objects.filter(carrier=carrier, service=name).first()
    if service is None:
        raise DomainError(
            f"No transit days are known for '{carrier} {name}'. Enter the estimated delivery date,"
            " or add the carrier service.",
            "service",
        )
    try:
        calendar = business_calendar(work.work_order.territory)
        return computed_edd(details.pick_up_on, service.transit_business_days, calendar)
    except CalendarError as error:
        raise DomainError(f"No delivery date can be estimated: {error}.", "pick_up_on") from error


def _follow(work: UnitOfWork) -> None:
    follow_shipments(work)
    work.retarget()
    follow_end(work)
    work.refresh_search_text()
