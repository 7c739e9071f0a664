"""Work that its partner has not accepted for some business days (docs/rules.md, "Entering")."""

import datetime as dt

from django.conf import settings
from django.db.models import Q

from sla import BusinessCalendar, CalendarError
from workorders.models import ServiceTerritory, Wait
from workorders.models.site_today import by_site_date
from workorders.models.waits import of_need
from workorders.targets.terms import business_calendar, load_calendars

ONE_DAY = dt.timedelta(days=1)


def unaccepted(now: dt.datetime) -> Q:
    """Work to be accepted that was assigned ACCEPT_WITHIN_DAYS business days ago or earlier."""
    territories = list(ServiceTerritory.objects.all())
    load_calendars(territories)

    def long_ago(today: dt.date) -> Q:
        found = Q(pk=None)
        for territory in territories:
            if last := _last_assigned(territory, today):
                found |= Q(territory=territory.pk, assigned_on__lte=last)
        return found

    to_accept = Wait.objects.at(now).named(of_need("accept"))
    return to_accept & by_site_date(now, long_ago)


def _last_assigned(territory: ServiceTerritory, today: dt.date) -> dt.date | None:
    """The latest day since which so many business days have passed; None where no calendar says."""
    try:
        return _days_before(business_calendar(territory), today, settings.ACCEPT_WITHIN_DAYS)
    except CalendarError:
        return None


def _days_before(calendar: BusinessCalendar, day: dt.date, count: int) -> dt.date:
    while count:
        count -= calendar.is_business_day(day)
        day -= ONE_DAY
    return day
