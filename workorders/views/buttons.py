"""The buttons on a work order's pages: what can be done now, the next thing first."""

from typing import Any, NamedTuple

from django.db.models import prefetch_related_objects
from django.utils import timezone

from portal.people.requests import Request
from portal.people.roles import Role
from workorders.models import WorkOrder
from workorders.permissions import can_now
from workorders.states import Verb, VisitOutcome
from workorders.views.at_work import AtWork, at_work


class Action(NamedTuple):
    verb: Verb
    name: str  # of the URL
    label: str
    is_main: bool  # filled, when it is the first that is possible
    at_once: bool = False  # nothing is left to ask


ACTIONS = [
    Action(Verb.ACCEPT, "accept", "Accept", True),
    Action(Verb.PARTS_RECEIVED, "parts-received", "Parts received", True),
    Action(Verb.START_VISIT, "start-visit", "Start work", True, at_once=True),
    Action(Verb.END_VISIT, "end-visit", "End the visit", True),
    Action(Verb.COMPLETE, "complete", "Completed", True, at_once=True),
    Action(Verb.TAKE_BACK, "take-back-completed", "Take Completed back", False),
    Action(Verb.COULD_NOT_COMPLETE, "could-not-complete", "Could Not Complete", False),
    Action(Verb.REQUEST_ASSISTANCE, "request-assistance", "Request for Assistance", False),
]


class Bar(NamedTuple):
    """The one thing to do now; everything else is under More."""

    main: Action | None
    more: list[Action]


def buttons(request: Request, work_order: WorkOrder) -> dict[str, Any]:
    """Choose the buttons, which depend on what is still missing before Completed."""
    prefetch_related_objects([work_order], "shipments")
    in_hand = at_work(work_order, timezone.now())
    actions = _actions(request, work_order, in_hand)
    is_technician = request.user.role == Role.TECHNICIAN
    footbar = _bar(actions, in_hand, work_order) if is_technician else None
    return {"at_work": in_hand, "actions": actions, "footbar": footbar}


def _actions(request: Request, work_order: WorkOrder, in_hand: AtWork | None) -> list[Action]:
    outbound = [each for each in work_order.shipments.all() if not each.is_return]
    some_under_way = not all(each.is_delivered for each in outbound)
    possible = [action for action in ACTIONS if can_now(request.user, action.verb, work_order)]
    if in_hand is None:
        possible = [action for action in possible if action.verb != Verb.END_VISIT]
    if not some_under_way:
        possible = [action for action in possible if action.verb != Verb.PARTS_RECEIVED]
    if not work_order.parts_required:
        possible = [
            action._replace(at_once=True) if action.verb == Verb.ACCEPT else action
            for action in possible
        ]
    return _of_work(possible, in_hand) if in_hand else possible


def _of_work(possible: list[Action], in_hand: AtWork) -> list[Action]:
    """Offer the start or the end of a visit, never both.

    Once nothing is missing, Completed comes first; until then it leads to what is missing.
    """
    absent = Verb.START_VISIT if in_hand.visit else Verb.END_VISIT
    possible = [action for action in possible if action.verb != absent]
    if in_hand.blockers:
        return [
            action._replace(at_once=False) if action.verb == Verb.COMPLETE else action
            for action in possible
        ]
    return sorted(possible, key=lambda action: action.verb != Verb.COMPLETE)


def _bar(actions: list[Action], in_hand: AtWork | None, work_order: WorkOrder) -> Bar:
    """Offer Start work first; once work has begun, Completed, until another visit is needed."""
    visits = work_order.visits.all() if in_hand else ()
    begun = in_hand is not None and (
        in_hand.visit or any(visit.outcome == VisitOutcome.DONE for visit in visits)
    )
    wanted = Verb.COMPLETE if begun else Verb.START_VISIT
    main = next((action for action in actions if action.verb == wanted), None)
    more = [action for action in actions if action != main and action.verb != Verb.COMPLETE]
    return Bar(main, more)
