"""Many stories to rows, in sets: every key is known beforehand, so that each table is written once a batch."""

from collections.abc import Iterable, Sequence
from itertools import chain, count
from typing import Any

from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Max, Model

from workorders.models import (
    Appointment,
    Comment,
    Hold,
    LedgerEntry,
    LineItem,
    MissedSLAReason,
    Shipment,
    ShipmentPart,
    WorkOrder,
)
from workorders.services.seeding.story import Story

ROWS_AT_ONCE = 500


def store(stories: Sequence[Story]) -> None:
    """Write the stories as they were told, all or none."""
    tables: list[tuple[type[Model], list[Any]]] = [
        (WorkOrder, [story.work_order for story in stories]),
        (MissedSLAReason, _all(story.reasons for story in stories)),
        (Appointment, _all(story.appointments for story in stories)),
        (LineItem, _all(story.line_items for story in stories)),
        (Shipment, _all(story.shipments for story in stories)),
        (ShipmentPart, _all(story.parts for story in stories)),
        (Hold, _all(story.holds for story in stories)),
        (Comment, _all(story.comments for story in stories)),
        (LedgerEntry, _all(story.entries for story in stories)),
    ]
    with transaction.atomic():
        for model, rows in tables:
            _number(model, rows)
        for entry in tables[-1][1]:
            _name_appointments(entry)
        for model, rows in tables:
            model._default_manager.bulk_create(rows, batch_size=ROWS_AT_ONCE)
        _reset_sequences([model for model, _ in tables])


def _all(lists: Iterable[list[Any]]) -> list[Any]:
    return list(chain.from_iterable(lists))


def _number(model: type[Model], rows: list[Any]) -> None:
    """Keys after the highest; work orders and appointments point at each other, so neither can come first."""
    highest = model._default_manager.aggregate(highest=Max("pk"))["highest"] or 0
    for pk, row in zip(count(highest + 1), rows, strict=False):
        row.pk = pk


def _name_appointments(entry: LedgerEntry) -> None:
    if booked := entry.changes.get("appointment"):
        entry.changes["appointment"] = [row and row.pk for row in booked]


def _reset_sequences(models: list[type[Model]]) -> None:
    """PostgreSQL counts on after the keys given here; SQLite does by itself."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)
