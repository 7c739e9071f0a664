"""The list of work orders."""

import datetime as dt
import functools
from collections.abc import Collection, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import push_url
from lucide.templatetags.lucide import lucide

from portal.people.models import User
from portal.people.requests import Request
from workorders.filters import ALL_OPEN, COLUMNS, Asked
from workorders.forms.filters import ListForm
from workorders.models import ServiceTerritory, WorkOrder
from workorders.models.queries import WorkOrderQuerySet, cursor, sla_filter
from workorders.permissions import can
from workorders.rules import load_calendars
from workorders.states import OPEN, WAITING_FOR_PARTS, Status, Verb
from workorders.targets import Due, due_of

PAGE = 50
ICONS = {"late": "triangle-alert", "near": "clock-alert", "fine": "clock", "waiting": "hourglass", "done": "check"}

CHIPS: dict[str, list[Status]] = {
    "Assigned": [Status.ASSIGNED],
    "Waiting for parts": [status for status in Status if status in WAITING_FOR_PARTS],
    "Shipped": [Status.SHIPPED],
    "In Progress": [Status.IN_PROGRESS],
    "On Hold": [Status.ON_HOLD],
}


@require_safe
def home(request: Request) -> HttpResponse:
    return redirect("work-orders")


@require_safe
@vary_on_headers("HX-Request")
def work_orders(request: Request) -> HttpResponse:
    now = timezone.now()
    form = ListForm(request.GET, ServiceTerritory.objects.values_list("name", flat=True))
    asked = form.asked()
    mine = WorkOrder.objects.visible_to(request.user).search(asked.q).filter(**asked.kind)
    shown = asked.shown & sla_filter(asked.sla, now)
    page = page_of(mine.filter(shown), asked)
    if asked.is_search and len(page.work_orders) == 1 and not request.htmx:
        return redirect("work-order", page.work_orders[0].number)
    counts = mine.counts(now, shown=shown)
    context = {
        "form": form,
        "asked": page.asked,
        "count": counts["shown"],
        "chips": chips(page.asked, counts),
        "headings": headings(page.asked),
        "rows": rows_of(page, request.user, now),
        "next_page": address(page.asked.query(after=page.next)) if page.next else "",
        "first_page": address(page.asked.query(after="")) if page.asked.after else "",
    }
    if not request.htmx:
        return render(request, "work_orders/list.html", context)
    return push_url(render(request, "work_orders/list.html#results", context), address(page.asked.query()))


class Page(NamedTuple):
    work_orders: list[WorkOrder]
    asked: Asked
    next: str  # the cursor of the next page, if there is one


def page_of(found: WorkOrderQuerySet, asked: Asked) -> Page:
    """The fifty after the cursor; the first fifty when it is none of ours."""
    try:
        rest = found.following(asked.sort, asked.after) if asked.after else found
    except ValueError:
        rest, asked = found, asked._replace(after="")
    rows = list(rest.page(asked.sort, PAGE + 1).with_went_unsaid(timezone.now()))
    return Page(rows[:PAGE], asked, cursor(rows[PAGE - 1]) if len(rows) > PAGE else "")


class Row(NamedTuple):
    work_order: WorkOrder
    url: str  # leads back to this very list
    due: Due
    icon: str
    is_bookable: bool
    asks_how: bool  # its booked time has passed, and nobody has said how it went


@functools.cache
def icon(state: str) -> str:
    """The state's icon, drawn once: fifty rows would draw it fifty times."""
    return lucide(ICONS[state], size=14, aria_hidden="true")


def rows_of(page: Page, user: User, now: dt.datetime) -> list[Row]:
    load_calendars(work_order.territory for work_order in page.work_orders)
    back = page.asked.query()
    suffix = f"?{urlencode({'back': back})}" if back else ""
    return [
        Row(
            work_order,
            reverse("work-order", args=[work_order.number]) + suffix,
            due,
            icon(due.state),
            work_order.appointment is None and can(user, Verb.BOOK, work_order),
            getattr(work_order, "went_unsaid", False) and can(user, Verb.START_VISIT, work_order),
        )
        for work_order in page.work_orders
        for due in [due_of(work_order, now)]
    ]


class Chip(NamedTuple):
    label: str
    number: int
    url: str
    is_current: bool
    is_alarm: bool = False


def chips(asked: Asked, counts: dict[str, int]) -> list[Chip]:
    """A chip's count is that of the list it leads to: search, work type and territory stay."""
    chosen = asked._replace(after="", sla="")

    def chip(label: str, statuses: Collection[str], query: Sequence[str]) -> Chip:
        number = sum(counts[status] for status in statuses)
        is_current = not asked.sla and asked.statuses == set(statuses)
        return Chip(label, number, address(chosen.query(status=tuple(query))), is_current)

    missed = address(chosen.query(status=(), sla="missed"))
    return [
        chip("All open", OPEN, [ALL_OPEN]),
        *(chip(label, statuses, statuses) for label, statuses in CHIPS.items()),
        Chip("Missed SLA", counts["missed"], missed, asked.sla == "missed", is_alarm=True),
    ]


class Heading(NamedTuple):
    label: str
    url: str
    order: str  # for aria-sort; empty where the list is not sorted by this column
    name: str


def headings(asked: Asked) -> list[Heading]:
    """The columns, each a link that sorts by it; once more turns the order round."""
    orders = {asked.sort: "descending" if asked.sort.startswith("-") else "ascending"}
    return [
        Heading(
            label,
            address(asked.query(sort=f"-{name}" if asked.sort == name else name, after="")),
            orders.get(name) or orders.get(f"-{name}", ""),
            name,
        )
        for name, label in COLUMNS.items()
    ]


def address(query: str) -> str:
    return reverse("work-orders") + (f"?{query}" if query else "")
