"""Appointments in a story, with the reason for those that miss the target."""

import datetime as dt

from workorders.models import Appointment, MissedSLAReason
from workorders.models.ledger import Event, LedgerChanges
from workorders.services.seeding.story import Story, StoryUnitOfWork
from workorders.services.seeding.texts import TECHNICIANS
from workorders.states import DelayReason
from workorders.targets.due import business_days_late


def book(
    story: Story, on: dt.date, day: dt.date, reason: DelayReason | None = None, note: str = ""
) -> None:
    """Book a visit on `day`; one after the target needs a reason."""
    hour, minute = 8 + story.random.randrange(8), story.random.choice((0, 30))
    technician, phone = story.random.choice(TECHNICIANS)
    appointment = Appointment(
        work_order=story.work_order,
        at=dt.datetime.combine(day, dt.time(hour, minute), story.zone),
        on=day,
        technician=story.cast.technicians.get(technician),
        technician_name=technician,
        contact_phone=phone,
        booked_by=story.cast.dispatcher,
        booked_on=on,
    )
    with story.step(on, story.cast.dispatcher) as work:
        target = story.work_order.target_on
        appointment.judged_by, appointment.booked_at = target, work.now
        if target and day > target and reason:
            missed = _missed_sla(story, appointment, target, reason, note)
            appointment.missed_sla = missed
            story.reasons.append(missed)
            work.log(Event.REASON_GIVEN, changes={"reason": ["", reason]})
        story.appointments.append(appointment)
        _set_appointment(story, work, appointment)


def _missed_sla(
    story: Story, appointment: Appointment, target: dt.date, reason: DelayReason, note: str
) -> MissedSLAReason:
    return MissedSLAReason(
        work_order=story.work_order,
        reason=reason,
        note=note,
        target_on=target,
        appointment_at=appointment.at,
        appointment_on=appointment.on,
        business_days_late=business_days_late(story.work_order, appointment.on),
        given_by=story.cast.dispatcher,
        given_at=appointment.booked_at,
    )


def _set_appointment(story: Story, work: StoryUnitOfWork, appointment: Appointment) -> None:
    """Log the booking with the rows themselves; they get their keys when the story is stored."""
    old, story.work_order.appointment = story.work_order.appointment, appointment
    changes: LedgerChanges = {"appointment": [old, appointment]}
    work.log(Event.APPOINTMENT_BOOKED, appointment=appointment, changes=changes)
    work.follow_visits()
