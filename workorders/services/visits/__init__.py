"""Appointments, visits, line items, and attempts to reach the POC."""
