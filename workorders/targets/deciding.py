"""Which shipments the start day follows once the first visit has begun (docs/rules.md, rule 6)."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from workorders.models import LedgerEntry, Shipment
from workorders.models.ledger import Event
from workorders.states import Direction

FACTS = {"required": True, "direction": Direction.OUTBOUND}  # of a shipment that says nothing else


def deciding(
    shipments: Sequence[Shipment],
    ledger: Sequence[LedgerEntry],
    began_at: dt.datetime,
    cycle: int = 1,
) -> list[Shipment]:
    """Those that were required when the cycle's first visit began. Where none was, in the first
    cycle, those that made the first target since, or all.

    `ledger` is that of the work order, oldest entry first.
    """
    known = required_then(shipments, [entry for entry in ledger if entry.at <= began_at])
    if known or cycle > 1:
        return known
    for n, entry in enumerate(ledger):
        if entry.event == Event.TARGET_MOVED and entry.at > began_at and _names_target(entry):
            return required_then(shipments, ledger[: n + 1]) or list(shipments)
    return list(shipments)


def _names_target(entry: LedgerEntry) -> bool:
    return bool((entry.changes["target_on"] or (None, None))[1])


def required_then(shipments: Iterable[Shipment], ledger: Sequence[LedgerEntry]) -> list[Shipment]:
    """Those that were required outbound shipments at the end of this ledger of a work order, oldest
    entry first.
    """
    known = _facts(ledger)
    return [
        shipment
        for shipment in shipments
        if known.get(shipment.pk, {}).get("required")
        and known[shipment.pk]["direction"] == Direction.OUTBOUND
    ]


def _facts(ledger: Sequence[LedgerEntry]) -> dict[int, dict[str, Any]]:
    """What the ledger says of each shipment: whether it is required, and its direction."""
    facts: dict[int, dict[str, Any]] = {}
    for entry in ledger:
        if entry.event == Event.UNDONE:
            version, side = entry.changes["step"][0], 0
            entries = [each for each in ledger if each.version == version]
        else:
            side, entries = 1, [entry]
        for each in entries:
            if each.shipment_id:
                of_shipment = facts.setdefault(each.shipment_id, dict(FACTS))
                changes = {name: each.changes[name][side] for name in FACTS if name in each.changes}
                of_shipment.update(changes)
    return facts
