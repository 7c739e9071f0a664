"""Pages of lists, each beginning after the last row of the page before.

A cursor holds the values that this row was sorted by, so that rows added or removed in the meantime
shift nothing. Empty values come last in either direction, on every database.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

from django.db.models import F, OrderBy, Q

Row = TypeVar("Row")
MARK = "~"  # separates the values of a cursor; only the first of them may contain it


class Key(NamedTuple):
    """A field or annotation that rows are sorted by.

    `parse` reads its value from a cursor, and raises ValueError for anything else. A cursor holds
    the field `source` where the key follows from that.
    """

    name: str
    parse: Callable[[str], Any] = str
    can_be_empty: bool = False
    descending: bool = False
    source: str = ""


class Keyset:
    """The keys that define an order of rows; the last one is unique and never empty."""

    def __init__(self, *keys: Key) -> None:
        self.keys = keys

    def order(self) -> list[OrderBy]:
        """The arguments for `order_by()`."""
        return [_order(key) for key in self.keys]

    def cursor(self, row: Any) -> str:
        """Where the page after this row begins."""
        return MARK.join(_text(getattr(row, key.source or key.name)) for key in self.keys)

    def behind(self, cursor: str) -> Q:
        """The rows after a cursor of this keyset. Raises ValueError for anything else."""
        texts = cursor.rsplit(MARK, len(self.keys) - 1)
        if len(texts) != len(self.keys) or not texts[-1] or "\0" in cursor:
            raise ValueError("not a cursor")
        rest = Q()
        for key, text in reversed([*zip(self.keys, texts, strict=True)]):
            rest = _behind(key, text, rest)
        return rest

    def cut(self, rows: Sequence[Row], size: int) -> tuple[list[Row], str]:
        """The page, of rows fetched with one more than `size`, and its cursor, empty at the end."""
        page = [*rows[:size]]
        return page, self.cursor(page[-1]) if len(rows) > size else ""


def _order(key: Key) -> OrderBy:
    direction = F(key.name).desc if key.descending else F(key.name).asc
    return direction(nulls_last=key.can_be_empty or None)


def _behind(key: Key, text: str, rest: Q) -> Q:
    """The rows after a value of this key, or with the same value and after it by later keys."""
    if key.can_be_empty and not text:
        return Q((key.name, None)) & rest
    value = key.parse(text)
    comparison = "lt" if key.descending else "gt"
    beyond = Q((f"{key.name}__{comparison}", value))
    if key.can_be_empty:
        beyond |= Q((key.name, None))
    return beyond | Q((key.name, value)) & rest if rest else beyond


def _text(value: object) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, dt.date) else str(value)


# --- Parsing values of cursors
day = dt.date.fromisoformat


def instant(text: str) -> dt.datetime:
    try:
        parsed = dt.datetime.fromisoformat(text)
        return parsed.replace(tzinfo=parsed.tzinfo or dt.UTC).astimezone(dt.UTC)
    except OverflowError as error:
        raise ValueError("date out of range") from error


def number(text: str, below: int = 2**63) -> int:
    """A whole number of at least 0 that fits into a database column."""
    if not 0 <= int(text) < below:
        raise ValueError("number out of range")
    return int(text)
