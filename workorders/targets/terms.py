"""Business calendars and service levels as `sla` values, each at one of its revisions.

Both are cached in the process. A revision never changes, so the cache never goes stale.
"""

import datetime as dt
from collections.abc import Collection, Iterable
from contextlib import suppress
from typing import NamedTuple

from django.db.models import Q

from sla import BusinessCalendar, CalendarError, ServiceLevel
from workorders.models import (
    CalendarDay,
    CalendarRevision,
    Entitlement,
    ServiceLevelRevision,
    ServiceTerritory,
)
from workorders.models.service_levels import ServiceLevel as ServiceLevelFields
from workorders.models.weeks import Week
from workorders.states import StartWithoutParts

CACHE_SIZE = 200  # calendars per process, about a quarter of a megabyte each

_calendars: dict[tuple[int, int], BusinessCalendar] = {}  # by territory and revision
_terms: dict[tuple[int, int], "Terms"] = {}  # by entitlement and revision


class Terms(NamedTuple):
    """A service level, and the start day where no parts are required."""

    level: ServiceLevel
    start_without_parts: StartWithoutParts


def business_calendar(territory: ServiceTerritory, revision: int | None = None) -> BusinessCalendar:
    """The territory's calendar, now or at a revision.

    Raises CalendarError when its rows leave no business day.
    """
    revision = revision or territory.revision
    if cached := _calendars.get((territory.pk, revision)):
        return cached
    week = territory if revision == territory.revision else _revision(territory, revision)
    days = territory.days.filter(Q(until=None) | Q(until__gt=revision), since__lte=revision)
    return _cache(territory.pk, revision, calendar_of(week, days))


def load_calendars(territories: Iterable[ServiceTerritory]) -> None:
    """Cache the calendars of these territories with at most one query.

    Skips a calendar without business days, for which `business_calendar` raises CalendarError.
    """
    missing = {t.pk: t for t in territories if (t.pk, t.revision) not in _calendars}
    if not missing:
        return
    days: dict[int, list[CalendarDay]] = {pk: [] for pk in missing}
    for day in CalendarDay.objects.filter(territory__in=missing, until=None):
        days[day.territory_id].append(day)
    for pk, territory in missing.items():
        with suppress(CalendarError):
            _cache(pk, territory.revision, calendar_of(territory, days[pk]))


def forget_rules() -> None:
    _calendars.clear()
    _terms.clear()


def calendar_of(week: Week, days: Iterable[CalendarDay]) -> BusinessCalendar:
    days = list(days)
    return BusinessCalendar(
        closed={day.day: day.name for day in days if not day.worked},
        worked={day.day: day.name for day in days if day.worked},
        weekend=frozenset(week.weekend),
        first=week.first,
        last=week.last,
    )


def _revision(territory: ServiceTerritory, revision: int) -> CalendarRevision:
    row = territory.revisions.filter(number=revision).first()
    if row is None:
        raise CalendarError(f"the business calendar of {territory} has no revision {revision}")
    return row


def _cache(territory: int, revision: int, calendar: BusinessCalendar) -> BusinessCalendar:
    if len(_calendars) >= CACHE_SIZE:
        _calendars.clear()
    _calendars[territory, revision] = calendar
    return calendar


def differing_days(old: BusinessCalendar, new: BusinessCalendar) -> Collection[dt.date]:
    """The days covered by both calendars that are a business day in only one of them."""
    day, last = max(old.first, new.first), min(old.last, new.last)
    differing = []
    while day <= last:
        if old.is_business_day(day) != new.is_business_day(day):
            differing.append(day)
        day += dt.timedelta(days=1)
    return differing


def terms_of(entitlement: Entitlement, revision: int | None = None) -> Terms:
    """The entitlement's service level, now or at a revision.

    Raises ServiceLevelRevision.DoesNotExist for an unknown revision.
    """
    if revision is None or revision == entitlement.revision:
        return terms(entitlement)
    key = entitlement.pk, revision
    if key not in _terms:
        _terms[key] = terms(
            ServiceLevelRevision.objects.get(entitlement=entitlement, number=revision)
        )
    return _terms[key]


def terms(row: ServiceLevelFields) -> Terms:
    level = ServiceLevel(row.business_days, from_next_business_day=row.from_next_business_day)
    return Terms(level, StartWithoutParts(row.start_without_parts))
