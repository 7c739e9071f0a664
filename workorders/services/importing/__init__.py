"""Imports of work orders, shipments and certifications, from CSV files and workbooks.

They import all rows or none, or only the good ones, and can preview what would change. The admin's
upload and the commands call the same functions:

import_work_orders(file, *, by, dry_run=False, good_rows_only=False) -> ImportResult
import_shipments(file, *, by, dry_run=False, good_rows_only=False) -> ImportResult
import_certifications(file, *, by, dry_run=False, good_rows_only=False) -> ImportResult

`file` is binary (an open file, an upload), and `by` the importing staff user, or None for the
system. Every row is checked before the first is written. A preview is a run with `dry_run=True`,
which ends there, having found the same errors and changes. Then the rows are written in batches: a
row that another write has made wrong meanwhile is among the errors of a result that is `saved`, and
a run that was killed is finished by the same one.

Raises NotAllowed when `by` may not import. Everything wrong with the file or a row is in `errors`.
"""

from workorders.services.importing.cells import Parser, is_required
from workorders.services.importing.certifications import CertificationTable, import_certifications
from workorders.services.importing.results import (
    CellChange,
    ImportResult,
    RowChange,
    RowError,
    rejected_rows,
    rejects_csv,
)
from workorders.services.importing.shipments import ShipmentTable, import_shipments
from workorders.services.importing.work_orders import WorkOrderTable, import_work_orders

__all__ = [
    "CellChange",
    "CertificationTable",
    "ImportResult",
    "Parser",
    "RowChange",
    "RowError",
    "ShipmentTable",
    "WorkOrderTable",
    "import_certifications",
    "import_shipments",
    "import_work_orders",
    "is_required",
    "rejected_rows",
    "rejects_csv",
]
