"""An appointment is called off without a new date."""

from portal.people.models import User
from workorders.models import Appointment, Visit, WorkOrder
from workorders.models.ledger import Event
from workorders.services.errors import InvalidState, require_reason
from workorders.services.unit_of_work import UnitOfWork, unit_of_work
from workorders.states import Verb


def take_back_appointment(
    work_order: WorkOrder, *, note: str, by: User, version: int | None = None
) -> WorkOrder:
    """Take the appointment back, with a note.

    From now on neither it nor those that it had replaced since the last visit protect any day or
    repeat a reason (docs/rules.md, rules 6 and 7).
    """
    require_reason(note)
    verb = Verb.TAKE_BACK_APPOINTMENT
    with unit_of_work(work_order, verb, by=by, version=version) as work:
        appointment = work.work_order.appointment
        _check(work, appointment)
        made = max((visit.appointment_id or 0 for visit in _visits(work)), default=0)
        for row in work.appointments:
            if row.cycle == work.work_order.cycle and row.taken_back_at is None and row.pk > made:
                row.taken_back_at = work.now
                row.save(update_fields=["taken_back_at"])
        work.set(appointment=None)
        work.log(Event.APPOINTMENT_TAKEN_BACK, appointment=appointment, note=note.strip())
        work.follow_visits()
    return work.work_order


def _check(work: UnitOfWork, appointment: Appointment | None) -> None:
    visits = _visits(work)
    if any(visit.is_open for visit in visits):
        raise InvalidState("A visit is under way. End it first.")
    if any(visit.appointment == appointment for visit in visits):
        raise InvalidState("A visit has been made for this appointment. Book the next one instead.")


def _visits(work: UnitOfWork) -> list[Visit]:
    return [visit for visit in work.visits if visit.cycle == work.work_order.cycle]
