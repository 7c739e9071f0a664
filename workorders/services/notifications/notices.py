"""Notices: what to notify people of, before it is known whom."""

import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from portal.people.models import User
from workorders.dates import date_placeholder
from workorders.models import Appointment, LedgerEntry, WorkOrder
from workorders.models.notifications import TEXT_LENGTH, Kind


class WorkOrderRef(NamedTuple):
    """What a notice to dispatchers needs of a work order, where there are very many."""

    pk: int
    partner_id: int
    appointment: Appointment | None = None


class Notice(NamedTuple):
    """One thing to notify people of.

    `by` did it and is not notified; with `to`, only the person with this key is. `of_partner` had
    the work before, where that partner is to be notified and not the one that has it now. What
    `cannot_wait` is not left for a digest. With `once`, nobody is notified of the work order twice
    under that name, however many workers try.
    """

    work_order: WorkOrder | WorkOrderRef
    kind: Kind
    text: str
    by: User | None = None
    to: int | None = None
    of_partner: int | None = None
    cannot_wait: bool = False
    once: str = ""

    @property
    def partner_id(self) -> int:
        return self.of_partner or self.work_order.partner_id


class FinishedWork(NamedTuple):
    """What a service has done to a work order."""

    work_order: WorkOrder
    entries: Sequence[LedgerEntry]
    by: User | None


NoticeBuilder = Callable[[FinishedWork, LedgerEntry], Iterator[Notice]]


def notice_of(work: FinishedWork, kind: Kind, *sentences: str, to: int | None = None) -> Notice:
    return Notice(work.work_order, kind, shortened(" ".join(filter(None, sentences))), work.by, to)


def target_moved(
    work_order: WorkOrder | WorkOrderRef, old: dt.date, new: dt.date, cause: str, by: User | None
) -> Notice:
    days = f"from {date_placeholder(old)} to {date_placeholder(new)}"
    text = f"The Target SLA moved {days}: {cause or 'a correction'}."
    return Notice(work_order, Kind.TARGET_MOVED, shortened(text), by)


def became_late(
    work_order: WorkOrder | WorkOrderRef, booked_on: dt.date, target_on: dt.date
) -> Notice:
    """An appointment booked without a target was found late; whoever booked it is notified too."""
    booked, target = date_placeholder(booked_on), date_placeholder(target_on)
    late = f"The appointment on {booked} is later than the Target SLA, {target}"
    return Notice(work_order, Kind.BECAME_LATE, f"{late}: give a reason, or move it.")


def shortened(text: str, length: int = TEXT_LENGTH) -> str:
    """The text on one line and at most `length` characters, never cut inside a date."""
    text = " ".join(text.split())
    return text if len(text) <= length else f"{re.sub(r'{[^}]*$', '', text[: length - 2])} …"
