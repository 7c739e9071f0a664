"""Attempts to reach the POC, and a second POC when the first cannot be reached."""

from typing import NamedTuple

from django.utils import timezone

from portal.people.models import User
from workorders.models import ContactAttempt, WorkOrder
from workorders.models.ledger import Event
from workorders.services.errors import DomainError, InvalidState
from workorders.services.unit_of_work import unit_of_work
from workorders.states import Channel, Verb
from workorders.targets.due import due_of

IN_VAIN = 3  # failed attempts after which another POC is offered


class POC(NamedTuple):
    name: str
    phone: str = ""
    email: str = ""


def log_contact(
    work_order: WorkOrder, *, channel: Channel, reached: bool, note: str = "", by: User
) -> ContactAttempt:
    """Log a call, mail or text to the POC, made now."""
    with unit_of_work(work_order, Verb.LOG_CONTACT, by=by) as work:
        attempt = ContactAttempt.objects.create(
            work_order=work.work_order,
            channel=channel,
            reached=reached,
            note=note.strip(),
            by=by,
            at=work.now,
        )
        work.log(Event.CONTACT_TRIED, note=f"{attempt}. {attempt.note}".rstrip(". "))
    return attempt


def add_second_poc(
    work_order: WorkOrder, poc: POC, *, by: User, version: int | None = None
) -> WorkOrder:
    """Add a second contact to the first. Raises InvalidState when there are already two."""
    with unit_of_work(work_order, Verb.ADD_SECOND_POC, by=by, version=version) as work:
        if work.work_order.second_poc_name:
            raise InvalidState("There is already a second POC. Correct that one instead.")
        if not poc.name.strip() or not (poc.phone or poc.email):
            raise DomainError("Enter a name, and a phone number or an e-mail address.", "name")
        work.set(second_poc_name=poc.name, second_poc_phone=poc.phone, second_poc_email=poc.email)
        work.set(second_poc_is_partners=not by.is_staff)
        work.log(Event.POC_ADDED)
        work.refresh_search_text()
    return work.work_order


def wants_another_poc(work_order: WorkOrder, attempts: list[ContactAttempt]) -> bool:
    """Whether to offer "ask for another POC" for work without an appointment.

    That is after three failed attempts in a row, or when at most one business day is left and the
    POC has not been reached.
    """
    if work_order.appointment_id or work_order.visited_on:
        return False
    if work_order.second_poc_name or not work_order.accepted_on:
        return False
    latest = attempts[:IN_VAIN]
    if not work_order.is_open or any(attempt.reached for attempt in latest):
        return False
    due = due_of(work_order, timezone.now())
    runs_out = (due.is_near or due.is_late) and (bool(latest) or not due.overdue_since)
    return len(latest) == IN_VAIN or runs_out
