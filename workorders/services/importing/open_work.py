"""Open work orders for the cases and stations of a file: the same one may be open already."""

from bisect import bisect_left
from collections.abc import Collection, Iterator
from itertools import islice

from workorders.folding import fold
from workorders.models import Station, WorkOrder
from workorders.services.flow.doubts import MOST_NAMED, OpenRow, already_open
from workorders.services.importing.reading import Row
from workorders.services.importing.results import RowError
from workorders.states import OPEN


class OpenWork:
    """`load` fetches it, and `follow` keeps it up with what the rows have done."""

    def __init__(self) -> None:
        self._open: dict[str, OpenRow] = {}  # by number
        # the numbers, sorted, by column and value: thousands of rows may be of one case
        self._named: dict[tuple[str, str], list[str]] = {}
        self._followed: set[str] = set()  # the numbers of rows that have been written

    def load(self, rows: list[Row]) -> None:
        cases = {row.values["case_number"] for row in rows} - {""}
        serials = {fold(row.values["station_serial"]) for row in rows}
        stations = Station.objects.filter(folded__in=serials).values("pk")
        is_open = WorkOrder.objects.filter(status__in=OPEN).select_related("station", "partner")
        # each by its own index: together they would be looked for among all open work
        for found in (is_open.filter(case_number__in=cases), is_open.filter(station__in=stations)):
            for work_order in found:
                if work_order.number not in self._followed:
                    self._note(work_order)

    def follow(self, work_order: WorkOrder) -> None:
        self._followed.add(work_order.number)
        self._open.pop(work_order.number, None)
        if work_order.is_open:
            self._note(work_order)

    def _note(self, work_order: WorkOrder) -> None:
        row = self._open[work_order.number] = OpenRow.of(work_order)
        for key in _keys(row):
            numbers = self._named.setdefault(key, [])
            place = bisect_left(numbers, row.number)
            if numbers[place : place + 1] != [row.number]:
                numbers.insert(place, row.number)

    def warnings(self, row: Row, before: WorkOrder | None) -> Iterator[RowError]:
        """For what is new about the row: `before` was asked about already."""
        known = _keys(OpenRow.of(before)) if before else set()
        named = {row.values["number"]}
        for column, what in (("station_serial", "station"), ("case_number", "case")):
            value = row.values[column]
            if value and (column, value) not in known:
                others = list(islice(self._others(column, value, named), MOST_NAMED))
                named.update(other.number for other in others)
                for other in others:
                    yield RowError(row.line, column, already_open(other, f"{what} {value}"))

    def _others(self, column: str, value: str, named: Collection[str]) -> Iterator[OpenRow]:
        """The latest first; what was written since may be of another case or station now."""
        for number in reversed(self._named.get((column, value), [])):
            other = self._open.get(number)
            if other and number not in named and (column, value) in _keys(other):
                yield other


def _keys(row: OpenRow) -> set[tuple[str, str]]:
    return {("case_number", row.case_number), ("station_serial", row.serial)}
