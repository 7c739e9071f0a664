"""Why a row was found: the first thing with a word of the search that the row does not show."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from django.db.models import prefetch_related_objects

from workorders.models import WorkOrder
from workorders.models.searching import searchable, spellings, words_of

Words = list[list[str]]  # each word as it may be spelt
Texts = Iterator[tuple[str, str]]  # each with its label


class Match(NamedTuple):
    label: str
    text: str


def matches_of(work_orders: Sequence[WorkOrder], query: str) -> dict[WorkOrder, Match]:
    """The match of each row that does not itself show every word that was found.

    What belongs to a row is fetched only where the row's own columns do not explain it.
    """
    words = [spellings(word) for word in words_of(query)]
    missing = {row: left for row in work_orders if (left := _missing(row, words))}
    matches = _first_matches(missing, _on_the_row)
    unexplained = {row: left for row, left in missing.items() if row not in matches}
    prefetch_related_objects(list(unexplained), "station", "shipments__parts")
    return matches | _first_matches(unexplained, _of_what_belongs_to_it)


def _first_matches(
    missing: dict[WorkOrder, Words], texts_of: Callable[[WorkOrder], Texts]
) -> dict[WorkOrder, Match]:
    found: dict[WorkOrder, Match] = {}
    for row, words in missing.items():
        for label, text in texts_of(row):
            if text and any(_is_in(_plain(text), word) for word in words):
                found[row] = Match(label, text)
                break
    return found


def _missing(row: WorkOrder, words: Words) -> Words:
    site = row.site
    shown = (row.number, row.case_number, row.subject, site.account.name, site.name, site.city)
    plain = _plain(" ".join(shown))
    return [word for word in words if not _is_in(plain, word)]


def _is_in(plain: str, word: list[str]) -> bool:
    return any(spelling in plain for spelling in word)


def _plain(text: str) -> str:
    folded = searchable(text)
    return f"{folded} {folded.replace(' ', '')}"


def _on_the_row(row: WorkOrder) -> Texts:
    if row.appointment:
        yield "Technician", row.appointment.technician_name
    for kind in ("poc", "second_poc"):
        for field in ("name", "email", "phone"):
            yield "POC", str(getattr(row, f"{kind}_{field}"))
    yield "Street", row.site.street
    yield "Postal code", row.site.postal_code


def _of_what_belongs_to_it(row: WorkOrder) -> Texts:
    yield "Station", f"{row.station.serial} {row.station.location_note}".strip()
    for shipment in row.shipments.all():
        yield "Shipment", shipment.number
        yield "Tracking", shipment.tracking_number
        for part in shipment.parts.all():
            yield "Part", f"{part.part_number} {part.description}".strip()
