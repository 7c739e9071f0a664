"""Moving to another database: every row, in one transaction, and compared in the end."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DEFAULT_DB_ALIAS, Error, connections, models, transaction

from portal.checks import is_migrated
from workorders.models import append_only

SOURCE, TARGET = DEFAULT_DB_ALIAS, "move-to"
BATCH = 1000  # rows
MADE_BY_MIGRATE: list[type[models.Model]] = [Permission, ContentType]  # they can go in this order
Model = type[models.Model]


class MoveError(Exception):
    """A sentence about why nothing was moved."""


def move_to(database: dict[str, Any]) -> dict[str, int]:
    """Copy every row into another database, which is migrated first and must hold none; returns
    how many rows each table has. Raises MoveError.

    Nobody can write meanwhile where this database is SQLite, and what somebody writes is not seen
    where it is PostgreSQL.
    """
    if not is_migrated(connections[SOURCE]):
        raise MoveError("This database is not migrated. Run “manage.py migrate” first.")
    with _connected(database):
        call_command("migrate", database=TARGET, verbosity=0)
        with _reading(), transaction.atomic(using=TARGET):
            _prepare()
            tables = {model: _copied(model) for model in _models()}
            different = [model for model, digest in tables.items() if _digest(model) != digest]
            if different:
                names = ", ".join(model._meta.db_table for model in different)
                raise MoveError(f"Nothing was moved: {names} would not be the same there.")
            _set_sequences()
            if append_only.is_missing(connections[TARGET]):
                raise MoveError("Nothing was moved: the ledger is not guarded there.")
        return {model._meta.db_table: count for model, (count, _) in tables.items()}


@contextmanager
def _connected(database: dict[str, Any]) -> Iterator[None]:
    known = connections[SOURCE].settings_dict
    if all(database.get(name, "") == known[name] for name in ("NAME", "HOST", "PORT")):
        raise MoveError("That is the database in use.")
    connections.databases[TARGET] = connections.configure_settings({SOURCE: database})[SOURCE]
    try:
        yield
    except Error as error:
        raise MoveError(f"Nothing was moved: {str(error).strip()}.") from error
    finally:
        connections[TARGET].close()
        del connections[TARGET], connections.databases[TARGET]


@contextmanager
def _reading() -> Iterator[None]:
    """This database as it is at one moment."""
    with transaction.atomic(using=SOURCE), connections[SOURCE].cursor() as cursor:
        if connections[SOURCE].vendor == "postgresql":
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            _lift_limits(cursor)
        yield


def _lift_limits(cursor: Any) -> None:
    for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
        cursor.execute(f"SET LOCAL {limit} = 0")


def _prepare() -> None:
    """Take away what `migrate` has made; it comes over with its numbers. Raises MoveError."""
    for model in _models():
        if model not in MADE_BY_MIGRATE and _rows(model, TARGET).exists():
            table = model._meta.db_table
            raise MoveError(f"There are rows in {table} of that database. Move into an empty one.")
    for model in MADE_BY_MIGRATE:
        _rows(model, TARGET)._raw_delete(TARGET)
    if connections[TARGET].vendor == "postgresql":
        with connections[TARGET].cursor() as cursor:
            _lift_limits(cursor)


def _models() -> list[Model]:
    """One for each table of ours, those between two models included."""
    every = apps.get_models(include_auto_created=True)
    return [model for model in every if model._meta.managed and not model._meta.proxy]


def _rows(model: Model, alias: str) -> Any:
    return model._base_manager.using(alias).order_by("pk")


def _copied(model: Model) -> tuple[int, str]:
    """Copy the rows of a table; returns their number and digest. The constraints are asked at the
    end, so that the order of tables is all the same.
    """
    batch: list[models.Model] = []
    for row in _rows(model, SOURCE).iterator(BATCH):
        batch.append(row)
        if len(batch) == BATCH:
            _write(model, batch)
            batch = []
    _write(model, batch)
    return _digest(model, SOURCE)


def _write(model: Model, batch: list[models.Model]) -> None:
    try:
        model._base_manager.using(TARGET).bulk_create(batch)
    except (Error, ValueError) as error:
        table = model._meta.db_table
        raise MoveError(f"Nothing was moved: {table}: {str(error).strip()}.") from error


def _digest(model: Model, alias: str = TARGET) -> tuple[int, str]:
    """How many rows a table has, and the digest of all their values as Python reads them."""
    found, count = hashlib.sha256(), 0
    fields = [field.attname for field in model._meta.concrete_fields]
    for values in _rows(model, alias).values_list(*fields).iterator(BATCH):
        found.update(json.dumps(values, sort_keys=True, default=repr).encode())
        count += 1
    return count, found.hexdigest()


def _set_sequences() -> None:
    """The next number that each table gives goes on where this database was."""
    target = connections[TARGET]
    with target.cursor() as cursor:
        for statement in target.ops.sequence_reset_sql(no_style(), _models()):
            cursor.execute(statement)
