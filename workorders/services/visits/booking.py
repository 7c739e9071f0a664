"""Booking. Only the server decides what misses the Target SLA (docs/rules.md, "Booking")."""

import datetime as dt
from typing import NamedTuple

from portal.people.models import User
from portal.people.roles import Role
from workorders.fieldwork.technicians import at_the_same_time
from workorders.models import Appointment, MissedSLAReason, WorkOrder
from workorders.models.ledger import Event
from workorders.services.errors import (
    Clash,
    DomainError,
    InThePast,
    PartsNotThere,
    ReasonMissing,
    ReasonNeeded,
    Stale,
)
from workorders.services.locking import HARMLESS
from workorders.services.unit_of_work import UnitOfWork, unit_of_work
from workorders.services.visits.delays import Delay, days_late, record_reason
from workorders.services.visits.site_dates import site_date
from workorders.states import DelayOf, DelayReason, Verb
from workorders.targets.computing import parts_awaited_on
from workorders.targets.judging import judgement_of_booking, needs_reason

AHEAD = dt.timedelta(days=365)
# may happen between question and answer, so that the question is asked again
NOT_OF_A_BOOKING = HARMLESS | {
    Event.TARGET_MOVED,
    Event.STATUS_FOLLOWED,
    Event.EDD_FOLLOWED,
    Event.SHIPMENT_ADDED,
    Event.SHIPMENT_UPDATED,
    Event.PARTS_ORDERED,
    Event.PARTS_RECEIVED,
    Event.PARTS_REPORTED,
    Event.REPORT_SETTLED,
    Event.PARTS_SENT_BACK,
}


class Booking(NamedTuple):
    """What a partner enters, with their answers to questions about it."""

    at: dt.datetime  # aware, in the site's zone or any other
    technician_name: str
    contact_phone: str = ""
    contact_email: str = ""
    reason: DelayReason | None = None
    note: str = ""
    confirmed_target: dt.date | None = None  # the target that they confirmed missing
    confirmed_parts: dt.date | None = None  # the arrival of parts that they confirmed preceding
    confirmed_past: dt.date | None = None  # the day of a past visit that they confirmed
    confirmed_clash: dt.date | None = None  # the day of two visits at once that they confirmed
    technician: User | None = None  # one of the partner's; None where only a name was entered


def book_appointment(
    work_order: WorkOrder, booking: Booking, *, by: User, version: int | None = None
) -> WorkOrder:
    """Book an appointment, or change the booking. The same booking twice is one.

    Raises ReasonNeeded when it misses the target and the user has not confirmed this for the
    current target, ReasonMissing when they confirmed it without a reason, PartsNotThere likewise
    when it is before the parts, InThePast when its time is over and Clash when the technician is
    elsewhere then, DomainError for an impossible
    date, and what `unit_of_work` raises.
    """
    try:
        return _book(work_order, booking, by=by, version=version)
    except Stale as stale:
        if _stands_already(stale.work_order, booking, by):
            return stale.work_order
        if _is_overtaken(stale, booking):
            return _book(stale.work_order, booking, by=by, version=stale.work_order.version)
        raise


def _book(work_order: WorkOrder, booking: Booking, *, by: User, version: int | None) -> WorkOrder:
    with unit_of_work(work_order, Verb.BOOK, by=by, version=version) as work:
        on = site_date(work, booking.at, "appointment_at")
        _check_year(work, booking.at)
        _check_technician(work, booking.technician)
        if not _is_new(work.work_order, booking):
            return work.work_order
        _check_past(work, booking, on)
        judged_by, missed_sla = _judgement(work, booking, on)
        _check_parts(work, booking, on)
        _check_clash(work, booking, on)
        appointment = Appointment(
            work_order=work.work_order,
            cycle=work.work_order.cycle,
            at=booking.at,
            on=on,
            technician=booking.technician,
            technician_name=booking.technician_name,
            contact_phone=booking.contact_phone,
            contact_email=booking.contact_email,
            judged_by=judged_by,
            missed_sla=missed_sla,
            entered_afterwards=booking.at < work.now,
            is_return=work.work_order.visited_on is not None and judged_by is None,
            booked_by=by,
            booked_at=work.now,
            booked_on=work.today,
        )
        work.add(appointment)
        work.set(appointment=appointment)
        work.log(Event.APPOINTMENT_BOOKED, appointment=appointment)
        work.follow_visits()
    return work.work_order


def _check_year(work: UnitOfWork, at: dt.datetime) -> None:
    if at > work.now + AHEAD:
        raise DomainError("This is more than a year ahead. Check the year.", "appointment_at")


def _check_past(work: UnitOfWork, booking: Booking, on: dt.date) -> None:
    """Ask about a time that is over: a visit made is entered afterwards, a slip is not.

    Changing only technician or contact asks nothing.
    """
    current = work.work_order.appointment
    if booking.at >= work.now or (current and current.at == booking.at):
        return
    if booking.confirmed_past != on:
        raise InThePast(work.work_order, booking.at, on)


def _check_technician(work: UnitOfWork, technician: User | None) -> None:
    if technician is None:
        return
    if technician.partner_id != work.work_order.partner_id or technician.role != Role.TECHNICIAN:
        raise DomainError("Choose one of your technicians, or enter a name.", "technician")
    if not technician.is_active:
        raise DomainError(
            f"{technician.name} has been offboarded. Choose another technician.", "technician"
        )


def _is_new(work_order: WorkOrder, booking: Booking) -> bool:
    """Whether anything differs from the current appointment, or it still needs its reason."""
    current = work_order.appointment
    if current is None or needs_reason(work_order):
        return True
    technician = booking.technician.pk if booking.technician else None
    return (
        booking.at != current.at
        or technician != current.technician_id
        or booking.technician_name != current.technician_name
        or booking.contact_phone != current.contact_phone
        or booking.contact_email != current.contact_email
    )


def _judgement(
    work: UnitOfWork, booking: Booking, on: dt.date
) -> tuple[dt.date | None, MissedSLAReason | None]:
    """The target that judges the appointment, and the reason if it is late.

    Once the first visit has begun it has decided, and nothing more is asked (docs/rules.md, rules 6
    and 7).
    """
    row, current = work.work_order, work.work_order.appointment
    same_day = current is not None and current.on == on
    judgement = judgement_of_booking(row, on)
    is_late_no_more = current and current.missed_sla and not judgement.is_late
    if current and same_day and current.judged_by and not is_late_no_more:
        # changing only hour, technician or contact asks nothing
        return current.judged_by, current.missed_sla
    if row.visited_on and not (same_day and needs_reason(row)):
        return None, None
    if not judgement.is_late:
        return judgement.judged_by, None
    reason = _reason_given_before(work, on) or _reason_given_now(work, booking, on)
    return row.current_target_on, reason


def _reason_given_before(work: UnitOfWork, on: dt.date) -> MissedSLAReason | None:
    """The reason that was given for this very day, where the appointment was in time in between
    (docs/rules.md, rule 7).
    """
    row, current = work.work_order, work.work_order.appointment
    if current is None or judgement_of_booking(row, current.on).is_late:
        return None
    kept = [each for each in work.appointments if each.taken_back_at is None]
    given = [each.missed_sla for each in kept if each.cycle == row.cycle and each.on == on]
    return next(filter(None, given), None)


def _reason_given_now(work: UnitOfWork, booking: Booking, on: dt.date) -> MissedSLAReason:
    row = work.work_order
    if booking.confirmed_target != row.current_target_on:
        late_by = days_late(row, on, "appointment_at")
        raise ReasonNeeded(row, on, late_by, booking.confirmed_target)
    if booking.reason is None:
        raise ReasonMissing
    delay = Delay(booking.reason, booking.note, booking.confirmed_target)
    return record_reason(work, delay, DelayOf.APPOINTMENT, at=booking.at, on=on)


def _check_parts(work: UnitOfWork, booking: Booking, on: dt.date) -> None:
    """Ask about a visit before the parts, which would be a wasted trip.

    Changing only hour, technician or contact asks nothing.
    """
    current = work.work_order.appointment
    if (current and current.on == on) or booking.at < work.now:
        return
    arrive_on = parts_awaited_on(work.work_order, work.shipments, work.today)
    if arrive_on and on < arrive_on and booking.confirmed_parts != arrive_on:
        raise PartsNotThere(work.work_order, on, arrive_on, booking.confirmed_parts)


def _check_clash(work: UnitOfWork, booking: Booking, on: dt.date) -> None:
    """Ask about a technician who is at another site around that time.

    Changing only the contact asks nothing, nor does a visit that was already made.
    """
    technician, current = booking.technician, work.work_order.appointment
    if technician is None or booking.at < work.now or booking.confirmed_clash == on:
        return
    if current and current.at == booking.at and current.technician_id == technician.pk:
        return
    for other in at_the_same_time(work.work_order, technician, booking.at)[:1]:
        raise Clash(work.work_order, booking.at, on, other)


def reason_to_repeat(work_order: WorkOrder) -> str:
    """The last reason that this partner gave in this cycle for this work order, unless its
    appointment was taken back (docs/rules.md, rule 7). Nothing else is chosen for anyone.
    """
    given = work_order.missed_sla_reasons.filter(
        cycle=work_order.cycle, given_by__partner=work_order.partner_id
    ).exclude(appointments__taken_back_at__isnull=False)
    last = given.order_by("pk").last()
    return last.reason if last else ""


def _stands_already(work_order: WorkOrder, booking: Booking, by: User) -> bool:
    """Whether this person has made the same booking already, by a double click."""
    current = work_order.appointment
    if current is None or current.booked_by_id != by.pk:
        return False
    return not _is_new(work_order, booking)


def _is_overtaken(stale: Stale, booking: Booking) -> bool:
    """Whether only the day in question has moved since, so that the question can be asked again."""
    work_order = stale.work_order
    if not stale.news or any(entry.event not in NOT_OF_A_BOOKING for entry in stale.news):
        return False
    if booking.confirmed_target and booking.confirmed_target != work_order.current_target_on:
        return True
    arrival = parts_awaited_on(work_order, work_order.shipments.all(), work_order.site_today())
    return booking.confirmed_parts is not None and booking.confirmed_parts != arrival
