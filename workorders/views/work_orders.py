"""The list of work orders."""

import datetime as dt
import re
from typing import NamedTuple
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import Truncator
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import push_url

from portal.icons import lucide
from portal.people.models import User
from portal.people.requests import Request
from workorders.filters import WorkOrderQuery
from workorders.forms.filters import ListForm
from workorders.history.list_rows import rows_of_page
from workorders.models import ServiceTerritory, WorkOrder
from workorders.models.needs import NEEDS, Need
from workorders.models.queries import MOST_FOUND, WorkOrderQuerySet, keyset_of, sla_filter
from workorders.models.waiting import numbers_waiting, waits_for
from workorders.models.waits import ALSO, MISSED, WaitQuerySet, in_status, of_need
from workorders.permissions import can_now, role_may
from workorders.states import OPEN, AssistanceReason, Status, Verb
from workorders.targets.due import Due, DueState, due_of
from workorders.targets.terms import load_calendars
from workorders.views.answers import list_view
from workorders.views.list_links import chips, headings, list_url, needs_links, needs_shown, page_of
from workorders.views.matches import Match, matches_of

PAGE = 50
MODEL = re.compile(r"\S{1,12}")
ICONS = {
    DueState.LATE: "triangle-alert",
    DueState.NEAR: "clock-alert",
    DueState.FINE: "clock",
    DueState.WAITING: "hourglass",
    DueState.DONE: "check",
}


@list_view
def home(request: Request) -> HttpResponse:
    return redirect("today" if request.user.is_technician else "work-orders")


@list_view
@vary_on_headers("HX-Request")
def work_orders(request: Request) -> HttpResponse:
    now = timezone.now()
    listing = listing_for(request.user, request.GET, now)
    page = list_page(listing.rows, listing.query, request.user)
    if page.query.is_search and len(page.work_orders) == 1 and not request.htmx:
        return redirect("work-order", page.work_orders[0].number)
    counts = listing.counts()
    number = sum(counts[name] for name in waits_of_list(listing.query) or [ALSO])
    context = {
        "form": listing.form,
        "query": page.query,
        "count": number,
        "has_typo": listing.has_typo and number,
        "counted": what_is_counted(page.query),
        "has_needs": bool(listing.needs),
        "needs": needs_shown(needs_links(page.query, listing.needs, counts)),
        "chips": chips(page.query, counts),
        "headings": headings(page.query),
        "rows": list_rows(page, request.user, now),
        "next_page": list_url(page.query.query_string(after=page.next)) if page.next else "",
        "first_page": list_url(page.query.query_string(after="")) if page.query.after else "",
    }
    if not request.htmx:
        return render(request, "work_orders/list.html", context)
    return push_url(
        render(request, "work_orders/list.html#results", context),
        list_url(page.query.query_string()),
    )


def what_is_counted(query: WorkOrderQuery) -> str:
    """Say what the number of work orders is a number of."""
    if not query.is_narrowed:
        return "open"
    if query.needs:
        return "waiting for you"
    return f"found for “{Truncator(query.q).chars(60)}”" if query.q else "found"


class Listing(NamedTuple):
    """What a person asks for.

    `mine` follows search, work type and territory; `rows` narrows it down to the list.
    """

    user: User
    now: dt.datetime
    form: ListForm
    query: WorkOrderQuery
    mine: WorkOrderQuerySet
    has_typo: bool = False  # nothing has these words, so one letter of each may be wrong

    @property
    def rows(self) -> WorkOrderQuerySet:
        query, conditions = self.query, [self.query.shown]
        if query.sla:
            conditions.append(sla_filter(query.sla, self.now, self.waits))
        if query.needs:
            conditions.append(self.waits.named(of_need(query.needs)))
        return self.mine.filter(*conditions)

    @property
    def waits(self) -> WaitQuerySet:
        """What waits in the work that the person may see."""
        return waits_for(self.user, self.now)

    @property
    def needs(self) -> dict[str, Need]:
        """What may wait for this person."""
        return needs_of(self.user)

    def counts(self) -> dict[str, int]:
        """How many there are of each wait that the chips and the needs show, by its name; of the
        list itself, as ALSO, where it is none of them.
        """
        names = [MISSED, *map(in_status, OPEN), *map(of_need, self.needs)]
        also = None if waits_of_list(self.query) else self.rows
        if also is None and not (self.query.kind or self.query.q):
            return numbers_waiting(self.user, self.now, names)
        kind = {f"work_order__{name}": value for name, value in self.query.kind.items()}
        waits = self.waits.filter(**kind)
        if self.query.q:
            waits = waits.filter(work_order__in=self.mine.order_by().values("pk"))
        return waits.numbers(names, also)


def waits_of_list(query: WorkOrderQuery) -> list[str]:
    """The names of the waits that the list has, each work order once; none where others decide."""
    match query.needs, query.sla:
        case "", "":
            return [in_status(each) for each in query.statuses] if query.statuses <= OPEN else []
        case "", "missed":
            return [MISSED] if query.statuses == OPEN else []
        case needs, "":
            return [of_need(needs)] if query.statuses == frozenset(Status) else []
        case _:
            return []


def listing_for(user: User, data: QueryDict, now: dt.datetime) -> Listing:
    territories = ServiceTerritory.objects.values_list("name", flat=True)
    form = ListForm(data, territories, needs_of(user))
    query = form.query()
    theirs = WorkOrder.objects.visible_to(user).filter(**query.kind)
    mine, has_typo = searched(theirs, query.q) if query.q else (theirs, False)
    return Listing(user, now, form, query, mine, has_typo)


def searched(rows: WorkOrderQuerySet, q: str) -> tuple[WorkOrderQuerySet, bool]:
    """Look once for what several queries are about; also return whether it has but for a typo."""
    keys = rows.keys_found(q)
    if not keys:
        return rows.search_with_a_typo(q), True
    return rows.search(q) if len(keys) > MOST_FOUND else rows.among(keys), False


def needs_of(user: User) -> dict[str, Need]:
    """Return what can wait for this person: the needs that their role can meet."""
    return {name: need for name, need in NEEDS.items() if role_may(user, need.verb)}


class Page(NamedTuple):
    work_orders: list[WorkOrder]
    query: WorkOrderQuery
    next: str  # the cursor of the next page, if there is one


def list_page(rows: WorkOrderQuerySet, query: WorkOrderQuery, reader: User) -> Page:
    """Return the fifty work orders after the cursor. An invalid cursor gives the first fifty."""
    try:
        rest = rows.following(query.sort, query.after) if query.after else rows
    except ValueError:
        rest, query = rows, query._replace(after="")
    page = rows_of_page(rest.keys_of_page(query.sort, PAGE + 1), query.sort, reader)
    shown, onward = keyset_of(query.sort).cut(page, PAGE)
    return Page(shown, query, onward)


class NextAction(NamedTuple):
    """What to do about a row; `need` is its name in NEEDS."""

    need: str
    label: str
    url: str

    @property
    def of(self) -> str:
        """Return the words between the label and the number, for screen readers."""
        return "an appointment for" if self.need == "book" else ""


ACTION_PAGES = {  # the page where it is done, and the place on it
    "accept": ("accept", ""),
    "book": ("work-order", "#appointment"),
    "reason": ("work-order", "#appointment"),
    "answer": ("collaborate", "#id_body"),
    "verdict": ("answer-verdict", ""),
    "resume": ("request-assistance", ""),
    "visit": ("enter-visit", ""),
    "return": ("parts-sent-back", ""),
}


class ListRow(NamedTuple):
    work_order: WorkOrder
    url: str  # leads back to this very list
    due: Due
    icon: str
    next_action: NextAction | None
    match: Match | None = None  # what the search found that the row does not show

    @property
    def subject(self) -> tuple[str, str]:
        """The subject, and its end that a narrow column keeps: the model of the station."""
        whole = self.work_order.subject
        task, dash, model = whole.rpartition(" - ")
        return (task, dash + model) if task and MODEL.fullmatch(model) else (whole, "")


def list_rows(page: Page, user: User, now: dt.datetime) -> list[ListRow]:
    load_calendars(work_order.territory for work_order in page.work_orders)
    q = page.query.q
    matches = matches_of(page.work_orders, q) if q else {}
    back = page.query.query_string()
    suffix = f"?{urlencode({'back': back})}" if back else ""
    return [
        ListRow(
            work_order,
            page_of(work_order.number, "work-order") + suffix,
            due,
            lucide(ICONS[due.state], size=14, aria_hidden="true"),
            next_action(page.query.needs or could_do(user, work_order), work_order, suffix),
            matches.get(work_order),
        )
        for work_order in page.work_orders
        for due in [due_of(work_order, now)]
    ]


def could_do(user: User, work_order: WorkOrder) -> str:
    """Suggest an action when the list is not about one: say how it went, accept, or book."""
    if getattr(work_order, "visit_outcome_missing", False) and can_now(
        user, Verb.START_VISIT, work_order
    ):
        return "visit"
    if can_now(user, Verb.ACCEPT, work_order):
        return "accept"
    return "book" if work_order.appointment is None and can_now(user, Verb.BOOK, work_order) else ""


def next_action(need: str, work_order: WorkOrder, suffix: str) -> NextAction | None:
    if not need:
        return None
    page, place = ACTION_PAGES[need]
    if need == "resume":
        suffix += f"{'&' if suffix else '?'}reason={AssistanceReason.RESUME}"
    url = page_of(work_order.number, page) + suffix + place
    return NextAction(need, NEEDS[need].action, url)
