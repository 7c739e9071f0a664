"""Keeps with a work order what is judged in its cycle, so that lists need not look for it."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from workorders.models import Appointment, LedgerEntry, MissedSLAReason, Visit, WorkOrder
from workorders.services import saving
from workorders.states import VisitOutcome
from workorders.targets.judging import appointment_of, first_visit, protection


class JudgedFields(NamedTuple):
    """Values for a work order's fields of the same names (docs/rules.md, rule 6)."""

    visited_on: dt.date | None
    nobody_there: bool
    protected_until: dt.date | None
    protected_by: dt.date | None


def judged_fields(
    work_order: WorkOrder, visits: Sequence[Visit], appointments: Sequence[Appointment]
) -> JudgedFields:
    """What the visits and appointments of a cycle come to."""
    first = first_visit(visits)
    protected = protection(appointments, first)
    in_vain = first is not None and first.outcome == VisitOutcome.NOBODY
    return JudgedFields(first.on if first else None, in_vain, *(protected or (None, None)))


def kept_target(
    work_order: WorkOrder, visits: Iterable[Visit], moves: Callable[[], Iterable[LedgerEntry]]
) -> dt.date | None:
    """The last target that was known when the first visit began, or that came later, if there is
    none any more. `moves` reads how the target has moved.
    """
    if not work_order.visited_on or work_order.target_on or work_order.cycle > 1:
        return None
    visit, found = first_visit(each for each in visits if each.cycle == 1), None
    for move in moves() if visit else ():
        new = (move.changes["target_on"] or (None, None))[1]
        day = dt.date.fromisoformat(str(new)) if new else None
        found = day if visit and move.at < visit.began_at else day or found
    return found


def attach_visits(visits: Sequence[Visit], appointments: Sequence[Appointment]) -> None:
    """Attach each visit to its appointment, in whatever order they were entered."""
    for visit in visits:
        of_visit = appointment_of(visit.began_at, visit.on, appointments)
        if visit.appointment != of_visit:
            visit.appointment = of_visit
            if visit.pk:
                saving.save(visit, "appointment")


def reason_that_counts(work_order: WorkOrder, visits: Iterable[Visit]) -> MissedSLAReason | None:
    """Return the reason given for the cycle's first visit, or else for its appointment."""
    if first := first_visit(each for each in visits if each.cycle == work_order.cycle):
        return first.reason
    booked = work_order.appointment
    return booked.missed_sla if booked else None


def let_count(work_order: WorkOrder, reason: MissedSLAReason | None) -> None:
    """Let this reason be the one that counts in the cycle; those before it stay in the history."""
    given = MissedSLAReason.objects.filter(work_order=work_order, cycle=work_order.cycle)
    others = given.filter(counts=True).exclude(pk=reason.pk if reason else 0)
    saving.update(others, counts=False)
    if reason and not reason.counts:
        reason.counts = True
        saving.save(reason, "counts")
