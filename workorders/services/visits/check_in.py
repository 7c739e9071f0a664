"""Visits to the site: started, ended with an outcome, corrected, or entered later."""

import datetime as dt
import zoneinfo
from contextlib import suppress

from portal.people.models import User
from sla import CalendarError
from workorders.dates import date_time_text
from workorders.models import Appointment, Visit, WorkOrder
from workorders.models.ledger import Event
from workorders.services.errors import DomainError, InvalidState
from workorders.services.unit_of_work import UnitOfWork, unit_of_work
from workorders.services.visits.site_dates import site_date
from workorders.states import Verb, VisitOutcome
from workorders.targets.judging import appointment_of
from workorders.targets.terms import business_calendar

AT_MOST = 2  # business days between a visit and the day on which it is entered


def start_visit(work_order: WorkOrder, *, by: User) -> Visit:
    """Start a visit now. A second tap by the same person changes nothing."""
    with unit_of_work(work_order, Verb.START_VISIT, by=by) as work:
        if under_way := _open_visit(work):
            if under_way.entered_by_id == by.pk:
                return under_way
            began = date_time_text(under_way.began_at, _zone(work))
            raise InvalidState(f"Work has already begun: {began}.")
        visit = begin(work, work.now, by)
        _follow(work, visit, Event.VISIT_BEGAN)
    return visit


def end_visit(work_order: WorkOrder, *, outcome: VisitOutcome, note: str = "", by: User) -> Visit:
    """End the visit with its outcome; unless the work is done, it needs another appointment."""
    with unit_of_work(work_order, Verb.END_VISIT, by=by) as work:
        visit = _open_visit(work)
        if visit is None:
            raise InvalidState("No visit is under way: it has ended, or never began.")
        visit.ended_at, visit.outcome, visit.note = work.now, outcome, note.strip()
        visit.save(update_fields=["ended_at", "outcome", "note"])
        work.follow_visits()
        work.log(Event.VISIT_ENDED, note=visit_summary(visit))
    return visit


def enter_visit(
    work_order: WorkOrder, *, began_at: dt.datetime, outcome: VisitOutcome, note: str = "", by: User
) -> Visit:
    """Enter a visit that nobody started in the portal, with its outcome but without its length."""
    with unit_of_work(work_order, Verb.START_VISIT, by=by) as work:
        if under_way := _open_visit(work):
            began = date_time_text(under_way.began_at, _zone(work))
            raise InvalidState(f"A visit has been under way since {began}. End it first.")
        visit = begin(work, began_at, by)
        visit.ended_at, visit.outcome, visit.note = began_at, outcome, note.strip()
        note = f"{date_time_text(began_at, _zone(work))}. {visit_summary(visit)}"
        _follow(work, visit, Event.VISIT_ENTERED, note)
        work.retarget()
    return visit


def correct_visit(
    work_order: WorkOrder, visit_pk: int, *, began_at: dt.datetime, by: User
) -> Visit:
    """Correct the time at which a visit of this cycle began.

    Raises InvalidState for any other visit, as for one that has just been taken back.
    """
    with unit_of_work(work_order, Verb.CORRECT_VISIT, by=by) as work:
        visit = _of_this_cycle(work, visit_pk)
        if visit.began_at == began_at:
            return visit
        move_visit(work, visit, began_at)
    return visit


def move_visit(work: UnitOfWork, visit: Visit, began_at: dt.datetime) -> None:
    """Let it have begun at another time, within a unit of work that has begun."""
    old, visit.on = visit.began_at, _site_date(work, began_at)
    if visit.ended_at and (visit.ended_at < began_at or visit.ended_at == old):
        visit.ended_at = began_at  # its length is not known
    visit.began_at = began_at
    say_entered(work, visit)
    visit.save()
    times = [date_time_text(at, _zone(work)) for at in (old, began_at)]
    work.follow_visits()
    work.log(Event.VISIT_CORRECTED, note=" → ".join(times))
    work.retarget()


def say_entered(work: UnitOfWork, visit: Visit) -> None:
    """Keep the day on which its time was typed; much later staff look at it."""
    days = (work.today - visit.on).days
    with suppress(CalendarError):  # beyond the calendar every day counts
        calendar = business_calendar(work.work_order.territory)
        days = calendar.business_days_between(visit.on, work.today)
    visit.entered_on, visit.entered_late = work.today, days > AT_MOST
    visit.seen_at = visit.seen_by = None


def take_back_visit(work_order: WorkOrder, visit_pk: int, *, by: User) -> None:
    """Take back the visit under way, which someone started by mistake.

    It counts for nothing; the ledger keeps both entries.

    Raises InvalidState for one that somebody has just taken back, or of another cycle.
    """
    with unit_of_work(work_order, Verb.CORRECT_VISIT, by=by) as work:
        visit = _of_this_cycle(work, visit_pk)
        if not visit.is_open:
            raise InvalidState("The visit has ended. Correct its time instead.")
        if (booked := work.work_order.appointment) and booked.booked_at > visit.entered_at:
            raise InvalidState("An appointment has been booked since. End the visit instead.")
        work.remove(visit)
        work.follow_visits()
        note = f"{date_time_text(visit.began_at, _zone(work))} → had not begun"
        work.log(Event.VISIT_CORRECTED, note=note)
        work.retarget()


def visit_summary(visit: Visit) -> str:
    """The outcome of the visit, in words."""
    return ": ".join(filter(None, [visit.get_outcome_display(), visit.note]))


def _of_this_cycle(work: UnitOfWork, visit_pk: int) -> Visit:
    for visit in work.visits:
        if visit.pk == visit_pk and visit.cycle == work.work_order.cycle:
            return visit
    raise InvalidState("The visit is no longer there: somebody has taken it back.")


def _open_visit(work: UnitOfWork) -> Visit | None:
    return next((visit for visit in work.visits if visit.is_open), None)


def begin(work: UnitOfWork, began_at: dt.datetime, by: User) -> Visit:
    row, on = work.work_order, _site_date(work, began_at)
    of_cycle = [each for each in work.appointments if each.cycle == row.cycle]
    appointment = appointment_of(began_at, on, of_cycle)
    visit = Visit(
        work_order=row,
        cycle=row.cycle,
        appointment=appointment,
        technician_name=_technician(work, began_at, appointment),
        began_at=began_at,
        on=on,
        entered_by=by,
        entered_at=work.now,
    )
    if began_at != work.now:
        say_entered(work, visit)
    return visit


def _technician(work: UnitOfWork, began_at: dt.datetime, booked: Appointment | None) -> str:
    """Return the technician's name: of the current appointment, if the visit begins now."""
    appointment = work.work_order.appointment if began_at == work.now else booked
    return appointment.technician_name if appointment else ""


def _follow(work: UnitOfWork, visit: Visit, event: Event, note: str = "") -> None:
    work.add(visit)
    work.follow_visits()
    work.log(event, note=note, appointment=visit.appointment)


def _site_date(work: UnitOfWork, began_at: dt.datetime) -> dt.date:
    """The date at the site, which is neither in the future nor before this cycle."""
    if began_at > work.now:
        raise DomainError("This is in the future.", "began_at")
    return site_date(work, began_at, "began_at")


def _zone(work: UnitOfWork) -> zoneinfo.ZoneInfo:
    return work.work_order.site.zone
