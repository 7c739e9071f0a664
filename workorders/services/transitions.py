"""The only writer of a work order's status."""

from typing import Any

from workorders.models import Shipment
from workorders.models.ledger import Event
from workorders.services.unit_of_work import UnitOfWork
from workorders.states import ON_THE_WAY, ShipmentStatus, Status
from workorders.targets.explaining import basis_of

FOLLOWS_SHIPMENTS = ON_THE_WAY | {Status.SHIP_TO_RECEIVED}


def set_status(work: UnitOfWork, to: Status, **values: Any) -> None:
    """Set the status, together with the fields that change with it."""
    held_from = work.work_order.status if to == Status.ON_HOLD else ""
    work.set(**{"status": to, "held_from": held_from} | values)
    work.set(target_basis=_basis(work))


def _basis(work: UnitOfWork) -> dict[str, Any]:
    """What the target is explained with: kept from the end of the work on, as it was then."""
    row = work.work_order
    if row.follows_target:
        return {}
    return row.target_basis or basis_of(row, work.shipments, work.holds)


def follow_shipments(work: UnitOfWork) -> None:
    """Let what parts are required, and have arrived, decide the status, or the one that a hold will
    resume to.
    """
    work_order = work.work_order
    on_hold = work_order.status == Status.ON_HOLD
    status = Status(work_order.held_from if on_hold else work_order.status)
    to = status_by_shipments(status, work.shipments, parts_required=work_order.parts_required)
    if on_hold and to != work_order.held_from:
        work.set(held_from=to)
        work.log(Event.STATUS_FOLLOWED, by_system=True)
    elif not on_hold and to != work_order.status:
        set_status(work, to)
        work.log(Event.STATUS_FOLLOWED, by_system=True)


def status_by_shipments(
    status: Status, shipments: list[Shipment], *, parts_required: bool
) -> Status:
    """Parts Ordered with none under way, then Shipping, Shipped, and In Progress with all
    delivered, or where no parts are required any more.

    A status that does not follow shipments stays as it is.
    """
    if status not in FOLLOWS_SHIPMENTS:
        return status
    if not parts_required:
        return Status.IN_PROGRESS
    deciding = [shipment.status for shipment in shipments if shipment.decides]
    if not deciding:
        return status
    if all(each == ShipmentStatus.DELIVERED for each in deciding):
        return Status.IN_PROGRESS
    under_way = [each != ShipmentStatus.ORDERED for each in deciding]
    if all(under_way):
        return Status.SHIPPED
    return Status.SHIPPING if any(under_way) else Status.PARTS_ORDERED
