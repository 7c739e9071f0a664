"""Why a row was found: the first thing with a word of the search that the row does not show."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from django.db.models import prefetch_related_objects

from workorders.models import WorkOrder
from workorders.models.searching import searchable, spellings, words_of


class Match(NamedTuple):
    label: str
    text: str


def load_what_may_match(work_orders: Sequence[WorkOrder]) -> None:
    """Fetch what `match_of` reads, for all rows at once."""
    prefetch_related_objects(list(work_orders), "station", "shipments__parts")


def match_of(work_order: WorkOrder, query: str) -> Match | None:
    """Return None where the row itself shows every word that was found."""
    shown = _plain(" ".join(map(str, _shown(work_order))))
    missing = [word for word in words_of(query) if not _is_in(word, shown)]
    for label, text in _hidden(work_order):
        if text and any(_is_in(word, _plain(text)) for word in missing):
            return Match(label, text)
    return None


def _is_in(word: str, text: str) -> bool:
    return any(each in text for each in spellings(word))


def _plain(text: str) -> str:
    return f"{searchable(text)} {searchable(text).replace(' ', '')}"


def _shown(work_order: WorkOrder) -> Iterator[object]:
    site = work_order.site
    yield from (work_order.number, work_order.case_number, work_order.subject)
    yield from (site.account, site.name, site.city)


def _hidden(work_order: WorkOrder) -> Iterator[tuple[str, str]]:
    site, station, booked = work_order.site, work_order.station, work_order.appointment
    yield "Technician", booked.technician_name if booked else ""
    for kind in ("poc", "second_poc"):
        for field in ("name", "email", "phone"):
            yield "POC", str(getattr(work_order, f"{kind}_{field}"))
    yield "Street", site.street
    yield "Postal code", site.postal_code
    yield "Station", f"{station.serial} {station.location_note}".strip()
    for shipment in work_order.shipments.all():
        yield "Shipment", shipment.number
        yield "Tracking", shipment.tracking_number
        for part in shipment.parts.all():
            yield "Part", f"{part.part_number} {part.description}".strip()
