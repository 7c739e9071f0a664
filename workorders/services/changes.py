"""How the ledger records a change: a field's old and new value in JSON, never private text."""

import datetime as dt
from typing import Any

from portal.people.ship_to import SHIP_TO_LENGTHS
from workorders.models.ledger import LedgerChanges
from workorders.targets.computing import TargetFields

# may hold a phone number
FREE_TEXT = frozenset({"description", "access_notes", "partner_notes", "caption"})
POCS = {f"{which}poc_{fact}" for which in ("", "second_") for fact in ("name", "phone", "email")}
PRIVATE = FREE_TEXT | POCS | SHIP_TO_LENGTHS.keys()  # never copied to the ledger
# not logged, because they follow from the rest
DERIVED = {
    "search_text",
    "target_basis",
    "partner_since",
    "second_poc_is_partners",
    "visited_on",
    "protected_until",
    "protected_by",
    "known_delivery_on",
    "proposed_target_on",
    *TargetFields._fields,
} - {"target_on"}
TARGET_FIELDS_IN_LEDGER = ("start_on", "target_on", "target_revision", "level_revision")


def changed(field: str, old: Any, new: Any) -> LedgerChanges:
    """How a ledger entry records a changed field: old and new value, or None if it is private."""
    if field in DERIVED:
        return {}
    return {field: None if field in PRIVATE else [_plain(old), _plain(new)]}


def target_changes(before: TargetFields, after: TargetFields) -> LedgerChanges:
    """How the ledger records a moved target: old and new date, start day and revisions."""
    pairs = {
        field: (getattr(before, field), getattr(after, field)) for field in TARGET_FIELDS_IN_LEDGER
    }
    return {field: [_plain(old), _plain(new)] for field, (old, new) in pairs.items() if old != new}


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    return value.pk if hasattr(value, "pk") else value
