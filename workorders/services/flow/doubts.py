"""What can hardly be meant of a work order: asked about before it is saved, and never refused.

A territory in another place than the site counts the wrong holidays; the same case or station may
be open already (docs/rules.md, "Entering").
"""

import hashlib
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple, Self

from django.db.models import Q

from workorders.models import ListedRegion, ServiceTerritory, Site, Station, WorkOrder
from workorders.services.errors import Doubtful
from workorders.states import Status

SAME_COUNTRY = {"UK": "GB"}  # the one code of two letters that `holidays` knows besides ISO's
MOST_NAMED = 3

Regions = Mapping[tuple[str, str], str]  # the subdivision, by country and a name in lower case


def listed_regions() -> Regions:
    rows = ListedRegion.objects.values_list("country", "name", "subdivision")
    return {(country, name): subdivision for country, name, subdivision in rows}


def misplaced(territory: ServiceTerritory, site: Site, regions: Regions) -> str:
    """A sentence when the territory lies elsewhere than the site, as far as that is known."""
    own = _place(territory, territory.subdivision, regions)
    there = _place(site, site.region, regions)
    is_elsewhere = own[0] != there[0] or (own[1] and there[1] and own[1] != there[1])
    if not is_elsewhere:
        return ""
    return (
        f"{territory} has the holidays of {'-'.join(filter(None, own))};"
        f" {site} is in {'-'.join(filter(None, there))}."
    )


def misplaced_at(site: Site) -> list[str]:
    """A sentence for each territory that open work there has, and that lies elsewhere."""
    territories = ServiceTerritory.objects.filter(
        work_orders__site=site, work_orders__counts_as_open=True
    )
    regions = listed_regions()
    doubts = [misplaced(territory, site, regions) for territory in territories.distinct()]
    return [doubt for doubt in doubts if doubt]


def territory_of(site: Site, territories: Collection[ServiceTerritory], regions: Regions) -> Any:
    """The territory to propose for a site: its region's, its country's, or the only one there.

    None where there is none, or several.
    """
    place = _place(site, site.region, regions)
    fitting = {row: _place(row, row.subdivision, regions) for row in territories}
    there = [row for row, its in fitting.items() if its[0] == place[0]]
    for found in (
        [row for row in there if place[1] and fitting[row] == place],
        [row for row in there if not row.subdivision],
        there if not place[1] else [],
    ):
        if found:
            return found[0] if len(found) == 1 else None
    return None


def ask_about(
    work_order: WorkOrder | None, values: Mapping[str, Any], confirmed: str | None
) -> None:
    """Raise Doubtful unless nothing is odd, or a person has confirmed just that.

    `work_order` is the one that exists, whose facts were asked about already. Without `confirmed`
    there is nobody to ask.
    """
    if confirmed is None:
        return
    doubts = [*_about_place(work_order, values), *_about_open_work(work_order, values)]
    if doubts and confirmed != (key := _key(doubts)):
        raise Doubtful(doubts, key)


def _about_place(work_order: WorkOrder | None, values: Mapping[str, Any]) -> list[str]:
    territory, site = values["territory"], values["site"]
    if work_order and (work_order.territory, work_order.site) == (territory, site):
        return []
    regions = listed_regions()
    doubt = misplaced(territory, site, regions)
    if not doubt:
        return []
    proposed = territory_of(site, ServiceTerritory.objects.all(), regions)
    return [f"{doubt} The site belongs to {proposed}." if proposed else doubt]


def _about_open_work(work_order: WorkOrder | None, values: Mapping[str, Any]) -> list[str]:
    case, station = values["case_number"], values["station"]
    same = Q(pk__in=[])
    if case and not (work_order and work_order.case_number == case):
        same |= Q(case_number=case)
    if not (work_order and work_order.station == station):
        same |= Q(station=station)
    rows = WorkOrder.objects.filter(same, counts_as_open=True).order_by("-number_by_value")
    others = rows.exclude(pk=work_order.pk) if work_order else rows
    found = others.select_related("partner", "station")[:MOST_NAMED]
    return [already_open(OpenRow.of(row), _what(row, case, station)) for row in found]


def _what(row: WorkOrder, case: str, station: Station) -> str:
    return f"station {station.serial}" if row.station_id == station.pk else f"case {case}"


class OpenRow(NamedTuple):
    """What is asked and said of open work: an import keeps it for each row of its file."""

    number: str
    case_number: str
    serial: str
    status: Status
    partner: str

    @classmethod
    def of(cls, row: WorkOrder) -> Self:
        station, partner = row.station, row.partner
        return cls(row.number, row.case_number, station.serial, Status(row.status), partner.name)


def already_open(row: OpenRow, what: str) -> str:
    return f"{row.number} is open for {what} already: {row.status.label}, {row.partner}."


def _place(where: ServiceTerritory | Site, region: str, regions: Regions) -> tuple[str, str]:
    """The country and the subdivision; the latter is empty where the region is not known."""
    country = SAME_COUNTRY.get(where.country, where.country)
    known = regions.get((where.country, region.casefold()), "")
    is_code = isinstance(where, ServiceTerritory)
    return country, known or (region if is_code else "")


def _key(doubts: Collection[str]) -> str:
    return hashlib.sha256("\n".join(doubts).encode()).hexdigest()[:16]
