"""Writes rows to tables in sets.

Keys are assigned beforehand, because work orders and appointments refer to each other.
"""

from typing import Any

from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Max, Model

from workorders.models import WorkOrder
from workorders.services.seeding.templates import TABLES, Identity, Template, stored_fields
from workorders.services.waiting import keep_waits_of


def store_stories(copies: list[tuple[Template, Identity]]) -> None:
    """Write these work orders with everything that belongs to them, or nothing at all."""
    with transaction.atomic():
        first = {model: _highest(model) + 1 for model in TABLES}
        first_work_order = first[WorkOrder]
        tables: dict[type[Model], list[list[Any]]] = {model: [] for model in TABLES}
        for template, identity in copies:
            for model, row in template.copy(identity, first):
                tables[model].append(row)
            for model, rows in template.rows.items():
                first[model] += len(rows)
        for model, rows in tables.items():
            _insert(model, rows)
        _reset_sequences()
        keep_waits_of(range(first_work_order, first[WorkOrder]))


def have_room() -> None:
    """Have SQLite use 100 MB of memory and copy pages less often, for many writes."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA cache_size = -100000")
            cursor.execute("PRAGMA wal_autocheckpoint = 20000")


def _highest(model: type[Model]) -> int:
    return model._default_manager.aggregate(highest=Max("pk"))["highest"] or 0


def _insert(model: type[Model], rows: list[list[Any]]) -> None:
    """Insert without the ORM, which takes ten times as long; all names are the models' own."""
    quote = connection.ops.quote_name
    columns = [str(field.column) for field in stored_fields(model)]
    table, names = quote(model._meta.db_table), ", ".join(map(quote, columns))
    values = ", ".join("%s" for _ in columns)
    with connection.cursor() as cursor:
        if rows:
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({values})", rows)  # noqa: S608


def _reset_sequences() -> None:
    """Have PostgreSQL continue after the keys assigned here, as SQLite does by itself."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), TABLES):
            cursor.execute(statement)
