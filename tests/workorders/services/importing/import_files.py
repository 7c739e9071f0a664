"""CSV files for tests of imports: the project's own samples, with cells changed."""

import csv
import datetime as dt
import io

from portal.people.models import User
from portal.people.ship_to import SHIP_TO_LENGTHS
from tests import ROOT
from tests.factories import SHIP_TO, make_partner
from workorders.services.importing import ImportResult, import_shipments, import_work_orders
from workorders.services.importing.reading import Row, read
from workorders.services.importing.shipments import COLUMNS as SHIPMENT_COLUMNS
from workorders.services.importing.work_orders import COLUMNS as WORK_ORDER_COLUMNS
from workorders.services.setting_up import set_up

SAMPLES = ROOT / "workorders" / "samples"
NOW = dt.datetime(2026, 3, 5, 20, tzinfo=dt.UTC)
Rows = list[dict[str, str]]
ANY_CELL = ["", "\0", "x" * 10_000, "9" * 10_000, "2026-02-30", "9999-12-31", "😀", "*", "|"]
COLUMNS = {"work_orders": WORK_ORDER_COLUMNS, "shipments": SHIPMENT_COLUMNS}
ANY_COLUMN = [*WORK_ORDER_COLUMNS, "direction", "status", "parts", "pick_up_on", "delivered_on"]


def prepare() -> None:
    """What the samples refer to."""
    set_up(2026)
    address = dict(zip(SHIP_TO_LENGTHS, SHIP_TO, strict=True))
    make_partner("VoltFix", **address)
    make_partner("Amped Field Services", **address)


def sample(name: str) -> Rows:
    with (SAMPLES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def with_cell(column: str, cell: str) -> tuple[str, Rows]:
    """The file that has this column, and its first two rows with this cell in the first."""
    name = "work_orders" if column in WORK_ORDER_COLUMNS else "shipments"
    first, second = sample(name)[:2]
    return name, [first | {column: cell}, second]


def read_rows(name: str, content: bytes) -> list[Row]:
    """The file as the import reads it, before it looks into the database."""
    return read(io.BytesIO(content), COLUMNS[name])[1]


def as_csv(rows: Rows, columns: list[str] | None = None) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns or list(rows[0]), extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def work_orders(rows: Rows | bytes, *, by: User | None = None, **options: bool) -> ImportResult:
    content = rows if isinstance(rows, bytes) else as_csv(rows)
    return import_work_orders(io.BytesIO(content), by=by, **options)


def shipments(rows: Rows | bytes, *, by: User | None = None, **options: bool) -> ImportResult:
    content = rows if isinstance(rows, bytes) else as_csv(rows)
    return import_shipments(io.BytesIO(content), by=by, **options)


def errors(result: ImportResult) -> list[str]:
    return [str(error) for error in result.errors]
