"""Reasons for delay: asked for, and recorded with the dates as they are then."""

import datetime as dt
from typing import NamedTuple

from sla import CalendarError
from workorders.models import MissedSLAReason, WorkOrder
from workorders.models.ledger import Event
from workorders.services.errors import DomainError, ReasonNeeded
from workorders.services.unit_of_work import UnitOfWork
from workorders.states import DelayOf, DelayReason
from workorders.targets.due import business_days_late


class Delay(NamedTuple):
    """Why a day misses the target; `confirmed_target` is the one that the user was asked about."""

    reason: DelayReason | None = None
    note: str = ""
    confirmed_target: dt.date | None = None


NOT_SAID = Delay()
FIELDS = {DelayOf.APPOINTMENT: "appointment_at", DelayOf.BEGINNING: "began_at"}


def days_late(work_order: WorkOrder, on: dt.date, field: str | None = None) -> int:
    """Raises DomainError, at the field, for a day outside the calendar."""
    try:
        return business_days_late(work_order, on)
    except CalendarError as error:
        sentence = f"The business calendar does not cover this date: {error}."
        raise DomainError(sentence, field) from error


def record_reason(
    work: UnitOfWork, delay: Delay, of: DelayOf, *, at: dt.datetime, on: dt.date
) -> MissedSLAReason:
    """Record why the day `on` is late. Raises ReasonNeeded where no reason is given."""
    row = work.work_order
    late_by, target_on = days_late(row, on, FIELDS.get(of)), row.judging_target_on
    if target_on is None or delay.reason is None or work.by is None:
        raise ReasonNeeded(row, on, late_by, delay.confirmed_target)
    missed_sla = MissedSLAReason.objects.create(
        work_order=row,
        cycle=row.cycle,
        reason=delay.reason,
        note=delay.note,
        of=of,
        target_on=target_on,
        appointment_at=at,
        appointment_on=on,
        business_days_late=late_by,
        given_by=work.by,
        given_at=work.now,
    )
    work.log(Event.REASON_GIVEN, changes={"reason": ["", missed_sla.reason]})
    return missed_sla


def reason_of_day(work: UnitOfWork, on: dt.date) -> MissedSLAReason | None:
    """The reason that this partner gave in this cycle for this very day, which counts again
    (docs/rules.md, rule 7), but not that of an appointment that was taken back.
    """
    row = work.work_order
    given = row.missed_sla_reasons.filter(
        cycle=row.cycle, appointment_on=on, given_by__partner=row.partner_id
    )
    return given.exclude(appointments__taken_back_at__isnull=False).order_by("pk").last()
