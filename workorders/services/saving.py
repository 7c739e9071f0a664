"""Saves rows, or does not, where a preview asks what a write would do.

On paper a service computes what it would write from the rows as they are. It opens no transaction
and takes no lock, so that nobody waits for it. What an import calls saves its rows by these
functions only.
"""

import itertools
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any

from django.db import connection, transaction
from django.db.models import Model, QuerySet


class Paper:
    """What is written on paper: related rows of a work order that are not in the database."""

    def __init__(self) -> None:
        self.keys = itertools.count(-1, -1)  # of rows that would be new: no saved row has them
        self.rows: dict[tuple[Any, str], list[Any]] = {}


_paper: ContextVar[Paper | None] = ContextVar("paper", default=None)


@contextmanager
def on_paper() -> Iterator[None]:
    """Save nothing meanwhile; whatever would write all the same is an error."""
    token = _paper.set(Paper())
    try:
        with connection.execute_wrapper(_refuse_writes):
            yield
    finally:
        _paper.reset(token)


@contextmanager
def aside() -> Iterator[None]:
    """Save meanwhile, in a write on paper, what is no part of it: how far it has come."""
    token = _paper.set(None)
    try:
        yield
    finally:
        _paper.reset(token)


def is_on_paper() -> bool:
    return _paper.get() is not None


def _refuse_writes(execute: Any, sql: str, *args: Any) -> Any:
    writes = not sql.lstrip(" (").startswith("SELECT") or " FOR UPDATE" in sql
    if writes and is_on_paper():
        raise RuntimeError(f"On paper nothing is written or locked: {sql[:80]}")
    return execute(sql, *args)


def together() -> AbstractContextManager[Any]:
    """All that is saved meanwhile, or nothing."""
    return nullcontext() if is_on_paper() else transaction.atomic()


def save_new(row: Model) -> None:
    paper = _paper.get()
    if paper is None:
        row.save(force_insert=True)
    else:
        row.pk = next(paper.keys)


def save_all_new(rows: Collection[Model]) -> None:
    """Rows of one model. They are not read again, and so have no key on paper."""
    if rows and not is_on_paper():
        type(next(iter(rows)))._default_manager.bulk_create(rows)


def save(row: Model, *fields: str) -> None:
    if not is_on_paper():
        row.save(update_fields=fields)


def save_all(rows: Collection[Model], *fields: str) -> None:
    """Rows of one model."""
    if rows and not is_on_paper():
        type(next(iter(rows)))._default_manager.bulk_update(rows, fields)


def update(rows: QuerySet[Any], **values: Any) -> None:
    if not is_on_paper():
        rows.update(**values)


def delete(rows: QuerySet[Any]) -> None:
    if not is_on_paper():
        rows.delete()


def related(row: Model, name: str, read: Callable[[], list[Any]]) -> list[Any]:
    """Rows that hang on this one; on paper with what earlier writes have added to the list."""
    paper = _paper.get()
    if paper is None:
        return read()
    if (row.pk, name) not in paper.rows:
        paper.rows[row.pk, name] = read()
    return paper.rows[row.pk, name]


def forget(row: Model) -> None:
    """Take back what is written on paper about this row."""
    paper = _paper.get()
    if paper:
        paper.rows = {key: rows for key, rows in paper.rows.items() if key[0] != row.pk}
