"""Writes the rows of a shipment and its parts, with ledger entries."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from workorders.models import Shipment, ShipmentPart
from workorders.models.ledger import Event, LedgerChanges
from workorders.services import saving
from workorders.services.changes import changed
from workorders.services.unit_of_work import UnitOfWork


class Part(NamedTuple):
    part_number: str
    quantity: int
    description: str = ""


def store_shipment(
    work: UnitOfWork,
    shipment: Shipment,
    values: dict[str, Any],
    event: Event,
    *,
    added: Event = Event.SHIPMENT_ADDED,
    note: str = "",
    by_system: bool = False,
) -> None:
    """Write and log the shipment's changed fields; a new shipment is logged as `added`."""
    changes: LedgerChanges = {}
    fields = []
    for field, value in values.items():
        old = getattr(shipment, field)
        if old != value:
            setattr(shipment, field, value)
            fields.append(field)
            changes |= changed(field, old, value)
    if shipment.pk is None:
        work.add(shipment)
        work.log(added, shipment=shipment, changes=changes, note=note, by_system=by_system)
    elif fields:
        saving.save(shipment, *fields)
        work.log(event, shipment=shipment, changes=changes, note=note, by_system=by_system)


def parts_of(shipment: Shipment) -> list[Part]:
    rows = shipment.parts.all()
    return [Part(part.part_number, part.quantity, part.description) for part in rows]


def add_parts(shipment: Shipment, parts: Sequence[Part]) -> None:
    saving.save_all_new([ShipmentPart(shipment=shipment, **part._asdict()) for part in parts])


def replace_parts(work: UnitOfWork, shipment: Shipment, parts: Sequence[Part]) -> None:
    existing = parts_of(shipment)
    if existing == list(parts):
        return
    saving.delete(shipment.parts.all())
    add_parts(shipment, parts)
    work.log(
        Event.SHIPMENT_UPDATED,
        shipment=shipment,
        changes={"parts": [parts_in_words(existing), parts_in_words(parts)]},
    )


def parts_in_words(parts: Sequence[Part]) -> str:
    return ", ".join(f"{part.quantity} × {part.part_number}" for part in parts)
