"""The ledger in plain words, as History and the page of a lost race show it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import DateField, Field, ForeignKey, Model

from portal.people.models import User
from workorders.models import File, Hold, LedgerEntry, Shipment, WorkOrder
from workorders.models.ledger import Event
from workorders.states import DELAY_DESCRIPTIONS, Cause, DelayReason

# fields that the entry's own words say
IMPLIED_BY_TITLE = frozenset({"appointment", "is_void", "waived_note", "return_due_is_default"})

LABELS = {"give_up_reason": "Reason"}  # where the field's own name is not for people


class FieldChange(NamedTuple):
    """A field's name, what it was and what it is; both None where only the fact is told."""

    label: str
    old: Any
    new: Any


class DescribedEntry(NamedTuple):
    """One ledger entry: what, who, when, and what changed."""

    entry: LedgerEntry
    title: str
    who: str
    changes: list[FieldChange]


def describe_entries(entries: Iterable[LedgerEntry], reader: User) -> list[DescribedEntry]:
    """The entries as this person may read them: to partners, staff are the company."""
    return [
        DescribedEntry(entry, entry.title, actor_name(entry.actor, reader), list(_changes(entry)))
        for entry in entries
    ]


def description_of(reason: DelayReason) -> str:
    """What stands beside the reason's name wherever it is shown."""
    return DELAY_DESCRIPTIONS[reason].format(operator=settings.OPERATOR_NAME)


def cause_label(cause: Cause) -> str:
    return cause.label.format(operator=settings.OPERATOR_NAME)


def actor_name(actor: User | None, reader: User) -> str:
    """The name of the person who did it, as far as the reader may know it."""
    if actor is None:
        return "Portal"
    if actor.is_staff and not reader.is_staff:
        return f"{settings.OPERATOR_NAME} staff"
    return actor.name


def _changes(entry: LedgerEntry) -> Iterator[FieldChange]:
    model: type[Model] = Shipment if entry.shipment else File if entry.file else WorkOrder
    fields = _fields(model) | {f"hold_{name}": field for name, field in _fields(Hold).items()}
    if any(name.startswith("ship_to_") for name in entry.changes):
        yield FieldChange("Ship-to", None, None)
    for name, values in entry.changes.items():
        if name == "reason" and values:
            reason = DelayReason(values[1])
            yield FieldChange("Reason for Delay", None, f"{reason.label}. {description_of(reason)}")
        elif name in ("line_items", "parts"):
            yield FieldChange(
                "Steps of the work" if name == "line_items" else "Parts", *(values or (None, None))
            )
        elif name in fields and name not in IMPLIED_BY_TITLE and not name.startswith("ship_to_"):
            change = _change(fields[name], values)
            yield change._replace(old=None) if entry.event == Event.SHIPMENT_ADDED else change


def _fields(model: type[Model]) -> dict[str, Field[Any, Any]]:
    return {field.name: field for field in model._meta.get_fields() if isinstance(field, Field)}


def _change(field: Field[Any, Any], values: list[Any] | None) -> FieldChange:
    label = LABELS.get(field.name, str(field.verbose_name))
    label = label[0].upper() + label[1:]
    if values is None or isinstance(field, ForeignKey):
        return FieldChange(label, None, None)
    return FieldChange(label, _shown(field, values[0]), _shown(field, values[1]))


def _shown(field: Field[Any, Any], value: Any) -> Any:
    if value in (None, ""):
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(field, DateField):
        shown: dt.date = field.to_python(value)
        return shown
    return (
        cause_label(Cause(value))
        if field.name == "cause"
        else dict(field.flatchoices).get(value, value)
    )
