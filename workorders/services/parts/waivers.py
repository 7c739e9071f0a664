"""Returns that staff waive with a note, or claim after all."""

from portal.people.models import User
from workorders.fieldwork.returns_and_reports import returnable
from workorders.models import Shipment, WorkOrder
from workorders.models.ledger import Event
from workorders.services.errors import DomainError, require_reason
from workorders.services.parts.returns import WITHOUT_THE_WORK, follow_end
from workorders.services.parts.shipment_rows import store_shipment
from workorders.services.unit_of_work import unit_of_work
from workorders.states import Verb


def waive_return(
    work_order: WorkOrder, *, number: str, note: str, by: User, version: int | None = None
) -> WorkOrder:
    """Waive a return that the partner still has: it is not owed, and Completed needs none.

    Old parts without a return get one, so that the note has a row to be in.
    """
    require_reason(note)
    with unit_of_work(work_order, Verb.WAIVE_RETURN, by=by, version=version) as work:
        found = {each.number: each for each in returnable(work.work_order, work.shipments)}
        shipment = found.get(number)
        if shipment is None:
            raise DomainError(f"{number} is no longer with the partner, or is not owed.", "number")
        if shipment.pk is None:
            store_shipment(work, shipment, {}, Event.SHIPMENT_ADDED)
        values = {"is_void": True, "waived_note": note}
        store_shipment(work, shipment, values, Event.RETURN_WAIVED, note=note)
        work.refresh_search_text()
    return work.work_order


def claim_return(
    work_order: WorkOrder, *, number: str, note: str, by: User, version: int | None = None
) -> WorkOrder:
    """Claim a waived return after all, due as it would have been."""
    require_reason(note)
    with unit_of_work(work_order, Verb.WAIVE_RETURN, by=by, version=version) as work:
        waived = {each.number: each for each in work.shipments if each.is_waived}
        shipment: Shipment | None = waived.get(number)
        if shipment is None:
            raise DomainError(f"{number} has not been waived.", "number")
        goes_on = shipment.is_unused and work.work_order.status not in WITHOUT_THE_WORK
        values = {"is_void": goes_on, "waived_note": ""}
        store_shipment(work, shipment, values, Event.RETURN_CLAIMED, note=note)
        follow_end(work)
    return work.work_order
