"""The schedule: a week of visits by day and technician, with what to book and send back.

A visit is also available as a calendar file. On paper, the schedule is the sheet for one morning:
today's visits, or those of the first day shown.
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from django.conf import settings
from django.db.models import F, Q
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from portal.people.requests import Request
from workorders.fieldwork.calendar_invite import PreparedMessage, calendar_file, prepared_messages
from workorders.fieldwork.returns_and_reports import due_back
from workorders.forms.fields import iso_day
from workorders.models import Shipment, WorkOrder
from workorders.models.queries import WorkOrderQuerySet
from workorders.models.site_today import by_site_date, site_dates
from workorders.models.waiting import waits_for
from workorders.models.waits import of_need
from workorders.states import ShipmentStatus
from workorders.targets.due import Due, due_of
from workorders.targets.terms import load_calendars
from workorders.views.answers import list_view, work_order_view

WEEK = dt.timedelta(days=7)
DAY = dt.timedelta(days=1)
MOST = 200  # visits on a page
ASIDE = 20  # rows of what is to be booked, and of what is to be sent back


class ScheduledVisit(NamedTuple):
    work_order: WorkOrder
    prepared_messages: list[PreparedMessage]


class Group(NamedTuple):
    """One technician's visits on one day."""

    technician: str
    visits: list[ScheduledVisit]


class Day(NamedTuple):
    day: dt.date
    on_paper: bool
    groups: list[Group]


class Onward(NamedTuple):
    """Where the next page begins: its day, and its number among the pages of that day."""

    day: dt.date
    page: int

    @property
    def is_within_day(self) -> bool:
        return self.page > 1


class ShownDays(NamedTuple):
    """The seven days that are shown: from the given day, or from each site's own today."""

    first: dt.date | None
    now: dt.datetime

    @property
    def condition(self) -> Q:
        if self.first:
            return Q(appointment__on__range=(self.first, self.last))

        def within_a_week(today: dt.date) -> Q:
            return Q(appointment__on__range=(today, today + WEEK - DAY))

        return by_site_date(self.now, within_a_week)

    @property
    def last(self) -> dt.date | None:
        return self.first + WEEK - DAY if self.first else None

    @property
    def neighbours(self) -> tuple[dt.date, dt.date]:
        """Return the first days of the weeks before and after.

        When sites are on two different dates, the weeks overlap so that no day is skipped.
        """
        dates = [self.first] if self.first else [day for day, _ in site_dates(self.now)]
        return max(dates) - WEEK, min(dates) + WEEK

    def is_on_paper(self, day: dt.date, rows: Iterable[WorkOrder]) -> bool:
        if self.first:
            return day == self.first
        return any(row.site_today(self.now) == day for row in rows)


@list_view
def schedule(request: Request) -> HttpResponse:
    span = ShownDays(_first_day(request.GET.get("from", "")), timezone.now())
    mine = WorkOrder.objects.visible_to(request.user).filter(counts_as_open=True).with_facts()
    visits = mine.filter(span.condition).prefetch_related("line_items")
    order = ("appointment__on", "appointment__technician_name", "appointment__at", "pk")
    page = _page(request.GET.get("page", ""))
    rows = list(visits.order_by(*order)[page * MOST - MOST : page * MOST + 1])
    booked, onward = _cut(rows, page)
    days = list(_days(booked, span))
    before, after = span.neighbours
    context = {
        "span": span,
        "before": before,
        "after": after,
        "days": days,
        "nothing_on_paper": not any(day.on_paper for day in days),
        "onward": onward,
        **_to_be_booked(request, mine, span.now),
        **_to_be_sent_back(request, span.now),
    }
    return render(request, "work_orders/schedule.html", context)


def _first_day(text: str) -> dt.date | None:
    """Parse a day that has a week before it and after it."""
    day = iso_day(text)
    return day if day and dt.date.min + WEEK <= day <= dt.date.max - WEEK else None


def _page(text: str) -> int:
    """Parse the page number within a day that has more visits than fit on one page."""
    return max(1, int(text)) if re.fullmatch("[0-9]{1,4}", text) else 1


def _cut(booked: list[WorkOrder], page: int) -> tuple[list[WorkOrder], Onward | None]:
    """Keep what fits on the page, in whole days if there are several, and where the next begins."""
    if len(booked) <= MOST:
        return booked, None
    days = [row.appointment.on for row in booked if row.appointment]
    if days[0] == days[-1]:
        return booked[:MOST], Onward(days[-1], page + 1)
    return booked[: days.index(days[-1])], Onward(days[-1], 1)


def _days(visits: Iterable[WorkOrder], span: ShownDays) -> Iterator[Day]:
    """Group the visits by day and technician. They come sorted that way."""
    booked = [(row, row.appointment) for row in visits if row.appointment]
    for day, pairs in groupby(booked, key=lambda pair: pair[1].on):
        of_day = list(pairs)
        by_technician = groupby(of_day, key=lambda pair: pair[1].technician_name)
        groups = [
            Group(name, [ScheduledVisit(row, prepared_messages(row)) for row, _ in theirs])
            for name, theirs in by_technician
        ]
        yield Day(day, span.is_on_paper(day, [row for row, _ in of_day]), groups)


def _to_be_booked(request: Request, mine: WorkOrderQuerySet, now: dt.datetime) -> dict[str, object]:
    """List what Needs you counts as to be booked, the nearest target first."""
    waiting = mine.filter(waits_for(request.user, now).named(of_need("book")))
    rows = list(
        waiting.order_by(F("target_on").asc(nulls_last=True), "number_by_value")[: ASIDE + 1]
    )
    query = "needs=book" if request.user.may_dispatch else "sort=target"
    return {
        "shows_unbooked": request.user.may_dispatch or request.user.is_staff,
        "unbooked": [(work_order, due_of(work_order, now)) for work_order in rows[:ASIDE]],
        "all_unbooked": f"{reverse('work-orders')}?{query}" if len(rows) > ASIDE else "",
    }


def _to_be_sent_back(request: Request, now: dt.datetime) -> dict[str, object]:
    mine = Shipment.objects.visible_to(request.user)
    owed = mine.owed_back().filter(status=ShipmentStatus.ORDERED)
    facts = ("work_order__site", "work_order__territory")
    rows = list(owed.select_related(*facts).prefetch_related("parts")[: ASIDE + 1])
    load_calendars(shipment.work_order.territory for shipment in rows)
    return {"owed": [(row, _due(row, now)) for row in rows[:ASIDE]], "more_owed": len(rows) > ASIDE}


def _due(shipment: Shipment, now: dt.datetime) -> Due:
    return due_back(shipment, shipment.work_order, shipment.work_order.site_today(now))


@work_order_view()
def appointment_ics(request: Request, work_order: WorkOrder) -> HttpResponse:
    """Send the calendar file of the current appointment, or of the last one called off."""
    mine = work_order.appointments.filter(cycle=work_order.cycle)
    appointment = mine.for_calendar().order_by("pk").last()
    if appointment is None:
        raise Http404
    page = settings.PORTAL_BASE_URL + reverse("work-order", args=[work_order.number])
    content = calendar_file(work_order, appointment, list(work_order.line_items.all()), page)
    headers = {"Content-Disposition": f'attachment; filename="{work_order.number}.ics"'}
    return HttpResponse(content, content_type="text/calendar; charset=utf-8", headers=headers)
