"""What a search finds: the words of work orders, and those of what belongs to them.

Words of a work order stand folded in its search text. Places, people and parts are looked up in
their own, smaller tables, and lead to work orders by their keys.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Replace

MANY = 2000  # work orders that are read for one with a typo
# cities that have another name in English
CITIES = [
    ("munich", "munchen"),
    ("cologne", "koln"),
    ("nuremberg", "nurnberg"),
    ("hanover", "hannover"),
    ("vienna", "wien"),
    ("geneva", "geneve", "genf"),
    ("milan", "milano"),
    ("rome", "roma"),
    ("prague", "praha"),
    ("warsaw", "warszawa"),
    ("copenhagen", "kobenhavn"),
    ("brussels", "bruxelles", "brussel"),
    ("antwerp", "antwerpen"),
    ("lisbon", "lisboa"),
    ("seville", "sevilla"),
    ("florence", "firenze"),
    ("turin", "torino"),
    ("venice", "venezia"),
]
ALSO = {name: names for names in CITIES for name in names}
NUMBER = re.compile(r"([a-z]+)([1-9]\d{1,})")  # without its zeros
MOST_ZEROS = 8
SPELT_OUT = re.compile("[aou]e")  # an umlaut in two letters
SHORTEST = 4  # letters of a word that may have a typo


def searchable(text: str) -> str:
    """The text as search compares it: letters and digits in words, without case or accents."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return " ".join(word for part in plain.split() if (word := "".join(filter(str.isalnum, part))))


def search_text(texts: Iterable[str]) -> str:
    """The texts folded, those with digits also without spaces, so that search finds phone numbers
    however they are written.
    """
    folded = dict.fromkeys(filter(None, map(searchable, texts)))
    squashed = dict.fromkeys(
        text.replace(" ", "") for text in folded if " " in text and any(map(str.isdigit, text))
    )
    return " ".join(folded | squashed)


def words_of(query: str) -> dict[str, str]:
    """The words of a query as they were typed, by the folded ones. "case" before a number says only
    what the number is.
    """
    words = {searchable(typed).replace(" ", ""): typed for typed in query.replace("\0", "").split()}
    words.pop("", None)
    if len(words) > 1 and any(map(str.isdigit, "".join(words))):
        words.pop("case", None)
    return words


def spellings(word: str) -> list[str]:
    """The word, its other names, and with umlauts that were spelt out in two letters."""
    reduced = SPELT_OUT.sub(lambda found: found[0][0], word)
    return list(dict.fromkeys(ALSO.get(reduced, ()) + ALSO.get(word, ()) + (word, reduced)))


def condition(query: str) -> Q:
    """Work that has every word of the query, somewhere."""
    return Q(*(_has(word, typed) for word, typed in words_of(query).items())) | _phone(query)


def _has(word: str, typed: str) -> Q:
    found = Q()
    for each in spellings(word):
        found |= Q(search_text__contains=each)
    if number := NUMBER.fullmatch(word):
        for zeros in range(1, MOST_ZEROS + 1):
            digits = number[2].zfill(len(number[2]) + zeros)
            found |= Q(search_text__contains=number[1] + digits)
    return found | _of_places(typed) | _of_people(typed) | _of_parts(typed)


def _of_places(typed: str) -> Q:
    """By street, postal code, or the note that says where at the site the station is."""
    whole_code = Replace("postal_code", Value(" "), Value(""))  # a word holds no blank: M6K 3P6
    sites = _rows("workorders.Site").alias(whole_code=whole_code)
    sites = sites.filter(
        Q(street__icontains=typed)
        | Q(whole_code__istartswith=typed)
        | Q(postal_code__icontains=f" {typed}")
    )
    stations = _rows("workorders.Station").filter(location_note__icontains=typed)
    return _belongs(sites, "site") | _belongs(stations, "station")


def _belongs(rows: QuerySet[Any], name: str) -> Q:
    """Work whose row of this name is among these, looked at for each work order.

    All of them would be as many as there are, whoever asks.
    """
    return Q(Exists(rows.filter(pk=OuterRef(name))))


def _of_people(typed: str) -> Q:
    """By the technician who is booked, or a POC's whole e-mail address."""
    if "@" in typed:
        addresses = {typed, typed.lower()}
        return Q(poc_email__in=addresses) | Q(second_poc_email__in=addresses)
    booked = _rows("workorders.Appointment").filter(technician_name__icontains=typed)
    return _belongs(booked, "appointment") if typed.isalpha() else Q()


def _of_parts(typed: str) -> Q:
    """By a whole part number."""
    numbers = {typed, typed.upper(), typed.lower()}
    parts = _rows("workorders.ShipmentPart").filter(part_number__in=numbers)
    return Q(pk__in=parts.values("shipment__work_order"))


def _rows(model: str) -> QuerySet[Any]:
    rows: QuerySet[Any] = apps.get_model(model)._default_manager.order_by()
    return rows


def _phone(query: str) -> Q:
    """Finds a phone number dialed from within its country, though stored with a country code."""
    digits = "".join(filter(str.isdigit, query)).lstrip("0")
    looks_like_one = len(digits) >= 9 and not any(map(str.isalpha, query))
    return Q(search_text__contains=digits) if looks_like_one else Q()


# --- One typo
def half_of_each(query: str) -> Q:
    """Work that may have every word with one typo: one half of each is right then."""
    found = Q()
    for word in words_of(query):
        half = len(word) // 2
        first = Q(search_text__contains=word[:half])
        is_long = len(word) >= SHORTEST
        may_have = first | Q(search_text__contains=word[half:]) if is_long else Q()
        found &= may_have or Q(search_text__contains=word)
    return found


def has_all_but_for_a_typo(text: str, query: str) -> bool:
    words = text.split()
    return all(any(is_typo_of(word, other) for other in words) for word in words_of(query))


def is_typo_of(typed: str, word: str) -> bool:
    """Whether they differ by one letter, typed wrong, left out or too many, or by two in the wrong
    order; a short word has to be right.
    """
    if typed == word or len(typed) < SHORTEST:
        return typed == word
    return abs(len(typed) - len(word)) <= 1 and bool(set(_one_off(typed, word)))


def _one_off(typed: str, word: str) -> Iterator[str]:
    """What makes the two the same, at the first place where they differ."""
    at = next((n for n, (a, b) in enumerate(zip(typed, word, strict=False)) if a != b), None)
    at = min(len(typed), len(word)) if at is None else at
    rest, other = typed[at:], word[at:]
    if rest[1:] == other[1:]:
        yield "another letter"
    if rest[1:] == other:
        yield "one too many"
    if rest == other[1:]:
        yield "one left out"
    if rest[:2] == other[1::-1] and rest[2:] == other[2:]:
        yield "two in the wrong order"
