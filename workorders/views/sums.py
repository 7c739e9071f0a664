"""Why this date: the sum behind a Target SLA, as lines to be shown."""

from typing import NamedTuple

from sla import CalendarError, Step
from workorders import targets
from workorders.models import Shipment, WorkOrder
from workorders.states import StartWithoutParts


class Sum(NamedTuple):
    """Where the start comes from, and every day from there to the target; no steps as long as there is no start."""

    source: str
    steps: tuple[Step, ...] = ()
    problem: str = ""


def why(work_order: WorkOrder, shipments: list[Shipment]) -> Sum:
    start = targets.start_of(work_order, shipments)
    if start.day is None:
        return Sum(_missing(start))
    try:
        target = targets.target_of(work_order, start.day, work_order.holds.all())
    except CalendarError as error:
        return Sum(_source(work_order, start.shipment), problem=f"The target cannot be computed: {error}.")
    return Sum(_source(work_order, start.shipment), target.steps)


def _missing(start: targets.Start) -> str:
    if start.shipment:
        return f"Waiting for the delivery date of {start.shipment.number}."
    return f"{start.waits_for.label.capitalize()}." if start.waits_for else ""


def _source(work_order: WorkOrder, shipment: Shipment | None) -> str:
    if shipment is None:
        accepted = work_order.entitlement.start_without_parts == StartWithoutParts.ACCEPTED
        return "Accepted" if accepted else "Assigned"
    if shipment.is_delivered:
        by = ", reported by the partner" if shipment.reported_by_partner else ""
        return f"{shipment.number} delivered{by}"
    return f"Delivery of {shipment.number} expected"
