"""work_orders.csv: each row creates or updates a work order."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO

from portal.people.models import Partner, User
from portal.people.roles import Right
from workorders.countries import lost_zeros
from workorders.exports.for_import import as_cell, work_order_values
from workorders.folding import fold
from workorders.models import Entitlement, ServiceTerritory, Site, WorkOrder
from workorders.services import saving
from workorders.services.errors import DomainError, NotAllowed
from workorders.services.flow.doubts import listed_regions, misplaced, misplaced_at
from workorders.services.flow.entering import enter_work_order, update_work_order
from workorders.services.importing.cells import (
    Parser,
    choice,
    code,
    country,
    day,
    email,
    list_of,
    number,
    phone,
    required,
    text,
    time_zone,
    yes_no,
)
from workorders.services.importing.matching import match_numbers, numbers_like
from workorders.services.importing.open_work import OpenWork
from workorders.services.importing.places import ADDRESS, Places
from workorders.services.importing.progress import Progress
from workorders.services.importing.reading import Row
from workorders.services.importing.results import CellChange, ImportResult, RowChange, RowError
from workorders.services.importing.running import run
from workorders.services.locking import hold_rules, lock_all
from workorders.states import Status, WorkType

COLUMNS = {
    "number": required(number),
    "case_number": code(30),
    "subject": required(text(200)),
    "description": text(10_000, lines=True),
    "account": required(code(120)),
    "site": required(code(120)),
    "street": required(text(200)),
    "city": required(text(120)),
    "region": text(60),
    "postal_code": code(20),
    "country": required(country),
    "time_zone": required(time_zone),
    "service_territory": required(text(60)),
    "station_model": required(code(60)),
    "station_serial": required(code(60)),
    "work_type": required(choice({work_type.label: work_type for work_type in WorkType})),
    "entitlement": required(text(60)),
    "partner": required(text(120)),
    "assigned_on": required(day),
    "accepted_on": day,
    "parts_required": required(yes_no),
    "images_required": required(yes_no),
    "return_parts_required": required(yes_no),
    "poc_name": text(120),
    "poc_phone": phone,
    "poc_email": email,
    "access_notes": text(1000, lines=True),
    "line_items": required(list_of(text(300), "line item")),
}
# columns that are fields of the work order
FIELDS = (
    "case_number",
    "subject",
    "description",
    "work_type",
    "assigned_on",
    "parts_required",
    "images_required",
    "return_parts_required",
    "poc_name",
    "poc_phone",
    "poc_email",
    "access_notes",
)
# columns that name a row of another table, and their fields
NAMED = {"partner": "partner", "service_territory": "territory", "entitlement": "entitlement"}
# columns that are compared with the work order itself; the others belong to its places
COMPARED = [column for column in COLUMNS if column not in ("number", "station_model", *ADDRESS)]
FOLLOWING = ("status", "target_on")  # what a preview shows besides


def import_work_orders(
    file: BinaryIO,
    *,
    by: User | None,
    dry_run: bool = False,
    good_rows_only: bool = False,
    progress: Progress | None = None,
) -> ImportResult:
    """Create or update work orders from a file with exactly COLUMNS, in any order.

    Nothing is saved on an error, unless `good_rows_only`. Raises NotAllowed when `by` may not enter
    work orders.
    """
    if by is not None and not (by.may(Right.ENTER) and by.may(Right.ACT)):
        raise NotAllowed(f"{by} may not import work orders")
    return run(
        file,
        lambda: WorkOrderTable(by),
        dry_run=dry_run,
        good_rows_only=good_rows_only,
        progress=progress,
    )


class WorkOrderTable:
    columns: Mapping[str, Parser] = COLUMNS
    column_of: Mapping[str, str] = {"station": "station_serial", "territory": "service_territory"}

    def __init__(self, by: User | None) -> None:
        self.by = by
        self.warnings: list[RowError] = []
        self._regions = listed_regions()
        self._open = OpenWork()
        self.places = Places()
        self._lines: dict[str, int] = {}
        self._existing: dict[str, WorkOrder] = {}
        self._named: dict[str, dict[str, Any]] = {
            "partner": {row.name: row for row in Partner.objects.all()},
            "service_territory": {row.name: row for row in ServiceTerritory.objects.all()},
            "entitlement": {row.name: row for row in Entitlement.objects.all()},
        }

    def conflicts(self, row: Row) -> Iterator[RowError]:
        name = row.values["number"]
        first = self._lines.setdefault(fold(name), row.line)
        if first != row.line:
            yield RowError(row.line, "number", f"'{name}' is already on line {first}")
        for column, names in self._named.items():
            if row.values[column] not in names:
                yield RowError(row.line, column, f"'{row.values[column]}' is unknown")
        code, country = row.values["postal_code"], row.values["country"]
        if digits := lost_zeros(code, country):
            yield RowError(row.line, "postal_code", _zeros_lost(code, country, digits))
        yield from self.places.conflicts(row)

    def order(self, row: Row) -> int:
        return 0

    def load(self, rows: list[Row]) -> None:
        self._existing = lock_all(numbers_like(row.values["number"] for row in rows))
        match_numbers(rows, "number", self._existing.values())
        rules = {
            column: self._keys(column, rows) for column in ("service_territory", "entitlement")
        }
        hold_rules(rules["service_territory"], rules["entitlement"])
        self.places.load(rows)
        self._open.load(rows)

    def _keys(self, column: str, rows: list[Row]) -> list[int]:
        return sorted({self._named[column][row.values[column]].pk for row in rows})

    def forget(self, row: Row) -> None:
        self.places.forget(row)

    def write(self, row: Row) -> RowChange | None:
        work_order = self._existing.get(row.values["number"])
        site, station, place = self.places.settle(row)
        moved = any(change.field == "time_zone" for change in place)
        if moved and not saving.is_on_paper():  # its work orders were written
            self._existing = lock_all(list(self._existing))
            work_order = self._existing.get(row.values["number"])
        values = {field: row.values[field] for field in FIELDS}
        values |= {
            field: self._named[column][row.values[column]] for column, field in NAMED.items()
        }
        values |= {"site": site, "station": station}
        doubts = list(self._open.warnings(row, work_order))
        if work_order is None:
            change = self._create(row, values)
        else:
            changed = self._differences(row, work_order)
            if not changed and not place:
                return None
            change = self._update(row, work_order, values, [*changed, *place])
        self.warnings += [*doubts, *self._misplaced(row, values["territory"], site, place)]
        return change

    def _misplaced(
        self, row: Row, territory: ServiceTerritory, site: Site, place: list[CellChange]
    ) -> list[RowError]:
        """Of this work order; where the row corrects the place of its site, of the others too."""
        found = [misplaced(territory, site, self._regions)]
        if any(change.field in ("country", "region") for change in place):
            found += misplaced_at(site)
        return [
            RowError(row.line, "service_territory", each) for each in dict.fromkeys(found) if each
        ]

    def _create(self, row: Row, values: dict[str, Any]) -> RowChange:
        work_order = enter_work_order(
            row.values["number"],
            values,
            line_items=row.values["line_items"],
            accepted_on=row.values["accepted_on"],
            by=self.by,
        )
        self._open.follow(work_order)
        columns = [column for column in COLUMNS if column != "number"]
        entered = [CellChange(column, "", as_cell(row.values[column])) for column in columns]
        follows = [CellChange(field, "", following(work_order, field)) for field in FOLLOWING]
        changes = tuple(change for change in entered + follows if change.new)
        return RowChange(row.line, work_order.number, True, changes)

    def _update(
        self, row: Row, work_order: WorkOrder, values: dict[str, Any], changed: list[CellChange]
    ) -> RowChange:
        before = [following(work_order, field) for field in FOLLOWING]
        accepted_on = row.values["accepted_on"]
        if work_order.accepted_on and accepted_on is None:
            raise DomainError(
                f"It was accepted on {work_order.accepted_on}; this cannot be empty.",
                "accepted_on",
            )
        if work_order.site_id == values["site"].pk:
            work_order.site = values["site"]  # which this row may have updated
        work_order = update_work_order(
            work_order,
            values,
            line_items=row.values["line_items"],
            accepted_on=accepted_on,
            by=self.by,
            locked=True,
        )
        self._open.follow(work_order)
        after = [following(work_order, field) for field in FOLLOWING]
        follows = differences(FOLLOWING, before, after)
        return RowChange(row.line, work_order.number, False, (*changed, *follows))

    def _differences(self, row: Row, work_order: WorkOrder) -> list[CellChange]:
        current = work_order_values(work_order)
        return [
            CellChange(column, as_cell(current[column]), as_cell(row.values[column]))
            for column in COMPARED
            if _plain_lines(current[column]) != row.values[column]
        ]


def _zeros_lost(postal_code: str, country: str, digits: int) -> str:
    whole = f"a postal code of {country} has {digits} digits"
    return f"'{postal_code}' has lost zeros at its start to a spreadsheet: {whole}"


def _plain_lines(value: Any) -> Any:
    """A form in a browser ends lines in another way than an import."""
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def differences(
    fields: Iterable[str], before: Iterable[str], after: Iterable[str]
) -> list[CellChange]:
    """The fields whose values before and after differ."""
    values = zip(fields, before, after, strict=True)
    return [CellChange(field, old, new) for field, old, new in values if old != new]


def following(work_order: WorkOrder, field: str) -> str:
    """A value that follows from the others, as people read it."""
    value = getattr(work_order, field)
    return Status(value).label if field == "status" else as_cell(value)
