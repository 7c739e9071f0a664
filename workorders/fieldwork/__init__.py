"""Reads of the work at the site: parts, technicians, blockers of Completed, calendar files."""
