"""How work ends or pauses: completed, could not complete, held, resumed, closed, canceled."""

import datetime as dt
from typing import Any

from portal.people.models import User
from sla import CalendarError
from workorders.fieldwork.completion_blockers import blockers
from workorders.models import Comment, Hold, Outcome, WorkOrder
from workorders.models.ledger import Event
from workorders.services.errors import DomainError, InvalidState, require_reason
from workorders.services.flow.cycles import change_target
from workorders.services.parts.returns import follow_end
from workorders.services.thread import open_requests
from workorders.services.transitions import follow_shipments, set_status
from workorders.services.unit_of_work import UnitOfWork, unit_of_work
from workorders.services.visits.check_in import visit_summary
from workorders.states import Cause, CouldNotCompleteReason, Status, Verb, VisitOutcome
from workorders.targets.due import business_days_late
from workorders.targets.explaining import judged_by_what


def complete(work_order: WorkOrder, *, by: User, version: int | None = None) -> WorkOrder:
    """Complete the work, and end a visit under way as done.

    Freezes the outcome with the target that judged it (docs/rules.md, rule 6); that of a later
    cycle has a row of its own.

    Raises InvalidState with sentences about what is still missing.
    """
    with unit_of_work(work_order, Verb.COMPLETE, by=by, version=version) as work:
        if missing := blockers(work.work_order):
            raise InvalidState(" ".join(blocker.sentence for blocker in missing))
        _end_visit(work, VisitOutcome.DONE)
        set_status(work, Status.COMPLETED, completed_at=work.now)
        if later := freeze_outcome(work):
            later.save()
        work.log(Event.COMPLETED)
        follow_end(work)
    return work.work_order


def freeze_outcome(work: UnitOfWork) -> Outcome | None:
    """Set the first cycle's outcome on the work order, or return a later one's to be saved."""
    row, outcome = work.work_order, outcome_of(work.work_order, work.today)
    if row.outcome_days_late is None:
        work.set(**outcome)
        return None
    return Outcome(
        work_order=row,
        cycle=row.cycle,
        target_on=outcome["outcome_target_on"],
        target_reason=row.target_reason,
        judged_on=outcome["outcome_on"],
        days_late=outcome["outcome_days_late"],
        basis=judged_by_what(row),
    )


def outcome_of(work_order: WorkOrder, completed_on: dt.date) -> dict[str, Any]:
    """The fields of the outcome.

    The day of the first visit is judged, else that of the booking, else `completed_on`: by the
    target, or by a later one that it was in time for. Without a target nothing is missed.

    Raises DomainError when the date is outside the calendar.
    """
    target_on, visited_on = work_order.current_target_on, work_order.visited_on
    appointment = work_order.appointment
    if target_on is None:
        return {"outcome_target_on": None, "outcome_on": None, "outcome_days_late": 0}
    judged_on = visited_on or (appointment.on if appointment else completed_on)
    if visited_on:
        target_on = max(target_on, work_order.visit_judged_by or target_on)
    elif appointment and not appointment.is_late_by(target_on):
        target_on = max(target_on, appointment.judged_by or target_on)
    try:
        days_late = business_days_late(work_order, judged_on) if judged_on > target_on else 0
    except CalendarError as error:
        raise DomainError(f"The business calendar does not cover this day: {error}.") from error
    return {"outcome_target_on": target_on, "outcome_on": judged_on, "outcome_days_late": days_late}


def could_not_complete(
    work_order: WorkOrder,
    *,
    reason: CouldNotCompleteReason,
    note: str,
    by: User,
    version: int | None = None,
) -> WorkOrder:
    """End the work as Could Not Complete; before acceptance this declines it."""
    require_reason(note)
    with unit_of_work(work_order, Verb.COULD_NOT_COMPLETE, by=by, version=version) as work:
        set_status(work, Status.COULD_NOT_COMPLETE, give_up_reason=reason)
        _end_hold(work)
        work.log(Event.COULD_NOT_COMPLETE, note=note)
        _end_visit(work)
        follow_end(work)
    return work.work_order


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
