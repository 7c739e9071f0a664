"""What every page of a work order shows around its own part: path, facts, actions, tabs."""

from typing import Any, NamedTuple

from django.db.models import Count
from django.http import Http404
from django.utils import timezone

from portal.people.requests import Request
from portal.people.roles import Role
from workorders.history.visibility import (
    comment_count,
    has_unread,
    note_of_status,
    request_count,
    requests_for,
)
from workorders.models import Shipment, WorkOrder
from workorders.permissions import can_now, linked
from workorders.services import needs_reason
from workorders.states import PATH, Status, Verb, VisitOutcome
from workorders.targets.computing import start_of
from workorders.targets.due import due_of
from workorders.views.at_work import AtWork, at_work

TABS = [
    ("work-order", "Details", None),
    ("related", "Related", None),
    ("rma-fso", "Related RMA / FSO", "shipment_count"),
    ("collaborate", "Collaborate", "comment_count"),
    ("history", "History", None),
]


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
    Action(Verb.COULD_NOT_COMPLETE, "could-not-complete", "Could Not Complete", False),
    Action(Verb.REQUEST_ASSISTANCE, "request-assistance", "Request for Assistance", False),
]


class Bar(NamedTuple):
    """The one thing to do now, and the rest under More."""

    main: Action | None
    more: list[Action]


class EstimatedDelivery(NamedTuple):
    """The shipment whose Estimated Delivery Date the page shows; else the one that has none yet."""

    shipment: Shipment | None
    undated: Shipment | None


def fetch(request: Request, number: str) -> WorkOrder:
    """The work order, if this person may see it; else there is none."""
    rows = (
        WorkOrder.objects.visible_to(request.user)
        .with_facts()
        .select_related(
            "appointment__missed_sla", "appointment__technician", "follows", "followed_by"
        )
        .annotate(
            comment_count=comment_count(request.user),
            request_count=request_count(),
            has_unread=has_unread(request.user),
            shipment_count=Count("shipments", distinct=True),
        )
    )
    work_order = rows.filter(number=number).first()
    if work_order is None:
        raise Http404
    return work_order


def page_context(request: Request, work_order: WorkOrder, **more: Any) -> dict[str, Any]:
    """The context of a work order's page; `more` is the page's own part."""
    now = timezone.now()
    shipments = more.pop("shipments", None) or list(work_order.shipments.all())
    today = work_order.site_today(now)
    in_hand = at_work(work_order, now)
    actions = _actions(request, work_order, shipments, in_hand)
    return {
        "work_order": work_order,
        "zone": work_order.site.zone,
        "today": today,
        "due": due_of(work_order, now),
        "edd": _edd(work_order, shipments),
        "shipments": shipments,
        "needs_reason": work_order.is_open and needs_reason(work_order),
        "path": _path(work_order),
        "at_work": in_hand,
        "actions": actions,
        "footbar": _bar(actions, in_hand, work_order)
        if request.user.role == Role.TECHNICIAN
        else None,
        "may_book": can_now(request.user, Verb.BOOK, work_order),
        "may_change_ship_to": can_now(request.user, Verb.CHANGE_SHIP_TO, work_order),
        "may_log_contact": can_now(request.user, Verb.LOG_CONTACT, work_order),
        "may_add_poc": can_now(request.user, Verb.ADD_SECOND_POC, work_order),
        "hold": work_order.holds.filter(last=None).first()
        if work_order.status == Status.ON_HOLD
        else None,
        "status_note": note_of_status(request.user, work_order),
        "requests": requests_for(request.user, work_order)
        if getattr(work_order, "request_count", 0)
        else [],
        "linked": linked(request.user, work_order),
        "may_visit": can_now(request.user, Verb.START_VISIT, work_order),
        "may_add": can_now(request.user, Verb.ADD_FILE, work_order),
        "may_answer": can_now(request.user, Verb.ANSWER_VERDICT, work_order),
        "may_note": can_now(request.user, Verb.NOTE_REQUIREMENTS, work_order),
        "tabs": [
            (name, label, getattr(work_order, count) if count else 0) for name, label, count in TABS
        ],
        "tab": request.resolver_match.url_name if request.resolver_match else "",
        "back": request.GET.get("back", ""),
    } | more


def _edd(work_order: WorkOrder, shipments: list[Shipment]) -> EstimatedDelivery:
    start = start_of(work_order, shipments)
    return EstimatedDelivery(
        start.shipment if start.day else None, None if start.day else start.shipment
    )


class PathStep(NamedTuple):
    """A status on the way of the work order: passed, where it is now, or to come."""

    status: Status
    is_done: bool = False
    is_current: bool = False


def _path(work_order: WorkOrder) -> list[PathStep]:
    """Work without parts skips the statuses of the parts."""
    parts = {Status.SHIP_TO_RECEIVED, Status.PARTS_ORDERED, Status.SHIPPING, Status.SHIPPED}
    steps = [step for step in PATH if work_order.parts_required or step not in parts]
    at = Status(work_order.held_from or work_order.status)
    if at not in steps:
        return [PathStep(step) for step in steps]
    here = steps.index(at)
    return [PathStep(step, i < here, i == here) for i, step in enumerate(steps)]


def _actions(
    request: Request, work_order: WorkOrder, shipments: list[Shipment], in_hand: AtWork | None
) -> list[Action]:
    some_under_way = any(s.direction == "outbound" and not s.is_delivered for s in shipments)
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
    """A visit is started or ended; Completed comes first once nothing is missing, and else leads to
    what is.
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
    """Start work; once it has begun, and until another visit is needed, Completed."""
    visits = work_order.visits.all() if in_hand else ()
    begun = in_hand is not None and (
        in_hand.visit or any(visit.outcome == VisitOutcome.DONE for visit in visits)
    )
    wanted = Verb.COMPLETE if begun else Verb.START_VISIT
    main = next((action for action in actions if action.verb == wanted), None)
    more = [action for action in actions if action != main and action.verb != Verb.COMPLETE]
    return Bar(main, more)
