"""A story as rows that can be copied, so that a million work orders need few stories."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import ForeignKey, Model

from workorders.fieldwork.returns_and_reports import SUFFIX
from workorders.models import (
    Appointment,
    Comment,
    Hold,
    LedgerEntry,
    LineItem,
    MissedSLAReason,
    PartReport,
    Shipment,
    ShipmentPart,
    Station,
    Verdict,
    Visit,
    WorkOrder,
)
from workorders.models.searching import search_text
from workorders.services.seeding.story import Story

# in the order in which rows may be inserted
TABLES: tuple[type[Model], ...] = (
    WorkOrder,
    MissedSLAReason,
    Verdict,
    Appointment,
    Visit,
    LineItem,
    Shipment,
    ShipmentPart,
    PartReport,
    Hold,
    Comment,
    LedgerEntry,
)


def stored_fields(model: type[Model]) -> list[Any]:
    """All columns but those that the database computes."""
    return [field for field in model._meta.concrete_fields if not field.generated]


COLUMNS = {model: [field.attname for field in stored_fields(model)] for model in TABLES}
PLACE = {
    model: {name: index for index, name in enumerate(names)} for model, names in COLUMNS.items()
}
# columns that may hold what differs between copies
MARKED = (PLACE[LedgerEntry]["changes"], PLACE[LedgerEntry]["note"])
STEP = 7_919_413  # between the tracking numbers of two copies of a story


def _key_columns(model: type[Model]) -> list[tuple[int, type[Model]]]:
    """The columns that hold a key of one of these tables, and which table."""
    columns = [(PLACE[model]["id"], model)]
    for field in stored_fields(model):
        if isinstance(field, ForeignKey) and field.related_model in TABLES:
            columns.append((PLACE[model][field.attname], field.related_model))
    return columns


KEYS = {model: _key_columns(model) for model in TABLES}


class Identity(NamedTuple):
    """What differs between copies of a story."""

    n: int
    number: str
    case_number: str
    station: Station
    description: str


def story_rows(story: Story) -> dict[type[Model], Sequence[Any]]:
    """A story's rows by table."""
    return {
        WorkOrder: [story.work_order],
        MissedSLAReason: story.reasons,
        Verdict: story.verdicts,
        Appointment: story.appointments,
        Visit: story.visits,
        LineItem: story.line_items,
        Shipment: story.shipments,
        ShipmentPart: story.parts,
        PartReport: story.part_reports,
        Hold: story.holds,
        Comment: story.comments,
        LedgerEntry: story.entries,
    }


class Template:
    """Rows by table, with keys that count from 0 within the story."""

    def __init__(self, story: Story, n: int) -> None:
        work_order = story.work_order
        self.n = n
        self.tracking = [shipment.tracking_number for shipment in story.shipments]
        self.kinds = [shipment.kind for shipment in story.shipments]
        # a return of unused parts has its shipment's mark with a suffix
        self.marks = [shipment.number for shipment in story.shipments]
        self.found_by = [work_order.subject, work_order.site.account.name, work_order.site.city]
        self.found_by += [work_order.poc_name, work_order.poc_phone]
        tables = story_rows(story)
        for rows in tables.values():
            for key, row in enumerate(rows):
                row.pk = key
        self.rows = {model: [self._values(model, row) for row in tables[model]] for model in TABLES}
        entries = enumerate(self.rows[LedgerEntry])
        self.marked = {
            index for index, row in entries if any("@" in row[column] for column in MARKED)
        }

    def _values(self, model: type[Model], row: Any) -> list[Any]:
        return [self._value(field, row) for field in stored_fields(model)]

    def _value(self, field: Any, row: Any) -> Any:
        if field.name == "changes":
            return self._changes(row.changes)
        if field.name == "target_basis":  # which names shipments
            return json.dumps(row.target_basis)
        if isinstance(field, ForeignKey) and (related := field.get_cached_value(row, default=None)):
            return related.pk
        return field.get_db_prep_save(getattr(row, field.attname), connection)

    def _changes(self, changes: dict[str, Any]) -> str:
        """The changes as JSON, with marks where copies differ.

        @A0@ stands for an appointment's key, @T0@ for a tracking number, @N0@ for a number.
        """
        marked = dict(changes)
        if "appointment" in marked:
            marked["appointment"] = [row and f"@A{row.pk}@" for row in marked["appointment"]]
        text = json.dumps(marked)
        for index, tracking in enumerate(self.tracking):
            if tracking:
                text = text.replace(f'"{tracking}"', f'"@T{index}@"')
        return text

    def copy(
        self, identity: Identity, first: dict[type[Model], int]
    ) -> Iterator[tuple[type[Model], list[Any]]]:
        """The rows of a copy, with keys from `first` on."""
        tracking = [self._tracking(each, identity.n) for each in self.tracking]
        numbers = self._numbers(identity.n)
        for model, rows in self.rows.items():
            for index, row in enumerate(rows):
                values = row.copy()
                for column, table in KEYS[model]:
                    if values[column] is not None:
                        values[column] += first[table]
                if model is WorkOrder:
                    self._identify(values, identity, numbers, tracking)
                elif model is Shipment:
                    values[PLACE[Shipment]["number"]] = numbers[index]
                    values[PLACE[Shipment]["tracking_number"]] = tracking[index]
                elif model is LedgerEntry and index in self.marked:
                    key = first[Appointment]
                    for column in MARKED:
                        values[column] = self._unmarked(values[column], numbers, tracking, key)
                yield model, values

    def _identify(
        self, values: list[Any], identity: Identity, numbers: list[str], tracking: list[str]
    ) -> None:
        station = identity.station
        subject, account, *others = self.found_by
        texts = [identity.number, identity.case_number, subject, account, station.site.name]
        texts += [*others, station.serial]
        for number, tracking_number in zip(numbers, tracking, strict=True):
            texts += [number, tracking_number]
        basis = values[PLACE[WorkOrder]["target_basis"]]
        own = {
            "number": identity.number,
            "case_number": identity.case_number,
            "description": identity.description,
            "site_id": station.site_id,
            "station_id": station.pk,
            "search_text": search_text(texts),
            "target_basis": self._unmarked(basis, numbers, tracking, 0),
        }
        for name, value in own.items():
            values[PLACE[WorkOrder][name]] = value

    def _numbers(self, n: int) -> list[str]:
        numbers: list[str] = []
        for index, (kind, mark) in enumerate(zip(self.kinds, self.marks, strict=True)):
            of = mark.removesuffix(SUFFIX)
            own = f"{kind}-{n * 10 + index:09}"
            numbers.append(own if of == mark else f"{numbers[self.marks.index(of)]}{SUFFIX}")
        return numbers

    def _tracking(self, tracking: str, n: int) -> str:
        return tracking and f"{(int(tracking) + (n - self.n) * STEP) % 10**12:012}"

    def _unmarked(
        self, text: str, numbers: list[str], tracking: list[str], first_appointment: int
    ) -> str:
        for index in range(len(self.rows[Appointment])):
            text = text.replace(f'"@A{index}@"', str(first_appointment + index))
        for index, (number, value) in enumerate(zip(numbers, tracking, strict=True)):
            text = text.replace(f"@N{index}@", number).replace(f"@T{index}@", value)
        return text
