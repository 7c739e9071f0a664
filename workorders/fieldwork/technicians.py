"""What the portal knows of a partner's technicians: who is certified, who is booked where."""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.db.models import Count, Q, QuerySet

from portal.people.models import NOWHERE, Partner, User
from workorders.dates import clock_text, day_text
from workorders.models import WorkOrder
from workorders.states import OPEN

# two bookings closer than this, at two sites, are too close for one technician
VISIT = dt.timedelta(hours=2)


class Crew(NamedTuple):
    """A partner's technicians who can be booked for a day, those certified on it first."""

    certified: list[User]
    others: list[User]

    def find(self, key: str, name: str = "") -> User | None:
        """By id; else by a name that only one of them has."""
        everyone = [*self.certified, *self.others]
        if key:
            return next((user for user in everyone if str(user.pk) == key), None)
        named = [user for user in everyone if user.name.casefold() == name.strip().casefold()]
        return named[0] if len(named) == 1 else None


def crew_of(partner: Partner, day: dt.date) -> Crew:
    active = list(User.objects.technicians(partner).filter(is_active=True))
    certified = [user for user in active if is_certified(user, day)]
    return Crew(certified, [user for user in active if user not in certified])


def certified_until(technician: User) -> dt.date | None:
    """The last day of the certification that lasts longest, of a row of
    `User.objects.technicians()`.
    """
    until: dt.date | None = getattr(technician, "certified_until", None)
    return until


def is_certified(technician: User, day: dt.date) -> bool:
    """On this day, the last one included."""
    until = certified_until(technician)
    return until is not None and until >= day


def with_bookings(technicians: QuerySet[User]) -> QuerySet[User]:
    """With `booked`, the number of open work orders that each is booked on; the erased only as long
    as one is left.
    """
    current = Q(appointments__stands_for__status__in=OPEN)
    rows = technicians.annotate(booked=Count("appointments", filter=current, distinct=True))
    return rows.exclude(email__endswith=f"@{NOWHERE}", booked=0)


def left_behind(technicians: Iterable[User]) -> dict[int, list[WorkOrder]]:
    """Open work whose appointment is still one of theirs, the next one first, by technician."""
    found: dict[int, list[WorkOrder]] = {}
    rows = WorkOrder.objects.filter(status__in=OPEN, appointment__technician__in=technicians)
    for row in rows.select_related("appointment", "site").order_by("appointment__at", "number"):
        if row.appointment and row.appointment.technician_id:
            found.setdefault(row.appointment.technician_id, []).append(row)
    return found


def booked_on(technician: User) -> QuerySet[WorkOrder]:
    """Open work whose appointment is this technician's, the next one first."""
    rows = WorkOrder.objects.filter(status__in=OPEN, appointment__technician=technician)
    return rows.with_facts().order_by("appointment__at", "number")


def remarks(
    work_order: WorkOrder, technician: User | None, name: str, at: dt.datetime | None
) -> Iterator[str]:
    """What whoever books should know of the technician; nothing of it forbids the booking."""
    if technician is None:
        if name:
            yield f"{name} is not among your technicians, and will not see this work order in the portal."
        return
    if not technician.is_active:
        yield f"{technician.name} was offboarded. Choose another technician."
        return
    day = at.astimezone(work_order.site.zone).date() if at else work_order.site_today()
    if not is_certified(technician, day):
        until = certified_until(technician)
        yield f"{technician.name} is not certified" + (
            f" after {day_text(until)}." if until else "."
        )
    for other in _at_the_same_time(work_order, technician, at):
        local = (
            clock_text(other.appointment.at.astimezone(other.site.zone))
            if other.appointment
            else ""
        )
        yield f"{technician.name} is booked at {other.site.name} then: {other.number}, {local}."


def _at_the_same_time(
    work_order: WorkOrder, technician: User, at: dt.datetime | None
) -> QuerySet[WorkOrder]:
    """Other sites' work that this technician is booked on within two hours of it."""
    if at is None:
        return WorkOrder.objects.none()
    close = booked_on(technician).filter(
        appointment__at__gt=at - VISIT, appointment__at__lt=at + VISIT
    )
    return close.exclude(pk=work_order.pk).exclude(site=work_order.site)[:3]
