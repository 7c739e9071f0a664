"""What the pages of a work order show around their own part."""

import functools
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied
from django.db.models import CharField, prefetch_related_objects
from django.http import Http404

from portal.people.readers import any_reader, given_of
from portal.people.requests import Request
from portal.prepared import Given, Prepared
from workorders.folding import fold
from workorders.history.visibility import (
    comment_count,
    has_unread,
    note_of_status,
    request_count,
    requests_for,
    shipment_count,
)
from workorders.models import Shipment, WorkOrder
from workorders.models.folded import numbered_as
from workorders.permissions import can_now, linked
from workorders.states import PATH, Status, Verb
from workorders.targets.computing import start_of
from workorders.targets.due import due_of
from workorders.targets.promises import promise_to
from workorders.views.buttons import buttons

HOMES = {"today": "Today", "work-orders": "Work Orders"}  # where a page leads back to
# of the work that it follows and that follows it, only the number and the status are shown
NOT_SHOWN = [
    f"{way}__{field.name}"
    for way in ("follows", "followed_by")
    for field in WorkOrder._meta.concrete_fields
    if field.name not in ("id", "number", "status", "partner", "appointment", "follows")
]
TABS = [
    ("work-order", "Details", None),
    ("related", "Related", None),
    ("rma-fso", "Related RMA / FSO", "shipment_count"),
    ("collaborate", "Collaborate", "comment_count"),
    ("history", "History", None),
]


class Tab(NamedTuple):
    name: str  # of the URL
    label: str
    number: int  # of what is there
    is_current: bool
    is_new: bool  # someone has written there


class EstimatedDelivery(NamedTuple):
    """The shipment whose Estimated Delivery Date the page shows.

    Without a date, `undated` is the shipment that has none yet, and `because` says why.
    """

    shipment: Shipment | None
    undated: Shipment | None = None
    missing: str = "none"
    because: str = "no parts are needed"


def fetch(request: Request, number: str) -> WorkOrder:
    """Fetch a work order that this person may see (404 otherwise), by its number in any case.

    People who may not read any work order get a 403.
    """
    if not request.user.may_read:
        raise PermissionDenied
    reader = request.user
    found = _visible_by_number(reader.role).rows(number=fold(number), **given_of(reader))
    exactly = [row for row in found if row.number == number]
    if len(exactly or found) != 1:
        raise Http404
    return (exactly or found)[0]


@functools.cache
def _visible_by_number(role: str) -> Prepared[WorkOrder]:
    reader = any_reader(role)
    rows = (
        WorkOrder.objects.visible_to(reader)
        .with_facts()
        .select_related(
            "appointment__missed_sla", "appointment__technician", "follows", "followed_by"
        )
        .defer(*NOT_SHOWN)
        .annotate(
            comment_count=comment_count(reader),
            request_count=request_count(),
            has_unread=has_unread(reader),
            shipment_count=shipment_count(),
        )
    )
    number = Given("number", CharField())
    return Prepared(WorkOrder, lambda: numbered_as(rows, number))


def shipments_of(work_order: WorkOrder) -> list[Shipment]:
    """Return the shipments with their parts.

    They are kept on the work order, so that the rest of the page does not fetch them again.
    """
    prefetch_related_objects([work_order], "shipments__parts")
    return list(work_order.shipments.all())


def section_context(request: Request, work_order: WorkOrder, **more: Any) -> dict[str, Any]:
    """Build what every section needs. `more` is the fragment's own part."""
    back = request.GET.get("back", "")
    home = "today" if request.user.is_technician and not back else "work-orders"
    return {
        "work_order": work_order,
        "zone": work_order.site.zone,
        "due": due_of(work_order),
        "back": back,
        "home_page": home,
        "home_label": HOMES[home],
    } | more


def action_context(request: Request, work_order: WorkOrder, **more: Any) -> dict[str, Any]:
    """Build a page that asks for one thing: the path, facts and tabs around its form."""
    prefetch_related_objects([work_order], "shipments")
    on_hold = work_order.status == Status.ON_HOLD
    head = {
        "today": work_order.site_today(),
        "edd": _edd(work_order),
        "path": _path(work_order),
        "hold": work_order.holds.filter(last=None).first() if on_hold else None,
        "status_note": note_of_status(request.user, work_order),
        "requests": requests_for(request.user, work_order) if _has_requests(work_order) else [],
        "linked": linked(request.user, work_order),
        "may_book": can_now(request.user, Verb.BOOK, work_order),
        "promise": promise_to(work_order),
        "tabs": _tabs(work_order, more.pop("tab", "") or _url_name(request)),
    }
    return section_context(request, work_order) | head | more


def page_context(request: Request, work_order: WorkOrder, **more: Any) -> dict[str, Any]:
    """Build a tab, with the buttons and what the work at the site is waiting for."""
    may_visit = can_now(request.user, Verb.START_VISIT, work_order)
    own = buttons(request, work_order) | {"may_visit": may_visit} | more
    return action_context(request, work_order, **own)


def _has_requests(work_order: WorkOrder) -> bool:
    """Whether there are open requests, as `fetch` has counted them."""
    return bool(getattr(work_order, "request_count", 0))


def _edd(work_order: WorkOrder) -> EstimatedDelivery:
    start = start_of(work_order, work_order.shipments.all())
    if start.day or not work_order.parts_required:
        return EstimatedDelivery(start.shipment)
    has, are, missing = ("had", "were", "none")
    if work_order.is_open:
        has, are, missing = ("has", "are", "none yet")
    if start.shipment:
        return EstimatedDelivery(None, start.shipment, missing, f"{start.shipment} {has} no date")
    return EstimatedDelivery(None, None, missing, f"no parts {are} on their way")


def _url_name(request: Request) -> str:
    return request.resolver_match.url_name or "" if request.resolver_match else ""


def _tabs(work_order: WorkOrder, current: str) -> list[Tab]:
    has_unread = getattr(work_order, "has_unread", False)
    return [
        Tab(
            name,
            label,
            getattr(work_order, count) if count else 0,
            is_current=name == current,
            is_new=name == "collaborate" != current and has_unread,
        )
        for name, label, count in TABS
    ]


class PathStatus(NamedTuple):
    """A status on the work order's way: passed, current, or still to come."""

    status: Status
    is_done: bool = False
    is_current: bool = False


def _path(work_order: WorkOrder) -> list[PathStatus]:
    """List the statuses on the way. Work without parts skips the statuses about parts."""
    parts = {Status.SHIP_TO_RECEIVED, Status.PARTS_ORDERED, Status.SHIPPING, Status.SHIPPED}
    statuses = [status for status in PATH if work_order.parts_required or status not in parts]
    at = Status(work_order.held_from or work_order.status)
    if at not in statuses:
        return [PathStatus(status) for status in statuses]
    here = statuses.index(at)
    return [PathStatus(status, i < here, i == here) for i, status in enumerate(statuses)]
