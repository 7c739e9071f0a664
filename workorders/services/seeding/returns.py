"""What happens to a story's parts after delivery: sent back, owed unused, reported, replaced."""

import datetime as dt
from typing import Any

from workorders.fieldwork.returns_and_reports import SUFFIX, end_of_term, new_return
from workorders.models import CarrierService, LedgerEntry, PartReport, Shipment, ShipmentPart
from workorders.models.ledger import Event
from workorders.services.parts.shipment_rows import Part, parts_in_words
from workorders.services.seeding.story import RETURN, Story, StoryUnitOfWork
from workorders.states import Direction, PartProblem, ShipmentStatus


def send_old_parts_back(
    story: Story, on: dt.date, service: CarrierService, tracking_number: str
) -> None:
    """If old parts go back, have staff enter the return and the partner send it."""
    if not story.work_order.return_parts_required:
        return
    back = story.add_shipment(on, service, **RETURN)
    values = {"status": ShipmentStatus.SHIPPED, "tracking_number": tracking_number, "sent_on": on}
    with story.step(on, story.cast.dispatcher) as work:
        story.put(work, back, Event.PARTS_SENT_BACK, values)


def owe_unused(story: Story, on: dt.date) -> None:
    """Owe the delivered parts after a step that has ended the work."""
    outbound = [each for each in story.shipments if each.direction == Direction.OUTBOUND]
    for shipment in [each for each in outbound if each.is_delivered]:
        back = new_return(story.work_order, f"{shipment.number}{SUFFIX}")
        due_on = end_of_term(story.work_order, on)
        back.is_unused, back.return_due_on = True, due_on
        back.return_due_is_default = due_on is not None
        parts = [Part(part, 1, description) for part, description in story.task.parts]
        story.shipments.append(back)
        story.parts += [ShipmentPart(shipment=back, **part._asdict()) for part in parts]
        changes: dict[str, Any] = {
            "is_void": [True, False],
            "return_due_on": [None, due_on and due_on.isoformat()],
            "return_due_is_default": [False, True],
        }
        note = f"Not used, came with {shipment}: {parts_in_words(parts)}"
        _log(story, Event.RETURN_OWED, back, note, changes=changes)
    StoryUnitOfWork(story, None, story.now).refresh_search_text()


def report(
    story: Story, on: dt.date, shipment: Shipment, problem: PartProblem, note: str
) -> PartReport:
    part_number, description = story.task.parts[0]
    with story.step(on, story.cast.dispatcher) as work:
        made = PartReport(
            work_order=story.work_order,
            shipment=shipment,
            part_number=part_number,
            description=description,
            problem=problem,
            note=note,
            reported_by=story.cast.dispatcher,
            reported_at=work.now,
        )
        story.part_reports.append(made)
        work.log(Event.PARTS_REPORTED, shipment=shipment, changes={}, note=f"{made}: {note}")
    return made


def replace(
    story: Story, on: dt.date, made: PartReport, service: CarrierService, **values: Any
) -> None:
    made.replacement = story.add_shipment(on, service, **values)
    made.settled_by, made.settled_at = story.cast.staff, story.now
    note = f"{made}: replacement {made.replacement}"
    _log(story, Event.REPORT_SETTLED, made.shipment, note, by=story.cast.staff)


def _log(
    story: Story,
    event: Event,
    shipment: Shipment,
    note: str,
    *,
    by: Any = None,
    changes: Any = None,
) -> None:
    """Add a ledger entry to the last step."""
    story.entries.append(
        LedgerEntry(
            work_order=story.work_order,
            version=story.work_order.version,
            event=event,
            actor=by,
            at=story.now,
            shipment=shipment,
            changes=changes or {},
            note=note,
        )
    )
