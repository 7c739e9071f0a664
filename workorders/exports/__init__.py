"""Exports for other systems: the ledger as JSON lines, work orders and reasons as CSV."""
