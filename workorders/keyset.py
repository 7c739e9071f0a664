"""Lists in pages, each of the rows behind the last one of the page before.

A cursor holds what that row was sorted by, so that rows which come or go meanwhile shift nothing.
Empty values come last in either direction, on every database.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

from django.db.models import F, OrderBy, Q

Row = TypeVar("Row")
MARK = "~"  # between the values of a cursor; only the first of them may hold one


class Key(NamedTuple):
    """A field or annotation that rows are sorted by; `parse` reads its value back from a cursor and
    raises ValueError for what is none.
    """

    name: str
    parse: Callable[[str], Any] = str
    can_be_empty: bool = False
    descending: bool = False


class Keyset:
    """The keys that put rows in an order, the last of them unique and never empty."""

    def __init__(self, *keys: Key) -> None:
        self.keys = keys

    def order(self) -> list[OrderBy]:
        """For `order_by()`."""
        return [_order(key) for key in self.keys]

    def cursor(self, row: Any) -> str:
        """Where a page that ends with this row was left."""
        return MARK.join(_text(getattr(row, key.name)) for key in self.keys)

    def behind(self, cursor: str) -> Q:
        """The rows behind a cursor of this keyset.

        Raises ValueError for any other.
        """
        texts = cursor.rsplit(MARK, len(self.keys) - 1)
        if len(texts) != len(self.keys) or not texts[-1] or "\0" in cursor:
            raise ValueError("not a cursor")
        rest = Q()
        for key, text in reversed([*zip(self.keys, texts, strict=True)]):
            rest = _behind(key, text, rest)
        return rest

    def cut(self, rows: Sequence[Row], size: int) -> tuple[list[Row], str]:
        """A page of rows of which one more was asked for, and its cursor; empty on the last page."""
        page = [*rows[:size]]
        return page, self.cursor(page[-1]) if len(rows) > size else ""


def _order(key: Key) -> OrderBy:
    direction = F(key.name).desc if key.descending else F(key.name).asc
    return direction(nulls_last=key.can_be_empty or None)


def _behind(key: Key, text: str, rest: Q) -> Q:
    """Behind a value of this key, or level with it and behind in what follows."""
    if key.can_be_empty and not text:
        return Q(**{key.name: None}) & rest
    value = key.parse(text)
    beyond = Q(**{f"{key.name}__{'lt' if key.descending else 'gt'}": value})
    if key.can_be_empty:
        beyond |= Q(**{key.name: None})
    return beyond | Q(**{key.name: value}) & rest if rest else beyond


def _text(value: object) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, dt.date) else str(value)


# --- How values are read back
day = dt.date.fromisoformat


def instant(text: str) -> dt.datetime:
    try:
        parsed = dt.datetime.fromisoformat(text)
        return parsed.replace(tzinfo=parsed.tzinfo or dt.UTC).astimezone(dt.UTC)
    except OverflowError as error:
        raise ValueError("outside the calendar") from error


def number(text: str, below: int = 2**63) -> int:
    """A whole number from 0 on, as databases hold it."""
    if not 0 <= int(text) < below:
        raise ValueError("outside of what is counted")
    return int(text)
