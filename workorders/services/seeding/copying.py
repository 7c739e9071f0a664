"""Stories as rows that the database copies, so that a million work orders need few stories.

A story is told about names that are marks. Its rows go to temporary tables, and the database puts
each copy together from them and from one row that says what the copy has of its own.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate
from operator import add
from typing import Any, NamedTuple

from django.core.management.color import no_style
from django.db import connection
from django.db.models import ForeignKey, JSONField, Max, Model

from portal.people.models import Partner, User
from portal.people.ship_to import SHIP_TO_LENGTHS
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
    Site,
    Station,
    Verdict,
    Visit,
    Wait,
    WorkOrder,
)
from workorders.services.seeding.names import MARKS, Names
from workorders.services.seeding.story import Story
from workorders.services.waiting import keep_waits_of

# what belongs to a story, in the order in which rows may be inserted
TABLES: dict[type[Model], Callable[[Story], Sequence[Any]]] = {
    WorkOrder: lambda story: [story.work_order],
    MissedSLAReason: lambda story: story.reasons,
    Verdict: lambda story: story.verdicts,
    Appointment: lambda story: story.appointments,
    Visit: lambda story: story.visits,
    LineItem: lambda story: story.line_items,
    Shipment: lambda story: story.shipments,
    ShipmentPart: lambda story: story.parts,
    PartReport: lambda story: story.part_reports,
    Hold: lambda story: story.holds,
    Comment: lambda story: story.comments,
    LedgerEntry: lambda story: story.entries,
}
MODELS: list[type[Model]] = [*TABLES, Wait]
APPOINTMENTS = 3  # a story has at most
DIGITS = ["digits"]
MARKED = {  # where the marks stand
    (WorkOrder, "number"): DIGITS,
    (WorkOrder, "case_number"): ["case_number"],
    (WorkOrder, "description"): ["site", "location_note"],
    (WorkOrder, "search_text"): ["squashed_site", "folded_site", *DIGITS, "case_number", "serial"],
    (WorkOrder, "target_basis"): DIGITS,
    (Shipment, "number"): DIGITS,
    (Shipment, "tracking_number"): DIGITS,
    (LedgerEntry, "changes"): DIGITS,
    (LedgerEntry, "note"): DIGITS,
}


class Copy(NamedTuple):
    story: int
    partner_id: int
    dispatcher_id: int
    site_id: int
    station_id: int
    names: Names


class Copier:
    """Keeps stories on this connection, and copies them.

    `teller` is the dispatcher in all stories, whose place each copy's own dispatcher takes.
    """

    def __init__(self, teller: User) -> None:
        self.teller = teller
        self.sizes: dict[int, list[int]] = {}  # how many rows a story has in each of TABLES
        self.waits_told: set[int] = set()  # stories of which it is known what they wait for
        keys = ", ".join(f"{name} bigint" for name in (*Copy._fields[:-1], *map(_first, TABLES)))
        names = ", ".join(f"{name} text" for name in Names._fields)
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS seeding_copy")
            cursor.execute(
                f"CREATE TEMPORARY TABLE seeding_copy (n integer PRIMARY KEY, {keys}, {names})"
            )
            for model in MODELS:
                told, columns = _told(model), ", ".join(map(_as_told, _fields(model)))
                cursor.execute(f"DROP TABLE IF EXISTS {told}")
                cursor.execute(
                    f"CREATE TEMPORARY TABLE {told} AS SELECT CAST(0 AS integer) AS story,"  # noqa: S608
                    f" {columns} FROM {_table(model)} WHERE 1 = 0"
                )
                cursor.execute(f"CREATE INDEX {told}_by_story ON {told} (story, id)")

    def tell(self, n: int, story: Story) -> None:
        """Keep a story. Its rows get keys that count from 0."""
        tables = {model: rows_of(story) for model, rows_of in TABLES.items()}
        for rows in tables.values():
            for key, row in enumerate(rows):
                row.pk = key
        for model, rows in tables.items():
            _insert(_told(model), [(n, *_values(model, row)) for row in rows])
        self.sizes[n] = [len(rows) for rows in tables.values()]

    def write(self, copies: Sequence[Copy]) -> None:
        """Write these copies with everything that belongs to them."""
        sizes = (self.sizes[copy.story] for copy in copies)
        # the first key of each copy in each table, and what follows the last copy
        firsts = [
            *accumulate(sizes, lambda keys, size: [*map(add, keys, size)], initial=_next_keys())
        ]
        work_orders = {first[0]: copy.story for copy, first in zip(copies, firsts, strict=False)}
        asked = [pk for pk, story in work_orders.items() if story not in self.waits_told]
        rows = [(n, *copy[:-1], *firsts[n], *copy.names) for n, copy in enumerate(copies)]
        _insert("seeding_copy", rows)
        with connection.cursor() as cursor:
            for model in MODELS:
                cursor.execute(self._copying(model))
            cursor.execute("DELETE FROM seeding_copy")
        _go_on_behind_the_keys()
        keep_waits_of(asked)
        self._tell_waits({work_orders[pk]: pk for pk in asked})

    @contextmanager
    def checks(self, copies: Sequence[Copy]) -> Iterator[None]:
        """Around the transaction that writes these copies: SQLite takes most of its time for the
        checks of each row, also where all are copies of rows that were checked.
        """
        if not self.waits_told.issuperset(copy.story for copy in copies):
            yield
            return
        _have_sqlite("foreign_keys = OFF", "ignore_check_constraints = ON")
        try:
            yield
        finally:
            _have_sqlite("foreign_keys = ON", "ignore_check_constraints = OFF")

    def _tell_waits(self, examples: dict[int, int]) -> None:
        """What the copies of a story wait for is what its first copies were found to wait for."""
        columns = ", ".join(
            "0" if field.name == "work_order" else _column(field) for field in _fields(Wait)
        )
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {_told(Wait)} SELECT %s, {columns} FROM {_table(Wait)}"  # noqa: S608
                " WHERE work_order_id = %s",
                list(examples.items()),
            )
        self.waits_told.update(examples)

    def _copying(self, model: type[Model]) -> str:
        fields = [field for field in _fields(model) if model is not Wait or not field.primary_key]
        columns = ", ".join(map(_column, fields))
        values = ", ".join(self._copied(model, field) for field in fields)
        return (
            f"INSERT INTO {_table(model)} ({columns}) SELECT {values} FROM seeding_copy c"  # noqa: S608
            f" CROSS JOIN {_told(model)} t WHERE t.story = c.story ORDER BY c.n, t.id"
        )

    def _copied(self, model: type[Model], field: Any) -> str:
        """The value of a copy, as an expression."""
        value = f"t.{_column(field)}"
        for name in MARKED.get((model, field.name), ()):
            value = f"REPLACE({value}, '{getattr(MARKS, name)}', c.{name})"
        if (model, field.name) == (LedgerEntry, "changes"):
            for n in range(APPOINTMENTS):
                key = f"CAST(c.{_first(Appointment)} + {n} AS text)"
                value = f"REPLACE({value}, '\"{_mark(n)}\"', {key})"
        if isinstance(field, JSONField):
            return f"CAST({value} AS {field.db_type(connection)})"
        if (model, field.name) in [(WorkOrder, name) for name in SHIP_TO_LENGTHS]:
            theirs = f"SELECT {_column(field)} FROM {_table(Partner)} WHERE id = c.partner_id"  # noqa: S608
            return f"CASE t.ship_to_street WHEN '' THEN '' ELSE ({theirs}) END"
        related = model if field.primary_key else field.related_model
        if related in TABLES:
            return f"{value} + c.{_first(related)}"
        if related in (Partner, Site, Station):
            return f"c.{_column(field)}"
        if related is not User:
            return value
        if field.name == "technician":
            return f"CASE c.dispatcher_id WHEN {self.teller.pk} THEN {value} END"
        return f"CASE {value} WHEN {self.teller.pk} THEN c.dispatcher_id ELSE {value} END"


def have_room() -> None:
    """Have SQLite use 60 MB of memory and copy pages less often, for many writes."""
    _have_sqlite("mmap_size = 0", "cache_size = -60000", "wal_autocheckpoint = 20000")


def _have_sqlite(*settings: str) -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for setting in settings:
                cursor.execute(f"PRAGMA {setting}")


def _table(model: type[Model]) -> str:
    return model._meta.db_table


def _column(field: Any) -> str:
    return connection.ops.quote_name(field.column)  # one of them is named "on"


def _told(model: type[Model]) -> str:
    return f"seeding_{model._meta.model_name}"


def _first(model: type[Model]) -> str:
    return f"first_{model._meta.model_name}"


def _mark(appointment: int) -> str:
    return f"@{appointment}@"


def _fields(model: type[Model]) -> list[Any]:
    """All columns but those that the database computes."""
    return [field for field in model._meta.concrete_fields if not field.generated]


def _as_told(field: Any) -> str:
    is_text = isinstance(field, JSONField)
    return f"CAST({_column(field)} AS text) AS {_column(field)}" if is_text else _column(field)


def _values(model: type[Model], row: Any) -> Iterator[Any]:
    for field in _fields(model):
        value = getattr(row, field.attname)
        if field.name == "changes":
            yield json.dumps(_marked(value))
        elif isinstance(field, JSONField):
            yield json.dumps(value)
        elif isinstance(field, ForeignKey) and (
            related := field.get_cached_value(row, default=None)
        ):
            yield related.pk
        else:
            yield field.get_db_prep_save(value, connection)


def _marked(changes: dict[str, Any]) -> dict[str, Any]:
    if "appointment" not in changes:
        return changes
    return changes | {"appointment": [row and _mark(row.pk) for row in changes["appointment"]]}


def _next_keys() -> list[int]:
    highest = [model._default_manager.aggregate(Max("pk"))["pk__max"] for model in TABLES]
    return [(key or 0) + 1 for key in highest]


def _insert(table: str, rows: Sequence[Sequence[Any]]) -> None:
    """Insert whole rows; all names are the models' own."""
    if rows:
        values = ", ".join("%s" for _ in rows[0])
        with connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {table} VALUES ({values})", rows)  # noqa: S608


def _go_on_behind_the_keys() -> None:
    """Have PostgreSQL continue after the keys assigned here, as SQLite does by itself."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(TABLES)):
            cursor.execute(statement)
