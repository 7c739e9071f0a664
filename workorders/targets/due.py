"""What a target means today: how far away or how late it is, and what the partner still owes."""

import datetime as dt
import re
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from django.utils import timezone

from sla import CalendarError
from workorders.dates import day_text
from workorders.models import Shipment, Visit, WorkOrder
from workorders.states import WaitsFor
from workorders.targets.computing import parts_due_on
from workorders.targets.judging import (
    Comparison,
    Judgement,
    first_outcome,
    is_overdue,
    judgement_of,
)
from workorders.targets.terms import business_calendar


def business_days_late(work_order: WorkOrder, day: dt.date) -> int:
    """Business days in (target, day], which is how late an appointment on that day is.

    Raises ValueError without a target.
    """
    target_on = work_order.target_on or work_order.kept_target_on
    if target_on is None:
        raise ValueError(f"{work_order} has no target")
    return business_calendar(work_order.territory).business_days_between(target_on, day)


def visit_outcome_missing(work_order: WorkOrder, visits: Iterable[Visit], now: dt.datetime) -> bool:
    """Whether the booked time has passed and nobody has said how the visit went.

    A visit for the appointment, one on its day or later, or one under way answers that.
    """
    booked = work_order.appointment
    if booked is None or booked.at > now:
        return False
    return not any(
        visit.is_open or visit.appointment_id == booked.pk or visit.on >= booked.on
        for visit in visits
    )


class DueState(StrEnum):
    """How a due date is today; also the class that pages mark it with."""

    LATE = "late"
    NEAR = "near"
    FINE = "fine"
    WAITING = "waiting"
    DONE = "done"


class Due(NamedTuple):
    """What the target means today, as a state and in words.

    The template tag `distance` writes it, followed by the day since which required parts are
    overdue (docs/rules.md, rule 2).
    """

    on: dt.date | None
    state: DueState
    text: str
    overdue_since: dt.date | None = None

    @property
    def has_distance(self) -> bool:
        return bool(self.text or self.overdue_since)

    @property
    def brief(self) -> str:
        """The words before what only explains them, for a line of the list."""
        words = re.split("[,;:]| by less than", self.text, maxsplit=1)[0]
        if days := self.is_late and re.search(r"\d+ business days?", words):
            return f"{days[0]} late"
        return "needs a delivery date" if words == WaitsFor.DELIVERY.label else words

    @property
    def is_late(self) -> bool:
        return self.state == DueState.LATE

    @property
    def is_near(self) -> bool:
        return self.state == DueState.NEAR

    @property
    def is_waiting(self) -> bool:
        return self.state == DueState.WAITING

    @property
    def is_fine(self) -> bool:
        return self.state == DueState.FINE

    @property
    def is_done(self) -> bool:
        return self.state == DueState.DONE


def due_of(work_order: WorkOrder, now: dt.datetime | None = None) -> Due:
    """How far away the target is, in business days at the site.

    Makes no query once calendars are loaded.
    """
    now = now or timezone.now()
    judgement = judgement_of(work_order, now)
    try:
        due = outcome_text(work_order) if judgement.is_frozen else _due(work_order, judgement)
    except CalendarError:
        due = Due(work_order.target_on, DueState.WAITING, "beyond the business calendar")
    today = work_order.site_today(now)
    if work_order.is_open and is_overdue(work_order, today):
        return due._replace(overdue_since=work_order.parts_due_on)
    return due


def _due(work_order: WorkOrder, judgement: Judgement) -> Due:
    target_on = judgement.target_on
    match judgement.comparison:
        case Comparison.NO_TARGET:
            return Due(None, DueState.DONE, "no target in this cycle")
        case Comparison.WAITING:
            waits_for = WaitsFor(work_order.waits_for or WaitsFor.DELIVERY)
            return Due(target_on, DueState.WAITING, waits_for.label)
        case Comparison.EXCUSED_BY_PARTS:
            return Due(target_on, DueState.NEAR, _about_proposal(work_order))
        case Comparison.AHEAD:
            return _ahead(work_order, judgement)
        case Comparison.LATE:
            words, state = _late(work_order, judgement), DueState.LATE
        case _:
            words, state = _in_time(judgement), DueState.FINE
    if work_order.target_on is None and target_on:
        waits_for = WaitsFor(work_order.waits_for or WaitsFor.DELIVERY)
        words = f"{waits_for.label}; {words} by the Target SLA of {day_text(target_on)}"
    return Due(work_order.target_on, state, words)


def _in_time(judgement: Judgement) -> str:
    words = "visited in time" if judgement.is_of_visit else "booked in time"
    return words + _in_vain(judgement)


def _in_vain(judgement: Judgement) -> str:
    """The first visit counts, also where nobody was there (docs/rules.md, rule 6)."""
    return ", nobody there" if judgement.nobody_there else ""


def _about_proposal(work_order: WorkOrder) -> str:
    """Nothing is said of parts that are overdue: the day since which they are follows."""
    is_open = work_order.proposed_target_on is not None
    return "the parts have come: a new target is to be confirmed" if is_open else ""


def _ahead(work_order: WorkOrder, judgement: Judgement) -> Due:
    target_on, today = judgement.target_on, judgement.on
    if target_on is None or today is None:
        raise ValueError("nothing is ahead without a target")
    days = -business_days_late(work_order, today)
    return ahead(target_on, days, words="in", on_the_day="last day is today")


def _late(work_order: WorkOrder, judgement: Judgement) -> str:
    if judgement.on is None:
        raise ValueError("nothing is late without a day")
    text = late_text(business_days_late(work_order, judgement.on))
    return f"visited {text}{_in_vain(judgement)}" if judgement.is_of_visit else text


def outcome_text(work_order: WorkOrder) -> Due:
    """The outcome of the first cycle."""
    judgement = first_outcome(work_order)
    if judgement.target_on is None:
        return Due(work_order.target_on, DueState.DONE, "")
    if not judgement.is_late:
        return Due(judgement.target_on, DueState.DONE, f"met{_in_vain(judgement)}")
    days = work_order.outcome_days_late
    missed_by = counted(days, "business day") if days else "less than a business day"
    return Due(judgement.target_on, DueState.LATE, f"missed by {missed_by}{_in_vain(judgement)}")


def ahead(day: dt.date, days: int, *, words: str, on_the_day: str) -> Due:
    """A day that is `days` business days away: near on the day itself and the one before."""
    if days == 0:
        return Due(day, DueState.NEAR, on_the_day)
    state = DueState.NEAR if days == 1 else DueState.FINE
    return Due(day, state, f"{words} {counted(days, 'business day')}")


def shipment_overdue_since(shipment: Shipment, today: dt.date) -> dt.date | None:
    """The EDD of a required shipment that is undelivered after it (docs/rules.md, rule 2)."""
    due_on = parts_due_on([shipment])
    return due_on if due_on and due_on < today else None


def late_text(days: int) -> str:
    """How late, in words. On the weekend after the target a date is late by no whole day yet."""
    return f"{counted(days, 'business day')} late" if days else "late, by less than a business day"


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
