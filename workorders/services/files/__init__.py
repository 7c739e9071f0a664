"""Photos and documents: checked, stored, scanned, removed."""
