"""What is judged, by which target, and how it came out: one value that pages, dialogs, mails, files
and the admin render (docs/rules.md, rule 6).

`late` in models/queries.py says the same in SQL.
"""

import datetime as dt
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from django.utils import timezone

from workorders.models import Appointment, Visit, WorkOrder
from workorders.states import ENDED


class Judged(StrEnum):
    """Which day is judged; also what a frozen outcome keeps of it."""

    VISIT = "visit"
    APPOINTMENT = "appointment"
    COMPLETION = "completion"
    TODAY = "today"


class Comparison(StrEnum):
    """How that day compares with the target."""

    NO_TARGET = "no-target"  # this cycle has none
    WAITING = "waiting"  # for the target, or for the end of a hold that stops its clock
    EXCUSED_BY_PARTS = "parts"  # past the target, which overdue or late parts keep from counting
    AHEAD = "ahead"  # nothing is booked, and the target is today or later
    IN_TIME = "in-time"
    PROTECTED = "protected"  # after the target, up to a day that was booked in time
    LATE = "late"


class Judgement(NamedTuple):
    """The target of this cycle, the day that it judges, and how they compare."""

    comparison: Comparison
    target_on: dt.date | None = None
    judged: Judged | None = None
    on: dt.date | None = None
    protected_until: dt.date | None = None
    protected_by: dt.date | None = None  # the target by which that day was booked in time
    is_frozen: bool = False
    nobody_there: bool = False  # at the first visit, which is judged all the same

    @property
    def is_late(self) -> bool:
        return self.comparison == Comparison.LATE

    @property
    def is_protected(self) -> bool:
        return self.comparison == Comparison.PROTECTED

    @property
    def is_decided(self) -> bool:
        """Whether a visit or a booking is judged, and not the day today."""
        return self.judged in (Judged.VISIT, Judged.APPOINTMENT, Judged.COMPLETION)

    @property
    def is_of_visit(self) -> bool:
        return self.judged == Judged.VISIT

    @property
    def judged_by(self) -> dt.date | None:
        """The target that the day is judged by, where it is protected an earlier one."""
        return self.protected_by if self.is_protected else self.target_on


class Protection(NamedTuple):
    """The latest day booked in time, and the target by which it was (docs/rules.md, rule 6)."""

    until: dt.date
    by: dt.date


def judgement_of(work_order: WorkOrder, now: dt.datetime | None = None) -> Judgement:
    """What is judged now; once the work has ended, what was. Makes no query."""
    if work_order.status in ENDED:
        return first_outcome(work_order)
    target_on = work_order.current_target_on
    if work_order.visited_on and work_order.kept_target_on:
        return _compare(work_order, Judged.VISIT, work_order.visited_on)
    if work_order.clock_is_stopped:
        return Judgement(Comparison.WAITING, work_order.target_on)
    if target_on is None:
        no_target = Comparison.NO_TARGET if work_order.was_sent_back else Comparison.WAITING
        return Judgement(no_target)
    judged, on = _judged_day(work_order)
    if judged:
        return _compare(work_order, judged, on)
    today = work_order.site_today(now or timezone.now())
    return Judgement(_compare_today(work_order, today), target_on, Judged.TODAY, today)


def first_outcome(work_order: WorkOrder) -> Judgement:
    """What the outcome of the first cycle was judged by, frozen when it ended."""
    target_on, on = work_order.outcome_target_on, work_order.outcome_on
    if target_on is None or on is None:
        return Judgement(Comparison.NO_TARGET, is_frozen=True)
    comparison = Comparison.LATE if on > target_on else Comparison.IN_TIME
    judged = Judged(work_order.target_basis.get("judged") or _kind_by_day(work_order, on))
    in_vain = work_order.outcome_nobody_there
    return Judgement(comparison, target_on, judged, on, is_frozen=True, nobody_there=in_vain)


def _kind_by_day(work_order: WorkOrder, on: dt.date) -> Judged:
    """Tell which day judged an outcome that was frozen before its kind was kept with it."""
    booked = work_order.appointment
    return Judged.APPOINTMENT if booked is not None and booked.on == on else Judged.COMPLETION


def judged_on_completion(work_order: WorkOrder, completed_on: dt.date) -> Judgement:
    """What judges the cycle if the work is completed on this day."""
    if work_order.judging_target_on is None:
        return Judgement(Comparison.NO_TARGET)
    if work_order.visited_on:
        return _compare(work_order, Judged.VISIT, work_order.visited_on)
    return _compare(work_order, Judged.COMPLETION, completed_on)


def judged_kind(work_order: WorkOrder) -> Judged:
    """Which day judges the outcome of work that has just ended."""
    if work_order.visited_on:
        return Judged.VISIT
    if not (work_order.could_not_complete and work_order.has_outcome):
        return Judged.COMPLETION
    return Judged.APPOINTMENT if work_order.appointment else Judged.TODAY


def judgement_of_booking(work_order: WorkOrder, on: dt.date) -> Judgement:
    """What an appointment on this day would be. It is not judged once the first visit has begun."""
    if work_order.current_target_on is None:
        return Judgement(Comparison.NO_TARGET)
    return _compare(work_order, Judged.APPOINTMENT, on)


def needs_reason(work_order: WorkOrder) -> bool:
    """Whether the appointment, booked without a target, was found late by the first one.

    A visit in time since then needs no reason (docs/rules.md, rule 6).
    """
    booked = work_order.appointment
    if not work_order.is_open or booked is None or booked.judged_by or booked.is_return:
        return False
    if not judgement_of_booking(work_order, booked.on).is_late:
        return False
    visited_on = work_order.visited_on
    return visited_on is None or _compare(work_order, Judged.VISIT, visited_on).is_late


def is_late(day: dt.date, target_on: dt.date | None, protected_until: dt.date | None) -> bool:
    """After the target, and after what was booked in time (docs/rules.md, rule 6)."""
    if target_on is None or day <= target_on:
        return False
    return protected_until is None or day > protected_until


def _judged_day(work_order: WorkOrder) -> tuple[Judged | None, dt.date]:
    """The first visit of the cycle, else its appointment."""
    if work_order.visited_on:
        return Judged.VISIT, work_order.visited_on
    if work_order.appointment:
        return Judged.APPOINTMENT, work_order.appointment.on
    return None, dt.date.min


def _compare(work_order: WorkOrder, judged: Judged, on: dt.date) -> Judgement:
    target_on = work_order.target_on or work_order.kept_target_on
    until = work_order.protected_until
    if is_late(on, target_on, until):
        comparison = Comparison.LATE
    elif target_on and on > target_on:
        comparison = Comparison.PROTECTED
    else:
        comparison = Comparison.IN_TIME
    in_vain = judged == Judged.VISIT and work_order.nobody_there
    by = work_order.protected_by
    return Judgement(comparison, target_on, judged, on, until, by, nobody_there=in_vain)


def _compare_today(work_order: WorkOrder, today: dt.date) -> Comparison:
    """Overdue parts keep unbooked work from being late, and so does staff's answer to their
    delivery, while it is open (docs/rules.md, rule 2).
    """
    if work_order.target_on is None or today <= work_order.target_on:
        return Comparison.AHEAD
    if is_overdue(work_order, today) or work_order.proposed_target_on:
        return Comparison.EXCUSED_BY_PARTS
    return Comparison.LATE


def is_overdue(work_order: WorkOrder, today: dt.date) -> bool:
    """Whether a required part is undelivered after its EDD (docs/rules.md, rules 2 and 5).

    None is while a hold stops the clock of a target that staff set.
    """
    stopped = work_order.clock_is_stopped and work_order.target_reason
    due_on = work_order.parts_due_on
    return due_on is not None and due_on < today and not stopped


# --- What is kept with the work order, so that no list has to look for it


def first_visit(visits: Iterable[Visit]) -> Visit | None:
    return min(visits, key=lambda visit: (visit.began_at, visit.entered_at), default=None)


def appointment_of(
    began_at: dt.datetime, on: dt.date, appointments: Iterable[Appointment]
) -> Appointment | None:
    """Return the appointment that a visit belongs to, in whatever order they were entered.

    That is the appointment of its own day, or else the one that was current when it began.
    """
    rows = sorted(appointments, key=lambda row: (row.booked_at, row.pk or 0))
    rows = [row for row in rows if row.is_active_at(began_at)]
    of_day = [row for row in rows if row.on == on]
    earlier = [row for row in rows if row.booked_at <= began_at]
    found = of_day or earlier
    return found[-1] if found else None


def protection(appointments: Iterable[Appointment], visit: Visit | None) -> Protection | None:
    """What protects the first visit of the cycle, or, before there is one, what is booked.

    A booking protects that was in time and made before its day had passed. One that was taken back
    does not, nor do the ones that it had replaced.
    """
    found = [
        Protection(row.on, row.judged_by)
        for row in appointments
        if row.judged_by
        and row.on <= row.judged_by
        and row.booked_on <= row.on
        and (row.taken_back_at is None if visit is None else _counted_at(row, visit))
    ]
    return max(found, default=None)


def _counted_at(row: Appointment, visit: Visit) -> bool:
    """Whether it was booked by the day of the visit, and not taken back then."""
    known = row.on == visit.on or row.booked_on <= visit.on
    return known and row.is_active_at(visit.began_at)
