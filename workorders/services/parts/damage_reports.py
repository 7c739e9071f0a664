"""Damaged or missing parts, which the partner reports and staff replace or settle."""

from collections.abc import Collection, Sequence
from uuid import UUID

from portal.people.models import User
from workorders.fieldwork.returns_and_reports import open_reports, reportable
from workorders.models import PartReport, Shipment, WorkOrder
from workorders.models.ledger import Event
from workorders.services.errors import DomainError, require_reason
from workorders.services.files.uploads import unattached_files
from workorders.services.parts.shipment_rows import Part
from workorders.services.parts.shipping import ShipmentDetails, put_shipment
from workorders.services.unit_of_work import UnitOfWork, unit_of_work
from workorders.states import Direction, PartProblem, Verb


def report_part(
    work_order: WorkOrder,
    *,
    part: int,
    problem: PartProblem,
    quantity: int,
    note: str = "",
    photos: Collection[UUID] = (),
    by: User,
    version: int | None = None,
) -> PartReport:
    """Report that a quantity of a part is damaged or missing; the report then waits for staff.

    `part` is the key of a ShipmentPart. `photos` are the upload keys of this person's photos of it,
    which are stored before.
    """
    with unit_of_work(work_order, Verb.REPORT_PARTS, by=by, version=version) as work:
        found = next((each for each in reportable(work.work_order) if each.part.pk == part), None)
        if found is None:
            raise DomainError("Choose the part that is damaged or missing.", "part")
        if not 1 <= quantity <= found.left:
            raise DomainError(f"Enter a number from 1 to {found.left}.", "quantity")
        report = PartReport.objects.create(
            work_order=work.work_order,
            shipment=found.part.shipment,
            part_number=found.part.part_number,
            description=found.part.description,
            problem=problem,
            quantity=quantity,
            note=note,
            reported_by=by,
            reported_at=work.now,
        )
        unattached_files(work.work_order, photos, by).update(part_report=report)
        note_text = f"{report}: {note}" if note else str(report)
        work.log(Event.PARTS_REPORTED, shipment=report.shipment, changes={}, note=note_text)
    return report


def settle_reports(
    work_order: WorkOrder,
    *,
    reports: Collection[int],
    note: str,
    by: User,
    version: int | None = None,
) -> WorkOrder:
    """Settle these reports with a note instead of a replacement."""
    require_reason(note)
    with unit_of_work(work_order, Verb.SETTLE_PARTS, by=by, version=version) as work:
        _settle(work, reports, by, note=note)
    return work.work_order


def send_replacement(
    work_order: WorkOrder,
    number: str,
    details: ShipmentDetails,
    *,
    parts: Sequence[Part],
    reports: Collection[int],
    by: User,
    version: int | None = None,
) -> Shipment:
    """Replace what these reports are about with a new required shipment; the target follows it."""
    with unit_of_work(work_order, Verb.ENTER_SHIPMENT, by=by, version=version) as work:
        if any(shipment.number == number for shipment in work.shipments):
            raise DomainError(
                f"{number} is already on this work order. Give the replacement a new number.",
                "number",
            )
        details = details._replace(direction=Direction.OUTBOUND, required=True)
        shipment = put_shipment(work, number, details, parts)
        _settle(work, reports, by, replacement=shipment)
    return shipment


def _settle(
    work: UnitOfWork,
    keys: Collection[int],
    by: User,
    *,
    note: str = "",
    replacement: Shipment | None = None,
) -> None:
    found = {report.pk: report for report in open_reports(work.work_order)}
    if not keys or not set(keys) <= found.keys():
        raise DomainError("Choose reports that have not been settled.", "reports")
    for report in (found[key] for key in sorted(keys)):
        report.settled_by, report.settled_at = by, work.now
        report.settled_note, report.replacement = note, replacement
        report.save(update_fields=["settled_by", "settled_at", "settled_note", "replacement"])
        how = f"replacement {replacement}" if replacement else note
        note_text = f"{report}: {how}"
        work.log(Event.REPORT_SETTLED, shipment=report.shipment, changes={}, note=note_text)
