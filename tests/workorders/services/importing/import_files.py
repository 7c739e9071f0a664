"""CSV files for tests of imports: the project's own samples, with cells changed."""

import csv
import datetime as dt
import io

from portal.people.models import User
from portal.people.ship_to import SHIP_TO_LENGTHS
from tests import ROOT
from tests.factories import SHIP_TO, make_partner
from workorders.services.importing import ImportResult, import_shipments, import_work_orders
from workorders.services.setting_up import set_up

SAMPLES = ROOT / "workorders" / "samples"
NOW = dt.datetime(2026, 3, 5, 20, tzinfo=dt.UTC)
Rows = list[dict[str, str]]


def prepare() -> None:
    """What the samples refer to."""
    set_up(2026)
    address = dict(zip(SHIP_TO_LENGTHS, SHIP_TO, strict=True))
    make_partner("VoltFix", **address)
    make_partner("Amped Field Services", **address)


def sample(name: str) -> Rows:
    with (SAMPLES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


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
