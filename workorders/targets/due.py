"""What a target means today: how far away or how late it is, and what the partner still owes."""

import datetime as dt
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from django.utils import timezone

from sla import CalendarError
from workorders.models import Shipment, Visit, WorkOrder
from workorders.states import ENDED, WaitsFor
from workorders.targets.computing import parts_due_on, visit_is_late_by
from workorders.targets.terms import business_calendar


def business_days_late(work_order: WorkOrder, day: dt.date) -> int:
    """Business days in (target, day], which is how late an appointment on that day is.

    Raises ValueError without a target.
    """
    if work_order.target_on is None:
        raise ValueError(f"{work_order} has no target")
    return business_calendar(work_order.territory).business_days_between(work_order.target_on, day)


def needs_reason(work_order: WorkOrder) -> bool:
    """Whether the appointment, booked without a target, was found late by the first one.

    A visit in time since then needs no reason (docs/rules.md, rule 6).
    """
    current, target_on = work_order.appointment, work_order.current_target_on
    if current is None or current.judged_by or not current.is_late_by(target_on):
        return False
    visited_on = work_order.visited_on
    return visited_on is None or visit_is_late_by(target_on, visited_on, work_order.visit_judged_by)


def visit_outcome_missing(work_order: WorkOrder, visits: Iterable[Visit], now: dt.datetime) -> bool:
    """Whether the booked time has passed and nobody has said how the visit went.

    A visit for the appointment, one on its day or later, or one under way answers that.
    """
    booked = work_order.appointment
    if booked is None or booked.at >= now:
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
    def is_late(self) -> bool:
        return self.state == DueState.LATE

    @property
    def is_near(self) -> bool:
        return self.state == DueState.NEAR

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
    try:
        return _due(work_order, work_order.site_today(now or timezone.now()))
    except CalendarError:
        return Due(work_order.target_on, DueState.WAITING, "beyond the business calendar")


def _due(work_order: WorkOrder, today: dt.date) -> Due:
    if work_order.status in ENDED or (
        work_order.outcome_days_late is not None and not work_order.target_reason
    ):
        return outcome_of_first_cycle(work_order)
    due = _open(work_order, today)
    return (
        due._replace(overdue_since=work_order.parts_due_on)
        if is_overdue(work_order, today)
        else due
    )


def _open(work_order: WorkOrder, today: dt.date) -> Due:
    target_on, appointment = work_order.target_on, work_order.appointment
    if target_on is None or work_order.clock_is_stopped:
        return Due(
            target_on, DueState.WAITING, WaitsFor(work_order.waits_for or WaitsFor.DELIVERY).label
        )
    if visited_on := work_order.visited_on:
        if visit_is_late_by(target_on, visited_on, work_order.visit_judged_by):
            return Due(
                target_on,
                DueState.LATE,
                f"visited {late_text(business_days_late(work_order, visited_on))}",
            )
        return Due(target_on, DueState.FINE, "visited in time")
    if appointment and appointment.is_late_by(target_on):
        return Due(
            target_on, DueState.LATE, late_text(business_days_late(work_order, appointment.on))
        )
    if not appointment and is_overdue(work_order, today):
        return Due(target_on, DueState.NEAR, "")  # not late while the parts are
    if appointment:
        return Due(target_on, DueState.FINE, "booked in time")
    if today > target_on:
        return Due(target_on, DueState.LATE, late_text(business_days_late(work_order, today)))
    days = -business_days_late(work_order, today)
    return ahead(target_on, days, words="in", on_the_day="last day: today")


def outcome_of_first_cycle(work_order: WorkOrder) -> Due:
    target_on, judged_on = work_order.outcome_target_on, work_order.outcome_on
    if target_on is None or judged_on is None:
        return Due(work_order.target_on, DueState.DONE, "")
    if judged_on <= target_on:
        return Due(target_on, DueState.DONE, "met")
    days = work_order.outcome_days_late
    return Due(
        target_on,
        DueState.LATE,
        f"missed by {counted(days, 'business day') if days else 'less than a business day'}",
    )


def ahead(day: dt.date, days: int, *, words: str, on_the_day: str) -> Due:
    """A day that is `days` business days away: near on the day itself and the one before."""
    if days == 0:
        return Due(day, DueState.NEAR, on_the_day)
    state = DueState.NEAR if days == 1 else DueState.FINE
    return Due(day, state, f"{words} {counted(days, 'business day')}")


def is_overdue(work_order: WorkOrder, today: dt.date) -> bool:
    """Whether a required part is undelivered after its EDD (docs/rules.md, rules 2 and 5).

    None is while a hold stops the clock of a target that staff set.
    """
    stopped = work_order.clock_is_stopped and work_order.target_reason
    due_on = work_order.parts_due_on
    return due_on is not None and due_on < today and not stopped


def shipment_overdue_since(shipment: Shipment, today: dt.date) -> dt.date | None:
    """The EDD of a required shipment that is undelivered after it (docs/rules.md, rule 2)."""
    due_on = parts_due_on([shipment])
    return due_on if due_on and due_on < today else None


def late_text(days: int) -> str:
    """How late, in words. On the weekend after the target a date is late by no whole day yet."""
    return f"{counted(days, 'business day')} late" if days else "late, by less than a business day"


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
