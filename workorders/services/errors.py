"""The exceptions that services raise."""

import datetime as dt
import unicodedata
from collections.abc import Sequence

from workorders.models import LedgerEntry, WorkOrder
from workorders.models.ledger import NOTE_LENGTH


class DomainError(Exception):
    """The action is not possible, and nothing was changed.

    The message is a sentence for the user; `field` is the form field that it is about.
    """

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message, self.field = message, field


class NotAllowed(Exception):
    """This person may not perform the action on this work order."""


class InvalidState(DomainError):
    """The state of the work order does not allow it, often because someone else was faster."""


class Stale(Exception):
    """Someone changed the work order after the page was loaded; `news` are their ledger entries."""

    def __init__(self, work_order: WorkOrder, news: Sequence[LedgerEntry]) -> None:
        super().__init__(f"{work_order.number} has been changed by someone else")
        self.work_order, self.news = work_order, news


class ReasonNeeded(Exception):
    """This day misses the Target SLA, so ask why, and of an appointment whether to continue.

    Nothing was saved. `answered` is the target that the user was asked about before, if any.
    """

    def __init__(
        self, work_order: WorkOrder, on: dt.date, days_late: int, answered: dt.date | None
    ) -> None:
        super().__init__(f"{on} is later than {work_order.target_on}")
        self.work_order, self.on, self.days_late = work_order, on, days_late
        self.answered = answered


class BeganMissing(Exception):
    """The work is completed without a visit, so ask when it began. Nothing was saved."""

    def __init__(self, work_order: WorkOrder) -> None:
        super().__init__(f"{work_order.number} has no visit in this cycle")
        self.work_order = work_order


class ReasonMissing(DomainError):
    """The user confirmed missing the Target SLA, but did not choose a reason for delay."""

    def __init__(self) -> None:
        super().__init__("Choose a reason for delay.", "reason")


class PartsNotThere(Exception):
    """The appointment is before the last required part is due, so ask whether to book it anyway.

    Nothing was saved. `answered` is the arrival that the user confirmed before it moved.
    """

    def __init__(
        self, work_order: WorkOrder, on: dt.date, arrive_on: dt.date, answered: dt.date | None
    ) -> None:
        super().__init__(f"{on} is earlier than the arrival of the parts, {arrive_on}")
        self.work_order, self.on, self.arrive_on = work_order, on, arrive_on
        self.answered = answered


class InThePast(Exception):
    """The time of the appointment is over, so ask whether this is the visit that was made.

    Nothing was saved.
    """

    def __init__(self, work_order: WorkOrder, at: dt.datetime, on: dt.date) -> None:
        super().__init__(f"{at:%Y-%m-%d %H:%M} is over")
        self.work_order, self.at, self.on = work_order, at, on


class Clash(Exception):
    """The technician is booked elsewhere around that time, so ask whether they do both.

    Nothing was saved. `other` is the work order of the other visit.
    """

    def __init__(
        self, work_order: WorkOrder, at: dt.datetime, on: dt.date, other: WorkOrder
    ) -> None:
        super().__init__(f"{other.number} is around {at:%Y-%m-%d %H:%M} too")
        self.work_order, self.at, self.on, self.other = work_order, at, on, other


class Doubtful(Exception):
    """Something can hardly be meant, so ask whether it is; nothing was saved.

    `doubts` are sentences, `key` is what confirms just these.
    """

    def __init__(self, doubts: Sequence[str], key: str) -> None:
        super().__init__(" ".join(doubts))
        self.doubts, self.key = doubts, key


def is_blank(text: str) -> bool:
    """Whether nothing of it can be seen: only spaces, line breaks, and signs without a shape."""
    return all(unicodedata.category(sign)[0] in "ZC" for sign in text)


def require_reason(text: str, field: str = "note") -> None:
    """Raise DomainError, at the field, for a text that is empty or longer than a ledger note."""
    if is_blank(text):
        raise DomainError("Explain why in a sentence.", field)
    if len(text) > NOTE_LENGTH:
        raise DomainError(f"Use at most {NOTE_LENGTH:,} characters.", field)
