"""shipments.csv: each row creates or updates an RMA/FSO shipment, and its work order follows."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from portal.people.models import User
from workorders import permissions
from workorders.exports.for_import import as_cell
from workorders.folding import fold
from workorders.models import Shipment, WorkOrder
from workorders.models.folded import numbered
from workorders.services import saving
from workorders.services.errors import DomainError, NotAllowed
from workorders.services.importing.cells import (
    MAX_QUANTITY,
    CellError,
    Parser,
    choice,
    code,
    day,
    list_of,
    number,
    required,
    shown,
    text,
    yes_no,
)
from workorders.services.importing.matching import match_numbers, numbers_like
from workorders.services.importing.progress import Progress
from workorders.services.importing.reading import Row
from workorders.services.importing.results import CellChange, ImportResult, RowChange, RowError
from workorders.services.importing.running import run
from workorders.services.importing.work_orders import FOLLOWING, differences, following
from workorders.services.locking import lock_all
from workorders.services.parts.shipment_rows import Part
from workorders.services.parts.shipping import ShipmentDetails, as_fed, enter_shipment
from workorders.states import Direction, ShipmentKind, ShipmentStatus, Verb


def part(item: str) -> Part:
    """`part_number*quantity*description`; the description may be missing."""
    part_number, *rest = (word.strip() for word in item.split("*", 2))
    if not part_number or not rest:
        raise CellError(f"{shown(item)} is not part_number*quantity*description")
    quantity = int(rest[0]) if re.fullmatch(r"[0-9]{1,6}", rest[0]) else 0
    if not 1 <= quantity <= MAX_QUANTITY:
        quoted = f"{shown(rest[0])} in {shown(item)}"
        raise CellError(f"{quoted} is not a quantity from 1 to {MAX_QUANTITY}")
    return Part(code(60)(part_number), quantity, text(200)(rest[1]) if rest[1:] else "")


COLUMNS = {
    "number": required(number),
    "kind": required(choice({kind.value: kind for kind in ShipmentKind})),
    "work_order": required(number),
    "direction": required(choice({direction.value: direction for direction in Direction})),
    "status": required(choice({status.value: status for status in ShipmentStatus})),
    "carrier": text(40),
    "service": text(60),
    "tracking_number": code(60),
    "pick_up_on": day,
    "estimated_delivery_on": day,
    "delivered_on": day,
    "required": required(yes_no),
    "parts": list_of(part, "part"),
}
DETAILS = tuple(column for column in COLUMNS if column not in ("number", "work_order", "parts"))


def import_shipments(
    file: BinaryIO,
    *,
    by: User | None,
    dry_run: bool = False,
    good_rows_only: bool = False,
    progress: Progress | None = None,
) -> ImportResult:
    """Create or update shipments from a file with exactly COLUMNS, in any order.

    Nothing is saved on an error, unless `good_rows_only`. Raises NotAllowed when `by` may not enter
    shipments.
    """
    if by is not None and not permissions.role_may(by, Verb.ENTER_SHIPMENT):
        raise NotAllowed(f"{by} may not import shipments")
    return run(
        file,
        lambda: ShipmentTable(by),
        dry_run=dry_run,
        good_rows_only=good_rows_only,
        progress=progress,
    )


class ShipmentTable:
    columns: Mapping[str, Parser] = COLUMNS
    column_of: Mapping[str, str] = {}

    def __init__(self, by: User | None) -> None:
        self.by = by
        self.warnings: list[RowError] = []
        self._lines: dict[str, int] = {}
        self._existing: dict[str, Shipment] = {}
        self._work_orders: dict[str, WorkOrder] = {}
        # work orders that have been written, and so are out of date for their next shipment
        self._again: set[str] = set()
        # on paper the rows that have written each work order, which stays as they left it
        self._on_paper: dict[str, list[Row]] = defaultdict(list)

    def conflicts(self, row: Row) -> Iterator[RowError]:
        name = row.values["number"]
        first = self._lines.setdefault(fold(name), row.line)
        if first != row.line:
            yield RowError(row.line, "number", f"'{name}' is already on line {first}")

    def order(self, row: Row) -> int:
        """Deliveries last, so that work begins only once no shipment in the file is outstanding."""
        return list(ShipmentStatus).index(row.values["status"])

    def load(self, rows: list[Row]) -> None:
        if not saving.is_on_paper():
            self._on_paper.clear()
        numbers = {row.values["number"] for row in rows}
        found = numbered(Shipment.objects.select_related("work_order"), numbers)
        self._existing = {row.number: row for row in found.prefetch_related("parts")}
        match_numbers(rows, "number", self._existing.values())
        self._again.clear()
        named = numbers_like(row.values["work_order"] for row in rows)
        self._work_orders = {
            number: row for number, row in self._work_orders.items() if number in self._on_paper
        }
        self._work_orders |= lock_all(named - self._work_orders.keys())
        match_numbers(rows, "work_order", self._work_orders.values())

    def forget(self, row: Row) -> None:
        name = row.values["work_order"]
        self._again.discard(name)
        if name in self._work_orders:
            saving.forget(self._work_orders[name])
        self._work_orders |= lock_all([name])
        for earlier in self._on_paper.pop(name, []):
            self.write(earlier)

    def write(self, row: Row) -> RowChange | None:
        number, values = row.values["number"], row.values
        if values["work_order"] in self._again:
            self.forget(row)
        work_order = self._work_orders.get(values["work_order"])
        existing = self._existing.get(number)
        if work_order is None:
            raise DomainError(f"there is no work order '{values['work_order']}'", "work_order")
        if work_order.accepted_on is None:
            raise DomainError(f"'{work_order.number}' has not been accepted yet", "work_order")
        if existing and existing.work_order_id != work_order.pk:
            raise DomainError(
                f"'{number}' belongs to work order '{existing.work_order.number}'", "work_order"
            )
        current = _current_values(existing)
        expected = _expected(values, existing)
        changed = [
            CellChange(column, as_cell(current.get(column)), as_cell(value))
            for column, value in expected.items()
            if current.get(column) != value and not (existing is None and not value)
        ]
        if existing and not changed:
            return None
        return self._store(row, work_order, existing, changed)

    def _store(
        self, row: Row, work_order: WorkOrder, existing: Shipment | None, changed: list[CellChange]
    ) -> RowChange:
        before = [following(work_order, field) for field in FOLLOWING]
        details = ShipmentDetails(**{column: row.values[column] for column in DETAILS})
        number, parts = row.values["number"], row.values["parts"]
        shipment = enter_shipment(
            work_order, number, details, parts=parts, by=self.by, corrects=False, locked=True
        )
        if saving.is_on_paper():
            self._on_paper[work_order.number].append(row)
        else:
            self._again.add(work_order.number)
        if shipment.edd_is_computed:  # which the file does not hold
            old = as_cell(existing and existing.estimated_delivery_on)
            new = as_cell(shipment.estimated_delivery_on)
            changed = [change for change in changed if change.field != "estimated_delivery_on"]
            if old != new:
                changed.append(CellChange("estimated_delivery_on", old, new))
        after = [following(shipment.work_order, field) for field in FOLLOWING]
        names = [f"work order's {field}" for field in FOLLOWING]
        follows = differences(names, before, after)
        return RowChange(row.line, shipment.number, existing is None, (*changed, *follows))


def _current_values(existing: Shipment | None) -> dict[str, Any]:
    if existing is None:
        return {}
    parts = [Part(row.part_number, row.quantity, row.description) for row in existing.parts.all()]
    facts = {column: getattr(existing, column) for column in DETAILS}
    return facts | {"parts": parts, "reported_by_partner": existing.reported_by_partner}


def _expected(values: dict[str, Any], existing: Shipment | None) -> dict[str, Any]:
    """The shipment's values after the row, which confirms the partner's reports or leaves them."""
    expected = {column: values[column] for column in (*DETAILS, "parts")}
    if existing is None:
        return expected
    reported = existing.reported_by_partner and values["status"] != ShipmentStatus.DELIVERED
    details = as_fed(existing, ShipmentDetails(**{column: values[column] for column in DETAILS}))
    expected |= {column: getattr(details, column) for column in DETAILS}
    return expected | {
        "reported_by_partner": reported,
        "estimated_delivery_on": _expected_edd(expected, existing),
    }


def _expected_edd(values: dict[str, Any], existing: Shipment) -> Any:
    """The EDD after the row; an empty cell leaves one computed from the same pick-up date."""
    given = values["estimated_delivery_on"]
    computed_from = ("pick_up_on", "carrier", "service")
    same = all(values[column] == getattr(existing, column) for column in computed_from)
    if given is None and existing.edd_is_computed and same:
        return existing.estimated_delivery_on
    return given
