"""Which countries, time zones and postal codes there are."""

import zoneinfo
from functools import cache
from importlib import resources

# what the first part of a name of a place can be; EST, UTC, Etc/GMT+5 and US/Pacific name none
AREAS = {
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe",
    "Indian", "Pacific",
}  # fmt: skip
# digits of a postal code, where one may begin with a zero and holds nothing but digits
POSTAL_DIGITS = {
    "AU": 4, "BR": 8, "CN": 6, "CO": 6, "DE": 5, "DK": 4, "EC": 6, "ES": 5, "FI": 5, "FR": 5,
    "GT": 5, "IT": 5, "JP": 7, "KR": 5, "KZ": 6, "LT": 5, "MX": 5, "MY": 5, "NO": 4, "NZ": 4,
    "PE": 5, "PL": 5, "PR": 5, "RO": 6, "SG": 6, "SK": 5, "TR": 5, "UA": 5, "US": 5, "ZA": 4,
}  # fmt: skip


@cache
def countries() -> frozenset[str]:
    """The codes of ISO 3166-1, which the time zone data brings along."""
    table = resources.files("tzdata").joinpath("zoneinfo/iso3166.tab").read_text("utf-8")
    return frozenset(line[:2] for line in table.splitlines() if not line.startswith("#"))


@cache
def places() -> frozenset[str]:
    """The time zones of IANA that are named after a place."""
    zones = zoneinfo.available_timezones()
    return frozenset(name for name in zones if name.partition("/")[0] in AREAS and "/" in name)


def lost_zeros(postal_code: str, country: str) -> int:
    """How many digits the code has to have, where a spreadsheet took zeros from its start; else 0.

    Of the nine digits of the US, the first five are judged.
    """
    digits = POSTAL_DIGITS.get(country, 0)
    code = postal_code.partition("-")[0] if country in ("US", "PR") else postal_code
    return digits if code.isascii() and code.isdigit() and len(code) < digits else 0
