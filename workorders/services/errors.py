"""What a service answers instead of a flag."""

import datetime as dt
from collections.abc import Sequence

from workorders.models import LedgerEntry, WorkOrder


class DomainError(Exception):
    """It cannot be done, and nothing was changed.

    The message is a sentence for people; `field` is where it belongs.
    """

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message, self.field = message, field


class NotAllowed(Exception):
    """This person may not do this to this work order."""


class InvalidState(DomainError):
    """The work order's status does not allow it: often someone else was faster."""


class Stale(Exception):
    """Someone changed the work order since the page was made; `news` are the ledger entries of it."""

    def __init__(self, work_order: WorkOrder, news: Sequence[LedgerEntry]) -> None:
        super().__init__(f"{work_order.number} was changed meanwhile")
        self.work_order, self.news = work_order, news


class ReasonNeeded(Exception):
    """The appointment misses the Target SLA: continue, and why? Nothing was saved."""

    def __init__(
        self, work_order: WorkOrder, on: dt.date, days_late: int, answered: dt.date | None
    ) -> None:
        super().__init__(f"{on} is later than {work_order.target_on}")
        self.work_order, self.on, self.days_late = work_order, on, days_late
        self.answered = (
            answered  # the target that the person had said yes to, when it is not this one any more
        )


class ReasonMissing(DomainError):
    """Yes, it misses the Target SLA; but a reason for delay was not chosen."""

    def __init__(self) -> None:
        super().__init__("Choose a reason for delay.", "reason")


class PartsNotThere(Exception):
    """The appointment is before the day on which the last required part is due: book it all the
    same?

    Nothing was saved.
    """

    def __init__(
        self, work_order: WorkOrder, on: dt.date, arrive_on: dt.date, answered: dt.date | None
    ) -> None:
        super().__init__(f"{on} is earlier than the arrival of the parts, {arrive_on}")
        self.work_order, self.on, self.arrive_on = work_order, on, arrive_on
        self.answered = answered  # the arrival that the person had said yes to, when it is not this one any more


def require_reason(text: str, field: str = "note") -> None:
    """Raise DomainError, at the field, unless the text says why in at most 2,000 characters."""
    if not text.strip():
        raise DomainError("Say why in a sentence.", field)
    if len(text) > 2000:
        raise DomainError("Say it in at most 2,000 characters.", field)
