"""Business calendars and service levels: proposed, approved, and followed by open work orders."""
