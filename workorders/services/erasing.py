"""Erases people, as privacy law requires: a number replaces the person, the history stays."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q, QuerySet

from portal.people.models import User
from portal.people.services import erase_user
from workorders.models import Appointment, Notification, Visit
from workorders.services.visits.technicians import log_technician_left


def erase_people(people: Iterable[User], *, by: User) -> list[User]:
    """Erase all of these people, or none.

    Their ledger entries, which refer to them by id, and what they wrote stay. The ledger of open
    work for which one of them is booked says that the technician left.

    Raises PermissionDenied unless `by` is a superuser, and ValidationError as `erase_user` does.
    """
    with transaction.atomic():
        return [_erase(person, by) for person in sorted(people, key=lambda person: person.pk)]


def _erase(user: User, by: User) -> User:
    before = User.objects.select_for_update().get(pk=user.pk)
    person = erase_user(before, by=by)
    if before.is_active:
        log_technician_left(person, by=None)
    bookings = Appointment.objects.filter(
        pk__in=list(_bookings(before).values_list("pk", flat=True))
    )
    visits = Visit.objects.filter(
        Q(appointment__in=bookings) | Q(entered_by=person, technician_name=before.name)
    )
    visits.exclude(technician_name="").update(technician_name=person.name)
    Notification.objects.filter(user=person).delete()
    bookings.update(technician_name=person.name, contact_phone="", contact_email=person.email)
    return person


def _bookings(person: User) -> QuerySet[Appointment]:
    """The technician's appointments, and the partner's with this person's contact details."""
    contact = Q(contact_email__iexact=person.email)
    if person.phone:
        contact |= Q(contact_phone=person.phone)
    typed = Q(technician=None, booked_by__partner=person.partner_id) & contact
    return Appointment.objects.filter(Q(technician=person) | typed)
