"""Exports: the ledger as JSON lines; work orders, shipments and reasons as CSV or workbooks."""
