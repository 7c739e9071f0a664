"""Who may do what, and when: RULES of states.py asked in three ways."""

from typing import Any

from portal.people.models import User
from workorders.models import WorkOrder
from workorders.states import RULES, Status, Verb


def may(user: User | Any, verb: Verb) -> bool:
    """Whether a person in this role ever may."""
    return bool(user.is_active and user.role in RULES[verb].who)


def obstacle(work_order: WorkOrder, verb: Verb) -> str:
    """Why the verb cannot be done now, as a sentence; empty when it can."""
    if work_order.status not in RULES[verb].sources:
        return f"{verb.label} is not possible while the work order is {Status(work_order.status).label}."
    if verb in (Verb.BOOK, Verb.RECEIVE_PARTS, Verb.SHIP) and work_order.accepted_on is None:
        return "The work order has not been accepted yet."
    if verb == Verb.SET_TARGET and work_order.cycle == 1:
        return "The target of the first cycle follows from the entitlement; one is set after the work was sent back."
    if verb == Verb.REASSIGN and work_order.accepted_on:
        return "It was accepted: cancel it, or issue a follow-on work order."
    if verb == Verb.FOLLOW_ON and getattr(work_order, "followed_by", None):
        return f"{work_order.followed_by} follows it already."
    if verb == Verb.ADD_POC and work_order.second_poc_name:
        return "There is a second POC already."
    return ""


def can(user: User | Any, verb: Verb, work_order: WorkOrder) -> bool:
    """Whether this person can do it now: what shows a button."""
    return may(user, verb) and not obstacle(work_order, verb)
