"""Accounts, sites and stations: their work orders follow a change of name or time zone."""

from collections.abc import Collection
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q

from portal.people.models import User
from workorders.models import Account, Site, Station, WorkOrder
from workorders.services.errors import NotAllowed
from workorders.services.searching import search_text_of
from workorders.services.unit_of_work import unit_of_work
from workorders.services.visits.site_clock import keep_clock
from workorders.states import Verb

Place = Account | Site | Station
BATCH = 500  # work orders read and written at once


def save_place(place: Place, *, fields: Collection[str] | None = None, by: User | None) -> None:
    """Save a place, or only these fields of it, with the search texts of its work orders.

    Where the time zone of a site changes, appointments keep their clock (docs/rules.md, rule 3).

    Locks the work orders first, as every write does, so that whoever writes one in the meantime
    reads the new name.
    """
    if by is not None and not by.may_save(place):
        raise NotAllowed(f"{by} may not change {place}")
    with transaction.atomic():
        keys = _lock_work_orders(place) if place.pk else []
        zone = _zone(place)
        place.save(update_fields=fields)
        if zone:
            _keep_clocks(keys, zone, by)
        for start in range(0, len(keys), BATCH):
            _refresh_search_texts(keys[start : start + BATCH])


def _zone(place: Place) -> ZoneInfo | None:
    """The time zone of a site before this change; None where it stays."""
    if not isinstance(place, Site):
        return None
    before = Site.objects.filter(pk=place.pk).exclude(time_zone=place.time_zone).first()
    return before.zone if before else None


def _keep_clocks(keys: Collection[int], before: ZoneInfo, by: User | None) -> None:
    for key in keys:
        with unit_of_work(WorkOrder(pk=key), Verb.EDIT, by=by, asked=True) as work:
            keep_clock(work, before)


def _lock_work_orders(place: Place) -> list[int]:
    rows = WorkOrder.objects.select_for_update().filter(_at(place)).order_by("pk")
    return list(rows.values_list("pk", flat=True))


def _at(place: Place) -> Q:
    """The condition of work orders there, without a join, which would lock the places as well."""
    match place:
        case Account():
            return Q(site__in=Site.objects.filter(account=place))
        case Site():
            return Q(site=place)
        case Station():
            return Q(station=place)


def _refresh_search_texts(keys: Collection[int]) -> None:
    """Write the search texts that changed, without a new version or a ledger entry."""
    rows = WorkOrder.objects.filter(pk__in=keys).select_related("site__account", "station")
    changed = []
    for row in rows.prefetch_related("shipments"):
        text = search_text_of(row, row.shipments.all())
        if text != row.search_text:
            row.search_text = text
            changed.append(row)
    WorkOrder.objects.bulk_update(changed, ["search_text"])
