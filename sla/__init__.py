"""Business days and Target SLAs: pure values in, pure values out; no Django, no clock, no hours."""

from sla.calendars import BusinessCalendar
from sla.values import CalendarError

__all__ = ["BusinessCalendar", "CalendarError", "ServiceLevel", "Step", "Target", "compute_target"]

TYPE_CHECKING = False  # as typing.TYPE_CHECKING, which is too slow to import
if TYPE_CHECKING:
    from sla.targets import ServiceLevel, Step, Target, compute_target
else:

    def __getattr__(name):
        """Load the other names on first use; code that needs calendars alone starts faster."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from sla import targets

        return getattr(targets, name)
