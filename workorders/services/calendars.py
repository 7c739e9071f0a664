"""The business calendar of a territory: its days and its revision change together."""

from collections.abc import Collection

from django.db import transaction

from portal.people.models import User
from sla import CalendarError
from workorders import targets
from workorders.models import CalendarDay, ServiceTerritory
from workorders.services.errors import NotAllowed, Refused

CALENDAR = ("weekend", "first", "last")  # the territory's own fields that the calendar is made of


def save_territory(
    territory: ServiceTerritory,
    *,
    days: Collection[CalendarDay] = (),
    removed: Collection[CalendarDay] = (),
    by: User | None,
) -> ServiceTerritory:
    """Save a territory with the days that are new or changed, and without those removed.

    Whatever changes the calendar makes a new revision, so that every process reads it anew. Work orders keep
    their Target SLA until they are written again. Raises Refused when no business day would be left.
    """
    if by is not None and not by.is_staff:
        raise NotAllowed(f"{by} may not change a business calendar")
    with transaction.atomic():
        before = ServiceTerritory.objects.select_for_update().filter(pk=territory.pk).first()
        if before:
            changed = bool(days or removed) or any(getattr(before, f) != getattr(territory, f) for f in CALENDAR)
            territory.revision = before.revision + changed
        territory.save()
        CalendarDay.objects.filter(territory=territory, pk__in=[day.pk for day in removed]).delete()
        for day in days:
            day.territory = territory
            day.save()
        _check(territory)
    return territory


def _check(territory: ServiceTerritory) -> None:
    try:
        targets.business_calendar(territory)
    except CalendarError as error:
        raise Refused(f"This is no business calendar: {error}.") from error
    finally:
        targets.forget_calendars()  # the revision is not committed yet
