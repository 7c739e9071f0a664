"""Dates at sites around the world, in conditions: at one instant they are of two or three days."""

import datetime as dt
import functools
import zoneinfo
from operator import or_
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Func, Q, Value
from django.db.models.sql.compiler import SQLCompiler


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


class _OneOf(Func):
    """Whether a text is among names joined by commas.

    Hundreds of names are one parameter: an IN of them takes longer to build than the query to run.
    """

    arity = 2
    output_field = models.BooleanField()
    arg_joiner = " = ANY(string_to_array("
    template = "%(expressions)s, ','))"

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, Any]:
        return self.as_sql(
            compiler,
            connection,
            arg_joiner=""" IN (SELECT value FROM json_each('["' || replace(""",
            template="""%(expressions)s, ',', '","') || '"]'))""",
        )


def by_site_date(now: dt.datetime, condition: Any) -> Q:
    """`condition(date)` for each site, with the date in the site's time zone."""
    found: Q = functools.reduce(
        or_,
        (
            condition(today) & Q(_OneOf("site__time_zone", Value(",".join(zones))))
            for today, zones in site_dates(now)
        ),
    )
    return found
