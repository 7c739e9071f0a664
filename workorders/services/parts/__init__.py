"""Shipments out and back, damaged or missing parts, and waived returns."""
