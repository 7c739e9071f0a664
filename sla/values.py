"""What the values of this package share.

No `typing`, no `dataclasses`: either costs more to load than all of `sla`.
"""

from __future__ import annotations

from datetime import date, datetime

TYPE_CHECKING = False  # as typing.TYPE_CHECKING, without the import
if TYPE_CHECKING:
    from collections.abc import Iterator

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

HOLIDAYS_SET_BY_PARTS = frozenset({"AU", "CA", "CH", "DE", "ES", "GB"})
"""Countries whose own list holds only what their parts share, which alone gives wrong dates."""

NAMES_JOINED = "; "
"""Between the names of a day that is more than one holiday."""

_set = object.__setattr__  # the only way past Value.__setattr__


class CalendarError(ValueError):
    """A calendar cannot be made, or does not reach the day asked for; the message says why."""


class Value:
    """An immutable value whose fields are its `__slots__`, set once by `_fill`.

    Two are equal when their types and fields are.
    """

    __slots__: tuple[str, ...] = ()

    def _fill(self, **fields: object) -> None:
        for name, field in fields.items():
            _set(self, name, field)

    def __getstate__(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in self.__slots__}

    def __setstate__(self, fields: dict[str, object]) -> None:
        self._fill(**fields)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} cannot be changed")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} cannot be changed")

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Value)
            and type(self) is type(other)
            and self.__getstate__() == other.__getstate__()
        )

    def __hash__(self) -> int:
        return hash(tuple(self.__getstate__().values()))

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={field!r}" for name, field in self.__getstate__().items())
        return f"{type(self).__name__}({fields})"


def each_day(first: date, last: date) -> Iterator[date]:
    """The days from first to last, both included; none when last is before first."""
    return map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))


def require_date(value: object, what: str) -> None:
    """Raise TypeError unless the value is a date; a datetime is an instant, not a day."""
    if isinstance(value, datetime) or not isinstance(value, date):
        raise TypeError(f"{what} must be a date, not {value!r}")


def require_int(value: object, what: str) -> None:
    """Raise TypeError unless the value is a whole number; a bool is a yes or no."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{what} must be a whole number, not {value!r}")


def require_count(value: int, what: str) -> None:
    """Raise TypeError unless the value is a whole number, ValueError when it is negative."""
    require_int(value, what)
    if value < 0:
        raise ValueError(f"{what} must not be negative: {value}")
