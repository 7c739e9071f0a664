"""Reminders of near targets without an appointment, and of holds that are due to be resumed.

People get them in the site's business hours, once for each target and each hold.
"""

import datetime as dt
import zoneinfo
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce, Concat
from django.db.models.lookups import Exact
from django.utils import timezone

from sla import CalendarError
from workorders.dates import date_placeholder
from workorders.models import Hold, Notification, ServiceTerritory, WorkOrder
from workorders.models.needs import asks_for_a_visit
from workorders.models.notifications import Kind
from workorders.models.site_today import site_dates
from workorders.services.notifications.notices import Notice
from workorders.services.notifications.recipients import notify
from workorders.states import ACTIVE, Status
from workorders.targets.terms import business_calendar, load_calendars

OPENS, CLOSES = dt.time(9), dt.time(17)  # a site's business hours, on its business days
BATCH = 1000


def remind(now: dt.datetime | None = None) -> int:
    """Send the reminders that are due now; return for how many work orders."""
    now = now or timezone.now()
    near = WorkOrder.objects.filter(_near_their_target(now))
    near = near.annotate(once=_once("near", "target_on"))
    over = WorkOrder.objects.filter(_to_be_resumed(now)).annotate(resume_on=F("holds__resume_on"))
    over = over.annotate(once=_once("resume", "holds__resume_on"))
    return _notify_in_batches(near, _near, now) + _notify_in_batches(over, _over, now)


def _notify_in_batches(
    rows: QuerySet[WorkOrder], notice: Callable[[Any], Notice], now: dt.datetime
) -> int:
    """Notify batch by batch, with one transaction for each."""
    reminded = Notification.objects.filter(
        work_order=OuterRef("pk"), once__startswith=Concat(OuterRef("once"), Value("-"))
    )
    keys = list(rows.filter(~Exists(reminded)).order_by().values_list("pk", flat=True))
    for start in range(0, len(keys), BATCH):
        batch = rows.filter(pk__in=keys[start : start + BATCH]).select_related("site")
        notify([notice(row) for row in batch], at=now)
    return len(keys)


def _once(what: str, day: str) -> Concat:
    """The name under which each person is notified only once: of this day in this cycle, and as one
    of this partner.
    """
    facts = [Cast(field, TextField()) for field in (day, "cycle", "partner_id")]
    parts = [part for fact in facts for part in (Value("-"), fact)]
    return Concat(Value(what), *parts, output_field=TextField())


def _near_their_target(now: dt.datetime) -> Q:
    """Neither booked nor visited when the last business day before the target begins.

    Work with overdue parts does not count, nor paperwork alone.
    """
    due, places, days = Q(), set[ServiceTerritory](), set[dt.date]()
    for day, zones in _during_business_hours(now):
        at_work = dict(_territories_at_work(day))
        near = [
            Q(territory=territory, target_on__range=(day, last))
            for territory, last in at_work.items()
        ]
        if near:
            arrived = Q(parts_due_on=None) | Q(parts_due_on__gte=day)
            due |= Q(site__time_zone__in=zones) & arrived & reduce(or_, near)
            places, days = places | at_work.keys(), days | {day, *at_work.values()}
    if not due:
        return Q(pk__in=[])
    by_index = Q(territory__in=places, target_on__range=(min(days), max(days)))  # few, of a million
    idle = Q(status__in=ACTIVE, visited_on=None, proposed_target_on=None)
    unbooked = Exact(Coalesce("appointment", 0), 0)
    return by_index & idle & unbooked & due & asks_for_a_visit()


def _to_be_resumed(now: dt.datetime) -> Q:
    over = Q()
    for day, zones in _during_business_hours(now):
        over |= Q(site__time_zone__in=zones, holds__last=None, holds__resume_on__lte=day)
    if not over:
        return Q(pk__in=[])
    held = Hold.objects.filter(last=None, resume_on__isnull=False)  # few, of a million
    return Q(pk__in=held.order_by().values("work_order"), status=Status.ON_HOLD) & over


def _during_business_hours(now: dt.datetime) -> Iterator[tuple[dt.date, list[str]]]:
    """Each date on which it is between nine and five somewhere, with the time zones."""
    for day, zones in site_dates(now):
        open_now = [
            zone
            for zone in zones
            if OPENS <= now.astimezone(zoneinfo.ZoneInfo(zone)).time() < CLOSES
        ]
        if open_now:
            yield day, open_now


def _territories_at_work(day: dt.date) -> Iterator[tuple[ServiceTerritory, dt.date]]:
    """The territories with a business day on `day`, and their next one.

    Nobody is reminded where a calendar does not cover these days.
    """
    territories = list(ServiceTerritory.objects.all())
    load_calendars(territories)
    for territory in territories:
        with suppress(CalendarError):
            calendar = business_calendar(territory)
            if calendar.is_business_day(day):
                yield territory, calendar.add_business_days(day, 1)


def _near(row: Any) -> Notice:
    target = date_placeholder(row.target_on)
    text = f"The Target SLA is {target}, and no appointment is booked. Book one."
    return Notice(row, Kind.TARGET_NEAR, text, once=row.once)


def _over(row: Any) -> Notice:
    resume = date_placeholder(row.resume_on)
    text = f"The work was due to resume on {resume}, and is still on hold."
    return Notice(row, Kind.HOLD_OVER, text, once=row.once)
