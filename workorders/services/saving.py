"""Saves rows one by one, in sets, or not at all, where a preview asks what a write would do.

On paper a service computes what it would write from the rows as they are. It opens no transaction
and takes no lock, so that nobody waits for it. In sets it computes in the same way, and what many
writes would save is saved together at the end. What an import calls saves its rows by these
functions only.
"""

import itertools
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.models import Model, QuerySet

Read = TypeVar("Read")
# what others refer to comes first
ORDER = ("account", "site", "station", "workorder", "shipment")


class Paper:
    """What is written on paper: related rows of a work order that are not in the database."""

    def __init__(self) -> None:
        self.keys = itertools.count(-1, -1)  # of rows that would be new: no saved row has them
        self.rows: dict[tuple[Any, str], list[Any]] = {}
        self.read: dict[Hashable, Any] = {}


class Sets(Paper):
    """Paper whose writes are saved in the end."""

    def __init__(self) -> None:
        super().__init__()
        self.new: dict[type[Model], list[Model]] = defaultdict(list)
        self.changed: dict[int, tuple[Model, set[str]]] = {}
        self.deleted: list[QuerySet[Any]] = []

    def save(self) -> None:
        for rows in self.deleted:
            rows.delete()
        for model in sorted(self.new, key=_place_in_order):
            for row in self.new[model]:
                _refer(row)
                row.pk = None
            model._default_manager.bulk_create(self.new[model])
        for row, fields in self.changed.values():
            _refer(row)
            row.save(update_fields=fields)


def _place_in_order(model: type[Model]) -> int:
    name = str(model._meta.model_name)
    return ORDER.index(name) if name in ORDER else len(ORDER)


def _refer(row: Model) -> None:
    """Refer to rows that were new by the keys that they have now."""
    for field in row._meta.concrete_fields:
        if field.is_relation and is_new(getattr(row, field.attname)):
            setattr(row, field.name, getattr(row, field.name))


class NotInSets(Exception):
    """This write is one that has to be saved by itself."""


_paper: ContextVar[Paper | None] = ContextVar("paper", default=None)


@contextmanager
def on_paper() -> Iterator[None]:
    """Save nothing meanwhile; whatever would write all the same is an error."""
    with _written_on(Paper()):
        yield


@contextmanager
def in_sets() -> Iterator[None]:
    """Save what is written meanwhile at the end, in sets: all of it, or after an error nothing.

    Whoever asks has locked the rows, and is in a transaction. Raises NotInSets for what has to be
    saved by itself, and IntegrityError at the end.
    """
    sets = Sets()
    with _written_on(sets):
        yield
    sets.save()


@contextmanager
def _written_on(paper: Paper) -> Iterator[None]:
    token = _paper.set(paper)
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
    """Whether nothing is saved now: not at all, or in sets later."""
    return _paper.get() is not None


def is_preview() -> bool:
    """Whether nothing will be saved."""
    return is_on_paper() and not isinstance(_paper.get(), Sets)


def is_new(key: Any) -> bool:
    """Whether it is the key of a row that is on paper only."""
    return isinstance(key, int) and key < 0


def by_itself() -> None:
    """Say that what comes now cannot be saved in a set. Raises NotInSets."""
    if isinstance(_paper.get(), Sets):
        raise NotInSets


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
        return
    row.pk = next(paper.keys)
    if isinstance(paper, Sets):
        paper.new[type(row)].append(row)


def save_all_new(rows: Collection[Model]) -> None:
    """Rows of one model. They are not read again, and so have no key on paper."""
    paper = _paper.get()
    if not rows:
        return
    if isinstance(paper, Sets):
        paper.new[type(next(iter(rows)))] += rows
    elif paper is None:
        type(next(iter(rows)))._default_manager.bulk_create(rows)


def save(row: Model, *fields: str) -> None:
    paper = _paper.get()
    if paper is None:
        row.save(update_fields=fields)
    elif isinstance(paper, Sets) and not is_new(row.pk):
        paper.changed.setdefault(id(row), (row, set()))[1].update(fields)


def save_all(rows: Collection[Model], *fields: str) -> None:
    """Rows of one model."""
    if is_on_paper():
        for row in rows:
            save(row, *fields)
    elif rows:
        type(next(iter(rows)))._default_manager.bulk_update(rows, fields)


def update(rows: QuerySet[Any], **values: Any) -> None:
    by_itself()
    if not is_on_paper():
        rows.update(**values)


def delete(rows: QuerySet[Any]) -> None:
    """Rows that were saved before all that is written now."""
    paper = _paper.get()
    if paper is None:
        rows.delete()
    elif isinstance(paper, Sets):
        paper.deleted.append(rows)


def related(row: Model, name: str, read: Callable[[], list[Any]]) -> list[Any]:
    """Rows that hang on this one; on paper with what earlier writes have added to the list."""
    paper = _paper.get()
    if paper is None:
        return read()
    if (row.pk, name) not in paper.rows:
        paper.rows[row.pk, name] = read()
    return paper.rows[row.pk, name]


def read_once(key: Hashable, read: Callable[[], Read]) -> Read:
    """What nobody can change meanwhile, or may be as it was when the preview began."""
    paper = _paper.get()
    if paper is None:
        return read()
    if key not in paper.read:
        paper.read[key] = read()
    found: Read = paper.read[key]
    return found


def forget(row: Model) -> None:
    """Take back what is written on paper about this row."""
    paper = _paper.get()
    if paper:
        paper.rows = {key: rows for key, rows in paper.rows.items() if key[0] != row.pk}
