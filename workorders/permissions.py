"""Who may do what, and when: three questions that RULES in states.py answers."""

import datetime as dt
from typing import Any

from django.utils import timezone

from portal.people.models import User
from portal.people.roles import DISPATCHING, Right, Role
from workorders.models import File, LedgerEntry, WorkOrder
from workorders.models.ledger import Event
from workorders.states import RULES, Status, Verb

TAKE_BACK_WITHIN = dt.timedelta(minutes=15)
OTHERWISE = "Say in Collaborate what is missing, and staff can send it back."
LATEST = 20  # ledger entries; more within 15 minutes of Completed are staff's
NEED_ACCEPTANCE = frozenset(
    {
        Verb.BOOK,
        Verb.TAKE_BACK_APPOINTMENT,
        Verb.PARTS_RECEIVED,
        Verb.PARTS_SENT_BACK,
        Verb.ENTER_SHIPMENT,
    }
)


def is_theirs(user: User, work_order: WorkOrder) -> bool:
    """Whether this person may see the row: `WorkOrder.objects.visible_to(user)` for one row.

    Staff who may read see every row, a partner its own, technicians those that they are booked for.
    """
    if user.is_staff or user.partner_id != work_order.partner_id:
        return user.may(Right.READ)
    appointment = work_order.appointment
    return user.role != Role.TECHNICIAN or (
        appointment is not None and appointment.technician_id == user.pk
    )


def linked(user: User, work_order: WorkOrder) -> list[tuple[str, WorkOrder]]:
    """The work orders before and after this one in a follow-on, as far as the user may see them."""
    others = (
        ("Follow-on of", work_order.follows),
        ("Followed by", getattr(work_order, "followed_by", None)),
    )
    return [(words, other) for words, other in others if other and is_theirs(user, other)]


def role_may(user: User | Any, verb: Verb, work_order: WorkOrder | None = None) -> bool:
    """Whether the person's role permits the verb at all, or for the work order that is given.

    Staff need the right that it asks for, on either side of the portal.
    """
    rule = RULES[verb]
    if user.is_staff and not user.may(rule.right):
        return False
    if verb == Verb.TAKE_BACK and work_order and work_order.status == Status.COMPLETED:
        completed = since_completed(work_order)
        if not completed or completed[-1].actor_id != user.pk:
            return False
    has_begun = work_order is not None and work_order.visited_on is not None
    return bool(
        user.is_active and (user.role in rule.who or (has_begun and user.role in rule.once_begun))
    )


def blocked_reason(work_order: WorkOrder, verb: Verb, user: User | Any = None) -> str:
    """Why the verb cannot be done now, as a sentence; empty when it can.

    Without a user, for the system or staff.
    """
    rule = RULES[verb]
    beyond = rule.staff_too if user is None or user.is_staff else frozenset()
    if work_order.status not in rule.sources | beyond:
        status = Status(work_order.status)
        return f"“{verb.label}” is not possible while the work order is {status.label}."
    if verb == Verb.TAKE_BACK:
        return _too_late_to_take_back(work_order)
    if verb in NEED_ACCEPTANCE and work_order.accepted_on is None:
        return "The work order has not been accepted yet."
    if verb == Verb.TAKE_BACK_APPOINTMENT and work_order.appointment_id is None:
        return "No appointment is booked."
    if verb == Verb.SET_TARGET and work_order.cycle == 1:
        return (
            "The entitlement sets the target of the first cycle."
            " You can set a target once the work has been sent back."
        )
    if verb == Verb.REASSIGN and work_order.accepted_on:
        return "It has been accepted: cancel it, or issue a follow-on work order."
    if verb == Verb.REASSIGN and (other := goes_on_as(work_order)):
        return f"{other} is its follow-on: cancel that one first."
    if verb == Verb.ISSUE_FOLLOW_ON and getattr(work_order, "followed_by", None):
        return f"It already has a follow-on, {work_order.followed_by}."
    if verb == Verb.ADD_SECOND_POC and work_order.second_poc_name:
        return "There is already a second POC."
    return ""


def since_completed(work_order: WorkOrder) -> list[LedgerEntry]:
    """The latest ledger entries down to Completed, the last of them; none if it is long ago."""
    latest = list(work_order.ledger.select_related("actor").order_by("-pk")[:LATEST])
    events = [entry.event for entry in latest]
    return latest[: events.index(Event.COMPLETED) + 1] if Event.COMPLETED in events else []


def _too_late_to_take_back(work_order: WorkOrder) -> str:
    entries = since_completed(work_order)
    if not entries or timezone.now() - entries[-1].at > TAKE_BACK_WITHIN:
        return f"Completed can be taken back within 15 minutes. {OTHERWISE}"
    if any(entry.actor and entry.actor.is_staff for entry in entries):
        return f"Staff have acted on it since. {OTHERWISE}"
    return ""


def goes_on_as(work_order: WorkOrder) -> WorkOrder | None:
    """The follow-on that now does this work, unless it is canceled.

    It keeps the work from being done twice.
    """
    other: WorkOrder | None = getattr(work_order, "followed_by", None)
    return other if other and other.status != Status.CANCELED else None


def can_now(user: User | Any, verb: Verb, work_order: WorkOrder) -> bool:
    """Whether this person can do it now, which is when the button is shown."""
    return role_may(user, verb, work_order) and not blocked_reason(work_order, verb, user)


def may_edit_file(user: User | Any, file: File) -> bool:
    """Whether this person may change or remove the file.

    Technicians may edit their own files, dispatchers those of the partner's people, staff all,
    with the right for it.
    """
    if user.role in DISPATCHING:
        return not file.uploaded_by.is_staff
    return bool(user.may(Right.ACT) or file.uploaded_by_id == user.pk)
