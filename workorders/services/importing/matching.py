"""Which row is meant by a name in a file: one that looks the same, where there is only one."""

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from django.db.models import Model

from workorders.folding import fold
from workorders.models import Shipment, WorkOrder
from workorders.models.folded import numbered
from workorders.services.errors import DomainError
from workorders.services.importing.cells import shown
from workorders.services.importing.reading import Row
from workorders.services.importing.results import RowError

Found = TypeVar("Found", bound=Model)


class Namesakes(Generic[Found]):
    """Rows by their folded name; rows of different owners are kept apart."""

    def __init__(self, field: str, column: str) -> None:
        self.field, self.column = field, column
        self._rows: dict[tuple[str, str], list[Found]] = {}
        self._known: set[int] = set()

    def add(self, row: Found, owner: str = "") -> Callable[[], object]:
        """Add a row that is not there yet. Returns what takes it away again."""
        rows = self._rows.setdefault(self._key(self._name(row), owner), [])
        if row.pk not in self._known:
            self._known.add(row.pk)
            rows.append(row)
        return lambda: rows.remove(row)

    def forget(self, name: str, owner: str = "") -> None:
        gone = self._rows.pop(self._key(name, owner), [])
        self._known.difference_update(row.pk for row in gone)

    def the_one(self, name: str, owner: str = "") -> Found | None:
        """Raises DomainError where several may be meant."""
        rows = self._rows.get(self._key(name, owner), [])
        found = [row for row in rows if self._name(row) == name] or rows
        if len(found) > 1:
            oldest_first = sorted(found, key=lambda row: row.pk)
            names = " or ".join(shown(self._name(row)) for row in oldest_first)
            raise DomainError(f"{shown(name)} may be {names}: write it as one of them", self.column)
        return found[0] if found else None

    def _name(self, row: Found) -> str:
        return str(getattr(row, self.field))

    def _key(self, name: str, owner: str) -> tuple[str, str]:
        return owner, fold(name)


def match_numbers(rows: Iterable[Row], column: str, found: Iterable[WorkOrder | Shipment]) -> None:
    """Give the rows the numbers in this column as they are here."""
    known = Namesakes[WorkOrder | Shipment]("number", column)
    for each in found:
        known.add(each)
    for row in rows:
        try:
            match = known.the_one(row.values[column])
        except DomainError as refusal:
            row.errors.append(RowError(row.line, column, refusal.message))
        else:
            row.values[column] = match.number if match else row.values[column]


def numbers_like(numbers: Iterable[str]) -> set[str]:
    """The numbers of the work orders that may be meant by these."""
    rows = numbered(WorkOrder.objects.all(), {*numbers})
    return set(rows.values_list("number", flat=True))
