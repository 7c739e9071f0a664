"""The ledger in plain words, for History and for the page that reports a conflicting change."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import DateField, Field, ForeignKey, Model

from portal.people.models import User
from workorders.history.icons import ICONS
from workorders.history.sentences import Sentence, sentence_of
from workorders.models import File, Hold, LedgerEntry, Shipment, WorkOrder
from workorders.models.ledger import Event
from workorders.states import DELAY_DESCRIPTIONS, Cause, DelayReason

# fields whose change the entry's title already states
IMPLIED_BY_TITLE = frozenset(
    {
        "appointment",
        "is_void",
        "waived_note",
        "return_due_is_default",
        "nobody_there",
        "outcome_nobody_there",
    }
)

LABELS = {"give_up_reason": "Reason"}  # where the field's own label is not for people


class FieldChange(NamedTuple):
    """A field's label with its old and new value; both None where only the change is shown."""

    label: str
    old: Any
    new: Any

    @property
    def is_only_named(self) -> bool:
        return self.old is None and self.new is None


class DescribedEntry(NamedTuple):
    """One ledger entry: what, who, when, and what changed."""

    entry: LedgerEntry
    title: str
    who: str
    changes: list[FieldChange]

    @property
    def sentence(self) -> Sentence | None:
        """What happened in one sentence; whoever asks has read the entry's appointment."""
        return sentence_of(self.entry, self.who if self.entry.actor else "The portal")

    @property
    def icon(self) -> str:
        return ICONS[Event(self.entry.event)]

    @property
    def unfolds(self) -> bool:
        """Whether there is more to say than its sentence does."""
        return bool(self.changes or self.entry.note or self.entry.appointment_id)


def describe_entries(entries: Iterable[LedgerEntry], reader: User) -> list[DescribedEntry]:
    """The entries as this person may read them; partners see staff as the company."""
    return [
        DescribedEntry(entry, entry.title, actor_name(entry.actor, reader), list(_changes(entry)))
        for entry in entries
    ]


def days_of(
    lines: Iterable[DescribedEntry], zone: zoneinfo.ZoneInfo
) -> list[tuple[dt.date, list[DescribedEntry]]]:
    """The entries by the day on which they were written, at the site."""
    days = groupby(lines, key=lambda line: line.entry.at.astimezone(zone).date())
    return [(day, list(of_day)) for day, of_day in days]


def description_of(reason: DelayReason) -> str:
    """The description that is shown with the reason's name everywhere."""
    return DELAY_DESCRIPTIONS[reason].format(operator=settings.OPERATOR_NAME)


def cause_label(cause: Cause) -> str:
    return cause.label.format(operator=settings.OPERATOR_NAME)


def actor_name(actor: User | None, reader: User) -> str:
    """The name of whoever did it, as far as the reader may know it."""
    if actor is None:
        return "Portal"
    if actor.is_staff and not reader.is_staff:
        return f"{settings.OPERATOR_NAME} staff"
    return actor.name


def _changes(entry: LedgerEntry) -> Iterator[FieldChange]:
    model = _model_of(entry)
    fields = _fields(model) | {f"hold_{name}": field for name, field in _fields(Hold).items()}
    if any(name.startswith("ship_to_") for name in entry.changes):
        yield FieldChange("Ship-to", None, None)
    for name, values in entry.changes.items():
        if name == "reason" and values:
            reason = DelayReason(values[1])
            yield FieldChange("Reason for Delay", None, f"{reason.label}. {description_of(reason)}")
        elif name in ("line_items", "parts"):
            label = "Line items" if name == "line_items" else "Parts"
            yield FieldChange(label, *(values or (None, None)))
        elif name in fields and name not in IMPLIED_BY_TITLE and not name.startswith("ship_to_"):
            change = _change(fields[name], values)
            yield change._replace(old=None) if entry.event == Event.SHIPMENT_ADDED else change


def _model_of(entry: LedgerEntry) -> type[Model]:
    """The model whose fields the entry's changes name."""
    if entry.shipment:
        return Shipment
    return File if entry.file else WorkOrder


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
    if field.name == "cause":
        return cause_label(Cause(value))
    return dict(field.flatchoices).get(value, value)
