"""Visits at the site: begun with one tap, ended with what came of them, corrected, or entered afterwards."""

import datetime as dt
import zoneinfo

from portal.people.models import User
from workorders.dates import day_text, moment_text
from workorders.models import Visit, WorkOrder
from workorders.models.ledger import Event
from workorders.services.errors import NotNow, Refused
from workorders.services.unit_of_work import Writing, writing
from workorders.states import Verb, VisitOutcome


def start_visit(work_order: WorkOrder, *, by: User) -> Visit:
    """Work at the site begins now. The same person's second tap is the first one's."""
    with writing(work_order, Verb.START_VISIT, by=by) as write:
        if under_way := _open_visit(write):
            if under_way.entered_by_id == by.pk:
                return under_way
            raise NotNow(
                f"Work has begun already, {moment_text(under_way.began_at, _zone(write))}."
            )
        visit = begin(write, write.now, by)
        visit.save()
        _follow(write, visit, Event.VISIT_BEGAN)
    return visit


def end_visit(work_order: WorkOrder, *, outcome: VisitOutcome, note: str = "", by: User) -> Visit:
    """What came of it. Unless the work is done, it goes on with another appointment."""
    with writing(work_order, Verb.END_VISIT, by=by) as write:
        visit = _open_visit(write)
        if visit is None:
            raise NotNow("No visit is under way: it has ended already, or never begun.")
        visit.ended_at, visit.outcome, visit.note = write.now, outcome, note.strip()
        visit.save(update_fields=["ended_at", "outcome", "note"])
        write.log(Event.VISIT_ENDED, note=told(visit))
    return visit


def enter_visit(
    work_order: WorkOrder, *, began_at: dt.datetime, outcome: VisitOutcome, note: str = "", by: User
) -> Visit:
    """A visit that nobody started in the portal, with what came of it. How long it took is not known."""
    with writing(work_order, Verb.START_VISIT, by=by) as write:
        if under_way := _open_visit(write):
            raise NotNow(
                f"A visit is under way since {moment_text(under_way.began_at, _zone(write))}: end it first."
            )
        visit = begin(write, began_at, by)
        visit.ended_at, visit.outcome, visit.note = began_at, outcome, note.strip()
        visit.save()
        _follow(
            write,
            visit,
            Event.VISIT_ENTERED,
            f"{moment_text(began_at, _zone(write))}. {told(visit)}",
        )
    return visit


def correct_visit(
    work_order: WorkOrder, visit_pk: int, *, began_at: dt.datetime, by: User
) -> Visit:
    """Another time at which a visit of this cycle began. Raises Visit.DoesNotExist for any other visit."""
    with writing(work_order, Verb.CORRECT_VISIT, by=by) as write:
        visit = _of_this_cycle(write, visit_pk)
        if visit.began_at == began_at:
            return visit
        old, visit.on = visit.began_at, _site_date(write, began_at)
        if visit.ended_at and (visit.ended_at < began_at or visit.ended_at == old):
            visit.ended_at = began_at  # how long it took is not known
        visit.began_at = began_at
        visit.save(update_fields=["began_at", "on", "ended_at"])
        times = [moment_text(at, _zone(write)) for at in (old, began_at)]
        write.follow_visits()
        write.log(Event.VISIT_CORRECTED, note=" → ".join(times))
    return visit


def take_back_visit(work_order: WorkOrder, visit_pk: int, *, by: User) -> None:
    """The visit under way never began: Start work was tapped by mistake. It counts for nothing; the ledger keeps both.

    Raises Visit.DoesNotExist for one that is not of this cycle.
    """
    with writing(work_order, Verb.CORRECT_VISIT, by=by) as write:
        visit = _of_this_cycle(write, visit_pk)
        if not visit.is_open:
            raise NotNow("The visit has ended: correct its time instead.")
        if (booked := write.work_order.appointment) and booked.booked_at > visit.entered_at:
            raise NotNow("An appointment was booked since: end the visit instead.")
        visit.delete()
        write.visits.remove(visit)
        write.follow_visits()
        write.log(
            Event.VISIT_CORRECTED,
            note=f"{moment_text(visit.began_at, _zone(write))} → had not begun",
        )


def told(visit: Visit) -> str:
    """What came of it, in words."""
    return ": ".join(filter(None, [visit.get_outcome_display(), visit.note]))


def _of_this_cycle(write: Writing, visit_pk: int) -> Visit:
    visit = next(
        (v for v in write.visits if v.pk == visit_pk and v.cycle == write.work_order.cycle), None
    )
    if visit is None:
        raise Visit.DoesNotExist
    return visit


def _open_visit(write: Writing) -> Visit | None:
    return next((visit for visit in write.visits if visit.is_open), None)


def begin(write: Writing, began_at: dt.datetime, by: User) -> Visit:
    row, appointment = write.work_order, write.work_order.appointment
    name = appointment.technician_name if appointment else ""
    return Visit(
        work_order=row,
        cycle=row.cycle,
        appointment=appointment,
        technician_name=name,
        began_at=began_at,
        on=_site_date(write, began_at),
        entered_by=by,
        entered_at=write.now,
    )


def _follow(write: Writing, visit: Visit, event: Event, note: str = "") -> None:
    write.visits.append(visit)
    write.follow_visits()
    write.log(event, note=note, appointment=visit.appointment)


def _site_date(write: Writing, began_at: dt.datetime) -> dt.date:
    """The date at the site; not in the future, not before acceptance."""
    if began_at > write.now:
        raise Refused("This is in the future.", "began_at")
    on, accepted_on = began_at.astimezone(_zone(write)).date(), write.work_order.accepted_on
    if accepted_on and on < min(accepted_on, write.today):
        raise Refused(
            f"This is before the work order was accepted, {day_text(accepted_on)}.", "began_at"
        )
    return on


def _zone(write: Writing) -> zoneinfo.ZoneInfo:
    return write.work_order.site.zone
