"""Work orders taken one after the other, from a list of those that wait for the same action."""

from collections.abc import Sequence
from typing import NamedTuple

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode

from portal.people.requests import Request
from workorders.models import WorkOrder
from workorders.models.queries import WorkOrderQuerySet, keyset_of
from workorders.views.list_links import list_url
from workorders.views.work_orders import Listing, listing_for


class Next(NamedTuple):
    message: str
    url: str


def is_among_needs(request: Request, need: str) -> bool:
    """Whether the person came from the list of what needs this."""
    return QueryDict(request.GET.get("back", "")).get("needs") == need


def after_accepting(request: Request, work_order: WorkOrder) -> Next | None:
    """Say where to go once this work order is accepted, and what to say there.

    Return None unless the person came from the list of work orders to be accepted.
    """
    if not is_among_needs(request, "accept"):
        return None
    listing = _listing(request)
    left = listing.rows.exclude(pk=work_order.pk)
    if (count := left.count()) == 0:
        words = f"{work_order.number} is accepted. There is nothing left to accept."
        return Next(words, _whole_list(listing))
    url = _page_of(request, "accept", _next(listing, left, work_order))
    words = '{} is accepted. {} more to accept; this is the next one. <a href="{}">Later</a>'
    return Next(
        format_html(words, work_order.number, count, list_url(listing.query.query_string())), url
    )


def next_to_book(request: Request, booked: WorkOrder, along: Sequence[str]) -> Next | None:
    """Say where to go once this work order is booked, and those that go along with it.

    Return None unless the person came from the list of work orders to be booked.
    """
    if not is_among_needs(request, "book"):
        return None
    listing = _listing(request)
    left = listing.rows.exclude(number__in=[booked.number, *along])
    if (count := left.count()) == 0:
        return Next("There is nothing left to book.", _whole_list(listing))
    words = '{} more to book; this is the next one. <a href="{}">Later</a>'
    later = list_url(listing.query.query_string())
    url = _page_of(request, "work-order", _next(listing, left, booked))
    return Next(format_html(words, count, later), f"{url}#appointment")


def _listing(request: Request) -> Listing:
    return listing_for(request.user, QueryDict(request.GET.get("back", "")), timezone.now())


def _whole_list(listing: Listing) -> str:
    return list_url(listing.query.query_string(needs="", after=""))


def _page_of(request: Request, name: str, work_order: WorkOrder) -> str:
    query = urlencode({"back": request.GET.get("back", "")})
    return f"{reverse(name, args=[work_order.number])}?{query}"


def _next(listing: Listing, left: WorkOrderQuerySet, work_order: WorkOrder) -> WorkOrder:
    """Return the next work order in the list's order, or the first one left."""
    sort = listing.query.sort
    here = listing.mine.sorted_by(sort).filter(pk=work_order.pk).first()
    behind = (
        left.following(sort, keyset_of(sort).cursor(here)).page(sort, 1).first() if here else None
    )
    return behind or left.page(sort, 1)[0]
