"""Business days and Target SLAs: pure values in, pure values out; no Django, no clock, no hours."""

from sla.calendars import BusinessCalendar, CalendarError
from sla.targets import ServiceLevel, Step, Target, compute_target

__all__ = ["BusinessCalendar", "CalendarError", "ServiceLevel", "Step", "Target", "compute_target"]
