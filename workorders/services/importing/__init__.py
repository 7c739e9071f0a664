"""CSV imports of work orders, shipments and certifications: all or nothing, or the good rows alone;
with a preview.

The admin's upload and the commands call the same functions:

import_work_orders(file, *, by, dry_run=False, good_rows_only=False) -> ImportResult
import_shipments(file, *, by, dry_run=False, good_rows_only=False) -> ImportResult
import_certifications(file, *, by, dry_run=False, good_rows_only=False) -> ImportResult

`file` is binary (an open file, an upload), `by` the importing staff user or None for the system. A
preview is a run with `dry_run=True`: everything is tried and taken back, so that it tells the same
errors and changes.

Raises NotAllowed when `by` may not do this. Whatever is wrong with the file or a row stands in
`errors`.
"""

from workorders.services.importing.certifications import import_certifications
from workorders.services.importing.results import (
    CellChange,
    ImportResult,
    RowChange,
    RowError,
    rejects_csv,
)
from workorders.services.importing.shipments import import_shipments
from workorders.services.importing.work_orders import import_work_orders

__all__ = [
    "CellChange",
    "ImportResult",
    "RowChange",
    "RowError",
    "import_certifications",
    "import_shipments",
    "import_work_orders",
    "rejects_csv",
]
