"""The schedule: a week of visits by day and technician, what is still to be booked; each visit as a calendar file."""

import datetime as dt
from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.people.requests import Request
from workorders.forms.fields import iso_day
from workorders.invitations import calendar_file
from workorders.models import WorkOrder
from workorders.models.queries import site_dates
from workorders.states import OPEN, Status
from workorders.targets import due_of
from workorders.views.answers import work_order_view

DAYS = 7
MOST = 200  # visits on a page
UNBOOKED = 20


class Group(NamedTuple):
    """A technician's visits of a day."""

    technician: str
    visits: list[WorkOrder]


class Day(NamedTuple):
    day: dt.date
    groups: list[Group]


@require_safe
def schedule(request: Request) -> HttpResponse:
    now = timezone.now()
    first = iso_day(request.GET.get("from", "")) or min(day for day, _ in site_dates(now))
    last = first + dt.timedelta(days=DAYS - 1)
    mine = WorkOrder.objects.visible_to(request.user).filter(status__in=OPEN).with_facts()
    visits = mine.filter(appointment__on__range=(first, last)).prefetch_related("line_items")
    booked = list(visits.order_by("appointment__on", "appointment__technician_name", "appointment__at")[: MOST + 1])
    waiting = mine.filter(appointment=None).exclude(status__in=[Status.ASSIGNED, Status.ON_HOLD])
    unbooked = list(waiting.order_by("target_on", "number")[: UNBOOKED + 1])
    context = {
        "first": first,
        "last": last,
        "before": first - dt.timedelta(days=DAYS),
        "after": last + dt.timedelta(days=1),
        "days": list(_days(booked[:MOST])),
        "too_many": len(booked) > MOST,
        "unbooked": [(work_order, due_of(work_order, now)) for work_order in unbooked[:UNBOOKED]],
        "more_unbooked": len(unbooked) > UNBOOKED,
    }
    return render(request, "work_orders/schedule.html", context)


def _days(visits: Iterable[WorkOrder]) -> Iterable[Day]:
    """Those with an appointment, sorted by its day and technician."""
    booked = [(row, row.appointment) for row in visits if row.appointment]
    for day, of_day in groupby(booked, key=lambda pair: pair[1].on):
        by_technician = groupby(of_day, key=lambda pair: pair[1].technician_name)
        yield Day(day, [Group(name, [row for row, _ in pairs]) for name, pairs in by_technician])


@work_order_view()
def appointment_ics(request: Request, work_order: WorkOrder) -> HttpResponse:
    if work_order.appointment is None:
        raise Http404
    page = settings.PORTAL_BASE_URL + reverse("work-order", args=[work_order.number])
    content = calendar_file(work_order, work_order.appointment, list(work_order.line_items.all()), page)
    headers = {"Content-Disposition": f'attachment; filename="{work_order.number}.ics"'}
    return HttpResponse(content, content_type="text/calendar; charset=utf-8", headers=headers)
