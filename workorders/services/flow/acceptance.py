"""A partner accepts a work order and says where the parts go."""

from portal.people.models import Partner, User
from portal.people.ship_to import SHIP_TO_LENGTHS, ShipTo
from workorders.dates import day_text
from workorders.models import Depot, WorkOrder
from workorders.models.ledger import Event
from workorders.services.errors import DomainError
from workorders.services.transitions import set_status
from workorders.services.unit_of_work import unit_of_work
from workorders.states import Status, Verb


def accept_work_order(
    work_order: WorkOrder, *, ship_to: ShipTo | None, by: User, version: int | None = None
) -> WorkOrder:
    """Accept the work: with parts required, a ship-to is needed; without, the work begins."""
    with unit_of_work(work_order, Verb.ACCEPT, by=by, version=version) as work:
        parts = work.work_order.parts_required
        if parts and ship_to is None:
            raise DomainError("Enter the address to send the parts to.", "street")
        assigned_on = work.work_order.assigned_on
        if work.latest_today < assigned_on:
            raise DomainError(f"You can accept it from {day_text(assigned_on)}.")
        # it may have been assigned in a time zone where it was already tomorrow
        accepted_on = max(work.today, assigned_on)
        to = Status.SHIP_TO_RECEIVED if parts else Status.IN_PROGRESS
        set_status(work, to, accepted_on=accepted_on)
        if ship_to is not None:
            work.set(**ship_to_fields(ship_to))
        work.log(Event.ACCEPTED)
        work.retarget()
    return work.work_order


def change_ship_to(
    work_order: WorkOrder, *, ship_to: ShipTo, by: User, version: int | None = None
) -> WorkOrder:
    """Change where the parts go, which is possible until they are ordered."""
    with unit_of_work(work_order, Verb.CHANGE_SHIP_TO, by=by, version=version) as work:
        if work.work_order.ship_to != ship_to:
            work.set(**ship_to_fields(ship_to))
            work.log(Event.SHIP_TO_CHANGED)
    return work.work_order


def suggested_ship_to(work_order: WorkOrder, partner: Partner) -> ShipTo | None:
    """The work order's own ship-to, else that of the depot for its territory, else the partner's
    last one, else the partner's default.
    """
    if work_order.ship_to:
        return work_order.ship_to
    if depot := Depot.objects.of(partner).for_territory(work_order.territory_id):
        return depot.ship_to
    last = partner.work_orders.exclude(ship_to_street="").order_by("-accepted_on", "-pk").first()
    return last.ship_to if last else partner.ship_to


def ship_to_fields(ship_to: ShipTo) -> dict[str, str]:
    return dict(zip(SHIP_TO_LENGTHS, ship_to, strict=True))
