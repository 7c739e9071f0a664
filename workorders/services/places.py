"""Accounts, sites and stations: what they are called is searched for with every work order there."""

from collections.abc import Collection

from django.db import transaction
from django.db.models import Q

from portal.people.models import User
from workorders.models import Account, Site, Station, WorkOrder
from workorders.services.errors import NotAllowed
from workorders.services.searching import search_text_of

Place = Account | Site | Station
BATCH = 500  # work orders that are read and written together


def save_place(place: Place, *, fields: Collection[str] | None = None, by: User | None) -> None:
    """Save an account, a site or a station, or these fields of it; search finds its work orders by
    what it says now.

    The work orders are locked first, as every write of one does: whoever writes one meanwhile reads
    the new name.
    """
    if by is not None and not by.is_staff:
        raise NotAllowed(f"{by} may not change {place}")
    with transaction.atomic():
        there = (
            WorkOrder.objects.select_for_update().filter(_at(place)).order_by("pk")
            if place.pk
            else None
        )
        keys = list(there.values_list("pk", flat=True)) if there is not None else []
        place.save(update_fields=fields)
        for start in range(0, len(keys), BATCH):
            _refresh_search_texts(keys[start : start + BATCH])


def _at(place: Place) -> Q:
    """Without a join, which would lock the places as well."""
    match place:
        case Account():
            return Q(site__in=Site.objects.filter(account=place))
        case Site():
            return Q(site=place)
        case Station():
            return Q(station=place)


def _refresh_search_texts(keys: Collection[int]) -> None:
    """Write those that changed.

    Nothing else follows from a name: no version, nothing in the ledger.
    """
    rows = WorkOrder.objects.filter(pk__in=keys).select_related("site__account", "station")
    changed = []
    for row in rows.prefetch_related("shipments"):
        text = search_text_of(row, row.shipments.all())
        if text != row.search_text:
            row.search_text = text
            changed.append(row)
    WorkOrder.objects.bulk_update(changed, ["search_text"])
