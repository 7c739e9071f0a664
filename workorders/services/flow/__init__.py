"""How a work order goes from status to status."""
