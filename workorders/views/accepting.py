"""Accepting several work orders in a row, from a list of those to be accepted."""

from typing import NamedTuple

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode

from portal.people.requests import Request
from workorders.models import WorkOrder
from workorders.models.queries import keyset_of
from workorders.views.work_orders import Listing, list_url, listing_for


class Next(NamedTuple):
    message: str
    url: str


def after_accepting(request: Request, work_order: WorkOrder) -> Next | None:
    """Say where to go once this work order is accepted, and what to say there.

    Return None unless the person came from the list of work orders to be accepted.
    """
    back = request.GET.get("back", "")
    listing = listing_for(request.user, QueryDict(back), timezone.now())
    if listing.query.needs != "accept":
        return None
    left = listing.rows.exclude(pk=work_order.pk)
    if (count := left.count()) == 0:
        whole = list_url(listing.query.query_string(needs="", after=""))
        return Next(f"{work_order.number} is accepted. There is nothing left to accept.", whole)
    url = (
        reverse("accept", args=[_next(listing, work_order).number])
        + f"?{urlencode({'back': back})}"
    )
    words = '{} is accepted. {} more to accept; this is the next one. <a href="{}">Later</a>'
    return Next(
        format_html(words, work_order.number, count, list_url(listing.query.query_string())), url
    )


def _next(listing: Listing, work_order: WorkOrder) -> WorkOrder:
    """Return the next work order in the list's order, or the first one left."""
    sort, left = listing.query.sort, listing.rows.exclude(pk=work_order.pk)
    here = listing.rows.sorted_by(sort).filter(pk=work_order.pk).first()
    behind = (
        left.following(sort, keyset_of(sort).cursor(here)).page(sort, 1).first() if here else None
    )
    return behind or left.page(sort, 1)[0]
