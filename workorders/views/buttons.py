"""The buttons on a work order's pages: what can be done now, the next thing first."""

from typing import Any, NamedTuple

from django.db.models import prefetch_related_objects
from django.utils import timezone

from portal.people.requests import Request
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
    icon: str = ""  # in the technician's reach


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


REACH = [
    Action(Verb.REPORT_PARTS, "report-parts", "Report damaged", False, icon="package-x"),
    Action(
        Verb.REQUEST_ASSISTANCE,
        "request-assistance",
        "Request for Assistance",
        False,
        icon="life-buoy",
    ),
]
SEND_BACK = Action(Verb.PARTS_SENT_BACK, "parts-sent-back", "Parts sent back", True)
WHAT_IS_MISSING = Action(Verb.COMPLETE, "complete", "What is missing", True)


class Bar(NamedTuple):
    """The one thing to do now, and the rest: beside it on a desk, under More on a phone.

    `phone` is the POC's. `reach` are the technician's ways to help.
    """

    main: Action | None
    more: list[Action]
    phone: str
    reach: list[Action]

    @property
    def of_forms(self) -> str:
        """The look of a form's own button: filled only where nothing else on the page is."""
        return "btn-plain" if self.main else "btn-accent"

    @property
    def is_empty(self) -> bool:
        return not (self.main or self.more)


def buttons(request: Request, work_order: WorkOrder) -> dict[str, Any]:
    """Choose the buttons, which depend on what is still missing before Completed."""
    prefetch_related_objects([work_order], "shipments")
    in_hand = at_work(work_order, timezone.now())
    actions = _actions(request, work_order, in_hand)
    if request.user.is_technician:
        return {"at_work": in_hand, "bar": _at_the_site(request, actions, in_hand, work_order)}
    main = next((action for action in actions[:1] if action.is_main), None)
    more = [action for action in actions if action != main]
    return {"at_work": in_hand, "bar": Bar(main, more, work_order.poc_phone, [])}


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


def _at_the_site(
    request: Request, actions: list[Action], in_hand: AtWork | None, work_order: WorkOrder
) -> Bar:
    """Offer Start work, then the end of the visit, then what is left to do: never Completed while
    something is missing.
    """
    main = _next_at_the_site(actions, in_hand, work_order)
    in_vain = in_hand is not None and in_hand.blockers
    more = [action for action in actions if not (in_vain and action.verb == Verb.COMPLETE)]
    possible = [action for action in REACH if can_now(request.user, action.verb, work_order)]
    if not any(each.was_sent_out for each in work_order.shipments.all()):
        possible = [action for action in possible if action.verb != Verb.REPORT_PARTS]
    at_hand = possible if in_hand and in_hand.visit else possible[-1:]
    more += [action for action in possible if action.verb == Verb.REPORT_PARTS]
    shown = {main, *at_hand, *(action._replace(icon="") for action in at_hand)}
    more = [action for action in more if action not in shown]
    return Bar(main, more, work_order.poc_phone, at_hand)


def _next_at_the_site(
    actions: list[Action], in_hand: AtWork | None, work_order: WorkOrder
) -> Action | None:
    by_verb = {action.verb: action for action in actions}
    visits = work_order.visits.all() if in_hand else ()
    is_done = any(visit.outcome == VisitOutcome.DONE for visit in visits)
    if in_hand is None or not (in_hand.visit or is_done):
        return by_verb.get(Verb.START_VISIT) or by_verb.get(Verb.END_VISIT)
    if not in_hand.blockers:
        return by_verb.get(Verb.COMPLETE)
    if in_hand.visit:
        return by_verb.get(Verb.END_VISIT)
    if all(blocker.is_return for blocker in in_hand.blockers):
        return SEND_BACK
    return WHAT_IS_MISSING
