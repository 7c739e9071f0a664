"""A story as rows that can be written many times over: a million lives need not each be told anew."""

import json
from collections.abc import Iterator
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
from workorders.models.queries import search_text
from workorders.services.seeding.story import Story

TABLES: tuple[type[Model], ...] = (
    *(
        WorkOrder,
        MissedSLAReason,
        Verdict,
        Appointment,
        Visit,
        LineItem,
        Shipment,
        ShipmentPart,
        PartReport,
    ),
    *(Hold, Comment, LedgerEntry),
)
COLUMNS = {model: [field.attname for field in model._meta.concrete_fields] for model in TABLES}
PLACE = {
    model: {name: index for index, name in enumerate(names)} for model, names in COLUMNS.items()
}
KEYS = {  # columns that hold a key of these tables, and of which
    model: [(PLACE[model]["id"], model)]
    + [
        (PLACE[model][field.attname], field.related_model)
        for field in model._meta.concrete_fields
        if isinstance(field, ForeignKey) and field.related_model in TABLES
    ]
    for model in TABLES
}
# may tell what differs from copy to copy
MARKED = (PLACE[LedgerEntry]["changes"], PLACE[LedgerEntry]["note"])
STEP = 7_919_413  # between the tracking numbers of two work orders that share a story


class Identity(NamedTuple):
    """What a work order has of its own; the rest it shares with the one whose story was told."""

    n: int
    number: str
    case_number: str
    station: Station
    description: str


class Template:
    """Rows by table, with keys that count from 0 within the story."""

    def __init__(self, story: Story, n: int) -> None:
        work_order = story.work_order
        self.n = n
        self.tracking = [shipment.tracking_number for shipment in story.shipments]
        self.kinds = [shipment.kind for shipment in story.shipments]
        # a return of unused parts has its shipment's
        self.marks = [shipment.number for shipment in story.shipments]
        self.found_by = [work_order.subject, work_order.site.account.name, work_order.site.city]
        self.found_by += [work_order.poc_name, work_order.poc_phone]
        rows_by_model: dict[type[Model], list[Any]] = dict(
            zip(
                TABLES,
                (
                    *(
                        [work_order],
                        story.reasons,
                        story.verdicts,
                        story.appointments,
                        story.visits,
                        story.line_items,
                    ),
                    *(
                        story.shipments,
                        story.parts,
                        story.part_reports,
                        story.holds,
                        story.comments,
                        story.entries,
                    ),
                ),
                strict=True,
            )
        )
        for rows in rows_by_model.values():
            for key, row in enumerate(rows):
                row.pk = key
        self.rows = {
            model: [self._values(model, row) for row in rows]
            for model, rows in rows_by_model.items()
        }
        entries = self.rows[LedgerEntry]
        self.marked = {
            index
            for index, row in enumerate(entries)
            if any("@" in row[column] for column in MARKED)
        }

    def _values(self, model: type[Model], row: Any) -> list[Any]:
        return [self._value(field, row) for field in model._meta.concrete_fields]

    def _value(self, field: Any, row: Any) -> Any:
        if field.name == "changes":
            return self._changes(row.changes)
        if field.name == "outcome_basis":  # it names shipments
            return json.dumps(row.outcome_basis)
        if isinstance(field, ForeignKey) and (related := field.get_cached_value(row, default=None)):
            return related.pk
        return field.get_db_prep_save(getattr(row, field.attname), connection)

    def _changes(self, changes: dict[str, Any]) -> str:
        """As JSON, with a mark where copies differ: @A0@ an appointment's key, @T0@ a tracking,
        @N0@ a number.
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
        """The rows of another work order, with keys from `first` on."""
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
                    for column in MARKED:
                        values[column] = self._unmarked(
                            values[column], numbers, tracking, first[Appointment]
                        )
                yield model, values

    def _identify(
        self, values: list[Any], identity: Identity, numbers: list[str], tracking: list[str]
    ) -> None:
        station = identity.station
        texts = [
            identity.number,
            identity.case_number,
            *self.found_by[:2],
            station.site.name,
            *self.found_by[2:],
        ]
        texts += [
            station.serial,
            *(text for pair in zip(numbers, tracking, strict=True) for text in pair),
        ]
        own = {
            "number": identity.number,
            "case_number": identity.case_number,
            "description": identity.description,
            "site_id": station.site_id,
            "station_id": station.pk,
            "search_text": search_text(texts),
            "outcome_basis": self._unmarked(
                values[PLACE[WorkOrder]["outcome_basis"]], numbers, tracking, 0
            ),
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
