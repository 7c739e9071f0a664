"""How work ends or pauses: completed, could not complete, held, resumed, closed, canceled."""

import datetime as dt

from portal.people.models import User
from sla import CalendarError
from workorders.fieldwork.completion_blockers import blockers
from workorders.models import Comment, Hold, MissedSLAReason, Outcome, WorkOrder
from workorders.models.ledger import Event
from workorders.services.errors import DomainError, InvalidState, require_reason
from workorders.services.flow.beginning import say_when_it_began
from workorders.services.flow.cycles import change_target
from workorders.services.judging import let_count, reason_that_counts
from workorders.services.parts.returns import follow_end
from workorders.services.thread import open_requests
from workorders.services.transitions import follow_shipments, set_status
from workorders.services.unit_of_work import UnitOfWork, unit_of_work
from workorders.services.visits.check_in import visit_summary
from workorders.services.visits.delays import NOT_SAID, Delay, reason_of_day, record_reason
from workorders.states import (
    Cause,
    CouldNotCompleteReason,
    DelayOf,
    Status,
    Verb,
    VisitOutcome,
)
from workorders.targets.due import business_days_late
from workorders.targets.judging import (
    Judgement,
    first_visit,
    judged_on_completion,
    judgement_of,
)


def complete(
    work_order: WorkOrder,
    *,
    began_at: dt.datetime | None = None,
    delay: Delay = NOT_SAID,
    by: User,
    version: int | None = None,
) -> WorkOrder:
    """Complete the work, and end a visit under way as done. Without a visit in this cycle
    `began_at` says when the work began, and `delay` why that was late.

    Freezes the outcome with the target that judged it (docs/rules.md, rule 6); that of a later
    cycle has a row of its own.

    Raises InvalidState with sentences about what is still missing, BeganMissing and ReasonNeeded
    for what is still to be said.
    """
    with unit_of_work(work_order, Verb.COMPLETE, by=by, version=version) as work:
        if missing := blockers(work.work_order):
            raise InvalidState(" ".join(blocker.sentence for blocker in missing))
        say_when_it_began(work, began_at, delay)
        _end_visit(work, VisitOutcome.DONE)
        set_status(work, Status.COMPLETED, completed_at=work.now)
        if later := freeze_outcome(work):
            later.save()
        work.log(Event.COMPLETED)
        follow_end(work)
    return work.work_order


def freeze_outcome(work: UnitOfWork) -> Outcome | None:
    """Set the first cycle's outcome on the work order, or return a later one's to be saved."""
    row = work.work_order
    judgement = judged_on_completion(row, work.today)
    days_late = _days_late(row, judgement)
    if row.has_outcome:
        return Outcome(
            work_order=row,
            cycle=row.cycle,
            target_on=judgement.judged_by,
            target_reason=row.target_reason,
            judged_on=judgement.on,
            days_late=days_late,
            basis=judgement.judged or "",
            nobody_there=judgement.nobody_there,
        )
    work.set(
        outcome_target_on=judgement.judged_by,
        outcome_on=judgement.on,
        outcome_days_late=days_late,
        outcome_nobody_there=judgement.nobody_there,
    )
    return None


def _days_late(work_order: WorkOrder, judgement: Judgement) -> int:
    """Without a target nothing is missed.

    Raises DomainError when the date is outside the calendar.
    """
    if not judgement.is_late or judgement.on is None:
        return 0
    try:
        return business_days_late(work_order, judgement.on)
    except CalendarError as error:
        raise DomainError(f"The business calendar does not cover this day: {error}.") from error


def could_not_complete(
    work_order: WorkOrder,
    *,
    reason: CouldNotCompleteReason,
    note: str,
    delay: Delay = NOT_SAID,
    by: User,
    version: int | None = None,
) -> WorkOrder:
    """End the work as Could Not Complete; before acceptance this declines it. `delay` says why it
    is late.

    Raises ReasonNeeded for late work without a reason.
    """
    require_reason(note)
    with unit_of_work(work_order, Verb.COULD_NOT_COMPLETE, by=by, version=version) as work:
        freeze_missed(work, delay)
        set_status(work, Status.COULD_NOT_COMPLETE, give_up_reason=reason)
        _end_hold(work)
        work.log(Event.COULD_NOT_COMPLETE, note=note)
        _end_visit(work)
        follow_end(work)
    return work.work_order


def freeze_missed(work: UnitOfWork, delay: Delay) -> None:
    """Work that is late when it is given up has missed its target, also by its first visit. What
    the page calls on hold, waiting or parts overdue has not (docs/rules.md, rule 6).
    """
    row, judgement = work.work_order, judgement_of(work.work_order, work.now)
    if row.has_outcome or not judgement.is_late or judgement.on is None:
        return
    let_count(row, reason_that_counts(row, work.visits) or _why_late(work, judgement, delay))
    work.set(
        outcome_target_on=judgement.judged_by,
        outcome_on=judgement.on,
        outcome_days_late=_days_late(row, judgement),
        outcome_nobody_there=judgement.nobody_there,
    )


def _why_late(work: UnitOfWork, judgement: Judgement, delay: Delay) -> MissedSLAReason:
    row, of, at, on = work.work_order, DelayOf.END, work.now, judgement.on or work.today
    if known := reason_of_day(work, on):
        return known
    if visit := first_visit(each for each in work.visits if each.cycle == row.cycle):
        of, at = DelayOf.BEGINNING, visit.began_at
    elif row.appointment:
        of, at = DelayOf.APPOINTMENT, row.appointment.at
    return record_reason(work, delay, of, at=at, on=on)


def hold(
    work_order: WorkOrder,
    *,
    reason: str,
    stops_clock: bool,
    cause: Cause | str = "",
    resume_on: dt.date | None = None,
    by: User | None,
    version: int | None = None,
) -> WorkOrder:
    """Put the work on hold from today on, which also answers requests for assistance.

    Only a hold that stops the clock moves the target (docs/rules.md, rule 5). `cause` is what the
    work waits for. `resume_on` reminds both sides, but only `resume` resumes the work.
    """
    require_reason(reason, "reason")
    with unit_of_work(work_order, Verb.HOLD, by=by, version=version) as work:
        if resume_on and resume_on <= work.today:
            raise DomainError("Choose a day after today.", "resume_on")
        work.add(
            Hold(
                work_order=work.work_order,
                first=work.today,
                stops_clock=stops_clock,
                reason=reason,
                cause=cause,
                resume_on=resume_on,
            )
        )
        open_requests(work.work_order).update(answered_at=work.now)
        set_status(work, Status.ON_HOLD)
        work.log(Event.HELD, note=reason)
        work.retarget()
    return work.work_order


def resume(
    work_order: WorkOrder,
    *,
    target_on: dt.date | None = None,
    target_reason: str = "",
    by: User | None,
    version: int | None = None,
) -> WorkOrder:
    """Resume the status before the hold, or the one that shipments have led to since.

    In a later cycle whose target staff have set, `target_on` is the one from now on.
    """
    with unit_of_work(work_order, Verb.RESUME, by=by, version=version) as work:
        _end_hold(work)
        set_status(work, Status(work.work_order.held_from))
        work.log(Event.RESUMED)
        follow_shipments(work)
        work.retarget()
        if target_on and target_on != work.work_order.target_on:
            change_target(work, target_on, target_reason)
    return work.work_order


def close(work_order: WorkOrder, *, by: User, version: int | None = None) -> WorkOrder:
    with unit_of_work(work_order, Verb.CLOSE, by=by, version=version) as work:
        set_status(work, Status.CLOSED)
        work.log(Event.CLOSED)
    return work.work_order


def cancel(
    work_order: WorkOrder, *, comment: str, by: User, version: int | None = None
) -> WorkOrder:
    """Withdraw the work, with a comment that the partner reads in Collaborate."""
    require_reason(comment, "comment")
    with unit_of_work(work_order, Verb.CANCEL, by=by, version=version) as work:
        set_status(work, Status.CANCELED)
        _end_hold(work)
        Comment.objects.create(work_order=work_order, author=by, body=comment, at=work.now)
        work.log(Event.CANCELED)
        _end_visit(work)
        follow_end(work)
    return work.work_order


def _end_hold(work: UnitOfWork) -> None:
    """End an open hold today."""
    for row in work.holds:
        if row.last is None:
            row.last = max(row.first, work.today)
            row.save(update_fields=["last"])


def _end_visit(work: UnitOfWork, outcome: VisitOutcome | None = None) -> None:
    """End a visit under way together with the work order."""
    for row in work.visits:
        if row.ended_at is None:
            row.ended_at, row.outcome = work.now, outcome or ""
            row.save(update_fields=["ended_at", "outcome"])
            work.log(Event.VISIT_ENDED, note=visit_summary(row), changes={})
