"""What other systems read: the ledger as JSON lines, work orders as CSV."""
