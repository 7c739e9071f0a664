"""What tells one copy of a story from another."""

from functools import lru_cache
from typing import NamedTuple, Self

from workorders.models.searching import search_text, searchable

FIRST_NUMBER = 200_000


@lru_cache
def _found_by(site: str) -> tuple[str, str]:
    folded = searchable(site)
    return search_text([site]).removeprefix(folded), folded


class Names(NamedTuple):
    """What a copy is called by; of a story these are marks."""

    digits: str  # of the numbers of the work order and its shipments
    case_number: str
    site: str
    squashed_site: str  # what search finds besides the folded name
    folded_site: str
    serial: str
    location_note: str

    @classmethod
    def of(cls, digits: str, site: str, serial: str, location_note: str) -> Self:
        return cls(digits, f"4{digits[1:]}", site, *_found_by(site), serial, location_note)


MARKS = Names.of("90817263", "Siteatmark 7", "765432109876", "Bay at the mark")


def digits_of(n: int) -> str:
    return f"{FIRST_NUMBER + n:08}"


def work_order_number(n: int) -> str:
    return f"WO-{digits_of(n)}"
