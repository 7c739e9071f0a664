"""A technician leaves. Appointments stay, as the site was promised a visit; the ledger says so."""

from django.db import transaction

from portal.people.models import User
from portal.people.technicians import let_go
from workorders.fieldwork.technicians import booked_on
from workorders.models.ledger import Event
from workorders.services.locking import lock_all
from workorders.services.unit_of_work import unit_of_work
from workorders.states import Verb


def offboard_technician(technician: User, *, by: User) -> list[str]:
    """Offboard a technician; return the numbers of work orders that now need another one.

    Raises PermissionDenied for anyone but a dispatcher or manager of the technician's own partner.
    """
    with transaction.atomic():
        return log_technician_left(let_go(technician, by=by), by=by)


def log_technician_left(technician: User, *, by: User | None) -> list[str]:
    """Log the departure on each work order with the technician's appointment; return numbers."""
    rows = lock_all(list(booked_on(technician).values_list("number", flat=True)))
    for row in rows.values():
        with unit_of_work(row, Verb.BOOK, by=by, locked=True) as work:
            work.log(Event.TECHNICIAN_LEFT, appointment=row.appointment)
    return sorted(rows)
