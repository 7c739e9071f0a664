"""How a work order goes from one status to another."""
