"""Returns that staff do not need back: waived with a note, and claimed after all."""

from portal.people.models import User
from workorders.fieldwork.returns_and_reports import returnable
from workorders.models import Shipment, WorkOrder
from workorders.models.ledger import Event
from workorders.services.errors import DomainError, require_reason
from workorders.services.parts.returns import WITHOUT_THE_WORK, follow_end
from workorders.services.parts.shipment_rows import store
from workorders.services.unit_of_work import unit_of_work
from workorders.states import Verb


def waive_return(
    work_order: WorkOrder, *, number: str, note: str, by: User, version: int | None = None
) -> WorkOrder:
    """What the partner still has need not come back: it is not owed, and Completed does not wait
    for it.

    Old parts that nobody has entered a return for get one, so that the note has a place.
    """
    require_reason(note)
    with unit_of_work(work_order, Verb.WAIVE_RETURN, by=by, version=version) as work:
        found = {
            shipment.number: shipment for shipment in returnable(work.work_order, work.shipments)
        }
        shipment = found.get(number)
        if shipment is None:
            raise DomainError(f"{number} is not with the partner any more, or not owed.", "number")
        if shipment.pk is None:
            store(work, shipment, {}, Event.SHIPMENT_ADDED)
        store(
            work, shipment, {"is_void": True, "waived_note": note}, Event.RETURN_WAIVED, note=note
        )
        work.refresh_search_text()
    return work.work_order


def claim_return(
    work_order: WorkOrder, *, number: str, note: str, by: User, version: int | None = None
) -> WorkOrder:
    """It is needed back after all, and due as it would have been."""
    require_reason(note)
    with unit_of_work(work_order, Verb.WAIVE_RETURN, by=by, version=version) as work:
        waived: dict[str, Shipment] = {
            shipment.number: shipment for shipment in work.shipments if shipment.is_waived
        }
        shipment = waived.get(number)
        if shipment is None:
            raise DomainError(f"{number} was not waived.", "number")
        goes_on = shipment.is_unused and work.work_order.status not in WITHOUT_THE_WORK
        store(
            work,
            shipment,
            {"is_void": goes_on, "waived_note": ""},
            Event.RETURN_CLAIMED,
            note=note,
        )
        follow_end(work)
    return work.work_order
