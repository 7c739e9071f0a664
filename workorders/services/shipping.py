"""The parts on their way: ordered, shipped and delivered by staff or the carrier, reported by the partner."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from portal.people.models import User
from sla import CalendarError
from workorders import targets
from workorders.dates import day_text
from workorders.models import CarrierService, Shipment, ShipmentPart, WorkOrder
from workorders.models.ledger import Event
from workorders.rules import business_calendar
from workorders.services.changes import Changes, changed
from workorders.services.errors import Refused
from workorders.services.transitions import follow_shipments, move
from workorders.services.writing import Writing, insert, writing
from workorders.states import Direction, ShipmentKind, ShipmentStatus, Status, Verb


class Part(NamedTuple):
    part_number: str
    quantity: int
    description: str = ""


class ShipmentDetails(NamedTuple):
    """A shipment as staff or the carrier know it. `estimated_delivery_on` is the carrier's own, if it gives one."""

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


def order_parts(work_order: WorkOrder, *, by: User | None, version: int | None = None) -> WorkOrder:
    """Staff have ordered the parts; the ship-to is fixed from now on."""
    with writing(work_order, Verb.ORDER_PARTS, by=by, version=version) as write:
        move(write, Status.PARTS_ORDERED)
        write.log(Event.PARTS_ORDERED)
        follow_shipments(write)
    return write.work_order


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
    """Add a shipment, or bring the one of this number up to date; status and Target SLA follow.

    Without the carrier's date the EDD is the pick-up date and the transit days of the carrier service. `parts`
    replace those known; None leaves them. A feed (`corrects=False`) does not take back the partner's Parts
    received, staff do. Raises Refused, with the field, for dates that cannot be.
    """
    with writing(work_order, Verb.SHIP, by=by, version=version, locked=locked) as write:
        shipment = _of_this_work_order(write, number)
        if not corrects and shipment.reported_by_partner and details.status != ShipmentStatus.DELIVERED:
            details = details._replace(status=ShipmentStatus.DELIVERED, delivered_on=shipment.delivered_on)
            values = _checked(write, details) | {"reported_by_partner": True}
        else:
            values = _checked(write, details) | {"reported_by_partner": False}
        is_new = shipment.pk is None
        _store(write, shipment, values, Event.SHIPMENT_UPDATED)
        if is_new:
            _add_parts(shipment, parts or ())
        elif parts is not None:
            _replace_parts(write, shipment, parts)
        _follow(write)
    return shipment


def receive_parts(
    work_order: WorkOrder, *, numbers: Collection[str], on: dt.date, by: User, version: int | None = None
) -> WorkOrder:
    """The partner says that these shipments came on that day: delivered, until staff or the carrier know better."""
    with writing(work_order, Verb.RECEIVE_PARTS, by=by, version=version) as write:
        under_way = {s.number: s for s in write.shipments if s.direction == Direction.OUTBOUND and not s.is_delivered}
        if not numbers or not set(numbers) <= under_way.keys():
            raise Refused("Choose the shipments that arrived.", "shipments")
        for number in numbers:
            _check_delivery(write, on, under_way[number].pick_up_on, latest=write.today)
            values = {"status": ShipmentStatus.DELIVERED, "delivered_on": on, "reported_by_partner": True}
            _store(write, under_way[number], values, Event.PARTS_RECEIVED)
        _follow(write)
    return write.work_order


def _of_this_work_order(write: Writing, number: str) -> Shipment:
    for shipment in write.shipments:
        if shipment.number == number:
            return shipment
    if Shipment.objects.filter(number=number).exists():
        raise Refused(f"{number} belongs to another work order.", "number")
    return Shipment(number=number, work_order=write.work_order)


def _checked(write: Writing, details: ShipmentDetails) -> dict[str, Any]:
    """The row's values: delivered on a day that has been, the EDD computed where the carrier gives none."""
    delivered = details.status == ShipmentStatus.DELIVERED
    if delivered != (details.delivered_on is not None):
        raise Refused("Delivered needs the delivered date, and only delivered has one.", "delivered_on")
    if details.delivered_on:
        _check_delivery(write, details.delivered_on, details.pick_up_on, latest=write.latest_today)
    given = details.estimated_delivery_on
    if given and details.pick_up_on and given < details.pick_up_on:
        raise Refused("The estimated delivery is before the pick-up.", "estimated_delivery_on")
    computed = None if given else _computed_edd(write, details)
    return details._asdict() | {"estimated_delivery_on": given or computed, "edd_is_computed": computed is not None}


def _check_delivery(write: Writing, on: dt.date, pick_up_on: dt.date | None, *, latest: dt.date) -> None:
    if on < min(write.work_order.assigned_on, write.today):
        assigned_on = day_text(write.work_order.assigned_on)
        raise Refused(f"The delivered date is before the work order was assigned, {assigned_on}.", "delivered_on")
    if on > latest:
        raise Refused("The delivered date is in the future.", "delivered_on")
    if pick_up_on and on < pick_up_on:
        raise Refused(f"The delivered date is before the pick-up, {day_text(pick_up_on)}.", "delivered_on")


def _computed_edd(write: Writing, details: ShipmentDetails) -> dt.date | None:
    if not details.pick_up_on or not (details.carrier or details.service):
        return None
    service = CarrierService.objects.filter(carrier=details.carrier, service=details.service).first()
    if service is None:
        raise Refused(
            f"No transit days are known for '{details.carrier} {details.service}': give the estimated delivery date,"
            " or add the carrier service.",
            "service",
        )
    try:
        calendar = business_calendar(write.work_order.territory)
        return targets.computed_edd(details.pick_up_on, service.transit_business_days, calendar)
    except CalendarError as error:
        raise Refused(f"No delivery date can be estimated: {error}.", "pick_up_on") from error


def _store(write: Writing, shipment: Shipment, values: dict[str, Any], event: Event) -> None:
    """Write the shipment's changed fields and tell of them; a new one is told as added."""
    changes: Changes = {}
    fields = []
    for field, value in values.items():
        old = getattr(shipment, field)
        if old != value:
            setattr(shipment, field, value)
            fields.append(field)
            changes |= changed(field, old, value)
    if shipment.pk is None:
        insert(shipment)
        write.shipments.append(shipment)
        write.log(Event.SHIPMENT_ADDED, shipment=shipment, changes=changes)
    elif fields:
        shipment.save(update_fields=fields)
        write.log(event, shipment=shipment, changes=changes)


def _replace_parts(write: Writing, shipment: Shipment, parts: Sequence[Part]) -> None:
    known = [Part(part.part_number, part.quantity, part.description) for part in shipment.parts.all()]
    if known == list(parts):
        return
    shipment.parts.all().delete()
    _add_parts(shipment, parts)
    write.log(Event.SHIPMENT_UPDATED, shipment=shipment, changes={"parts": [_listed(known), _listed(parts)]})


def _add_parts(shipment: Shipment, parts: Sequence[Part]) -> None:
    ShipmentPart.objects.bulk_create(ShipmentPart(shipment=shipment, **part._asdict()) for part in parts)


def _listed(parts: Sequence[Part]) -> str:
    return ", ".join(f"{part.quantity} × {part.part_number}" for part in parts)


def _follow(write: Writing) -> None:
    follow_shipments(write)
    write.retarget()
    write.refresh_search_text()
