"""Photos and documents: checked, stored, scanned and removed."""
