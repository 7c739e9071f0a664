"""Dates at sites around the world, in conditions: at one instant they are of two or three days."""

import datetime as dt
import functools
import zoneinfo
from operator import or_
from typing import Any

from django.db.models import Q

from workorders.models.among import Among


def site_dates(now: dt.datetime) -> list[tuple[dt.date, list[str]]]:
    """The two or three dates at this instant around the world, each with its time zones."""
    return _dates_at(now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0))


@functools.lru_cache(maxsize=8)
def _dates_at(quarter: dt.datetime) -> list[tuple[dt.date, list[str]]]:
    """Midnight falls on a quarter hour in every zone, so one answer serves for all of it."""
    zones: dict[dt.date, list[str]] = {}
    for name in sorted(zoneinfo.available_timezones()):
        zones.setdefault(quarter.astimezone(zoneinfo.ZoneInfo(name)).date(), []).append(name)
    return list(zones.items())


def by_site_date(now: dt.datetime, condition: Any) -> Q:
    """`condition(date)` for each site, with the date in the site's time zone."""
    found: Q = functools.reduce(
        or_,
        (condition(today) & Q(Among("site__time_zone", zones)) for today, zones in site_dates(now)),
    )
    return found
