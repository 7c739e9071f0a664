"""Reads of a partner's technicians: who is certified, and who is booked where."""

import datetime as dt
import functools
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.db.models import BigIntegerField, Count, DateTimeField, Q, QuerySet

from portal.people.models import NOWHERE, Partner, User
from portal.prepared import Given, Prepared
from workorders.dates import clock_text, day_text
from workorders.models import WorkOrder
from workorders.models.letters import letters_of

# two bookings closer together than this, at two sites, are too close for one technician
VISIT = dt.timedelta(hours=2)


class Crew(NamedTuple):
    """A partner's technicians who can be booked for a day, those certified on it first."""

    certified: list[User]
    others: list[User]

    def find(self, key: str, name: str = "") -> User | None:
        """A technician by id, else by a name that only one of them has."""
        everyone = [*self.certified, *self.others]
        if key:
            return next((user for user in everyone if str(user.pk) == key), None)
        named = [user for user in everyone if user.name.casefold() == name.strip().casefold()]
        return named[0] if len(named) == 1 else None


def crew_of(partner: Partner, day: dt.date) -> Crew:
    active = by_name(User.objects.technicians(partner).filter(is_active=True))
    certified = [user for user in active if is_certified(user, day)]
    return Crew(certified, [user for user in active if user not in certified])


def by_name(people: Iterable[User]) -> list[User]:
    """In the order of their letters, as the list of work orders has names."""
    return sorted(people, key=lambda person: (letters_of(person.name) or "", person.pk))


def certified_until(technician: User) -> dt.date | None:
    """The last day of certification, for a row of `User.objects.technicians()`."""
    until: dt.date | None = getattr(technician, "certified_until", None)
    return until


def is_certified(technician: User, day: dt.date) -> bool:
    """Whether the technician is certified on this day; the last day counts."""
    until = certified_until(technician)
    return until is not None and until >= day


def with_bookings(technicians: QuerySet[User]) -> QuerySet[User]:
    """Add `booked`, the number of each technician's open work orders.

    Erased people are listed only while they have some.
    """
    current = Q(appointments__stands_for__counts_as_open=True)
    rows = technicians.annotate(booked=Count("appointments", filter=current, distinct=True))
    return rows.exclude(email__endswith=f"@{NOWHERE}", booked=0)


def left_behind(technicians: Iterable[User]) -> dict[int, list[WorkOrder]]:
    """Open work for which these technicians are booked, by technician, the next one first."""
    found: dict[int, list[WorkOrder]] = {}
    rows = WorkOrder.objects.filter(counts_as_open=True, appointment__technician__in=technicians)
    for row in rows.select_related("appointment", "site").order_by(
        "appointment__at", "number_by_value"
    ):
        if row.appointment and row.appointment.technician_id:
            found.setdefault(row.appointment.technician_id, []).append(row)
    return found


def booked_on(technician: User | Given) -> QuerySet[WorkOrder]:
    """Open work for which this technician is booked, the next one first."""
    rows = WorkOrder.objects.filter(counts_as_open=True, appointment__technician=technician)
    return rows.with_facts().order_by("appointment__at", "number_by_value")


def remarks(
    work_order: WorkOrder, technician: User | None, name: str, at: dt.datetime | None
) -> Iterator[str]:
    """What the person who books should know about the technician; none of it forbids booking."""
    if technician is None:
        if name:
            yield (
                f"{name} is not one of your technicians, and will not see this work order in the"
                " portal."
            )
        return
    if not technician.is_active:
        yield f"{technician.name} has been offboarded. Choose another technician."
        return
    day = at.astimezone(work_order.site.zone).date() if at else work_order.site_today()
    if not is_certified(technician, day):
        until = certified_until(technician)
        after = f" after {day_text(until)}" if until else ""
        yield f"{technician.name} is not certified{after}."
    for other in at_the_same_time(work_order, technician, at) if at else ():
        booked = other.appointment
        local = clock_text(booked.at.astimezone(other.site.zone)) if booked else ""
        yield (
            f"{technician.name} is already booked at {other.site.name} around that time:"
            f" {other.number}, {local}."
        )


def at_the_same_time(work_order: WorkOrder, technician: User, at: dt.datetime) -> list[WorkOrder]:
    """Work at other sites for which this technician is booked within two hours of `at`."""
    return _at_the_same_time().rows(
        technician=technician.pk, after=at - VISIT, before=at + VISIT, site=work_order.site_id
    )


@functools.cache
def _at_the_same_time() -> Prepared[WorkOrder]:
    technician, site = Given("technician", BigIntegerField()), Given("site", BigIntegerField())
    after, before = Given("after", DateTimeField()), Given("before", DateTimeField())
    close = booked_on(technician).filter(appointment__at__gt=after, appointment__at__lt=before)
    return Prepared(WorkOrder, lambda: close.exclude(site=site)[:3])
