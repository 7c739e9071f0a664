"""Shipments on their way out and back, damaged parts, and returns that are waived."""
