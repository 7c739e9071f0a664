"""Today: a technician's visits by the clock, with what is still open of earlier days."""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from portal.people.requests import Request
from workorders.models import Shipment, Visit, WorkOrder
from workorders.models.site_today import by_site_date
from workorders.permissions import can_now
from workorders.states import ShipmentStatus, Status, Verb
from workorders.targets.due import Due, due_of, visit_outcome_missing
from workorders.targets.terms import load_calendars
from workorders.views.answers import list_view

AHEAD = dt.timedelta(days=6)
MOST = 100  # visits on the page


class Slot(NamedTuple):
    """A visit, with what can be done about it now."""

    work_order: WorkOrder
    due: Due
    under_way: Visit | None
    may_start: bool
    is_first: bool = False  # its button is the filled one

    @property
    def on(self) -> dt.date:
        booked = self.work_order.appointment
        assert booked  # noqa: S101  a technician sees work that they are booked for
        return booked.on

    @property
    def is_done(self) -> bool:
        return not (self.under_way or self.may_start) and self.work_order.visited_on is not None


@list_view
def today(request: Request) -> HttpResponse:
    """Show a technician's day. Other people begin with the list."""
    if not request.user.is_technician:
        return redirect("work-orders")
    now = timezone.now()
    slots = list(_slots(request, now))
    context = {
        "today": slots[0].work_order.site_today(now) if slots else now.date(),
        "earlier": [slot for slot in slots if _days_ahead(slot, now) < 0],
        "slots": _first_filled([slot for slot in slots if _days_ahead(slot, now) == 0]),
        "later": [slot for slot in slots if _days_ahead(slot, now) > 0],
        "owed": Shipment.objects.visible_to(request.user)
        .owed_back()
        .filter(status=ShipmentStatus.ORDERED)
        .count(),
    }
    return render(request, "work_orders/today.html", context)


def _slots(request: Request, now: dt.datetime) -> Iterator[Slot]:
    """The visits from today on, and the open ones of earlier days that nobody has reported."""
    soon = by_site_date(now, lambda today: Q(appointment__on__range=(today, today + AHEAD)))
    unreported = Q(status__in=[Status.IN_PROGRESS, Status.ON_HOLD], appointment__at__lt=now)
    shown = Q(counts_as_open=True) & (soon | unreported) | soon & Q(status=Status.COMPLETED)
    rows = WorkOrder.objects.visible_to(request.user).filter(shown).with_facts()
    work_orders = list(rows.prefetch_related("visits").order_by("appointment__at", "pk")[:MOST])
    load_calendars(work_order.territory for work_order in work_orders)
    for work_order in work_orders:
        slot = _slot(request, work_order, now)
        if _days_ahead(slot, now) >= 0 or slot.under_way or _is_unreported(work_order, now):
            yield slot


def _slot(request: Request, work_order: WorkOrder, now: dt.datetime) -> Slot:
    visits = _visits(work_order)
    under_way = next((visit for visit in visits if visit.is_open), None)
    may_start = not visits and can_now(request.user, Verb.START_VISIT, work_order)
    return Slot(work_order, due_of(work_order, now), under_way, may_start)


def _visits(work_order: WorkOrder) -> list[Visit]:
    """What is known of the visit that is booked."""
    booked = work_order.appointment_id
    of_cycle = [visit for visit in work_order.visits.all() if visit.cycle == work_order.cycle]
    return [visit for visit in of_cycle if visit.appointment_id == booked or visit.is_open]


def _is_unreported(work_order: WorkOrder, now: dt.datetime) -> bool:
    of_cycle = [visit for visit in work_order.visits.all() if visit.cycle == work_order.cycle]
    return visit_outcome_missing(work_order, of_cycle, now)


def _days_ahead(slot: Slot, now: dt.datetime) -> int:
    return (slot.on - slot.work_order.site_today(now)).days


def _first_filled(slots: Iterable[Slot]) -> list[Slot]:
    """Fill the button of the visit that is under way, else of the next one."""
    shown = list(slots)
    waiting = [slot for slot in shown if slot.under_way] or [s for s in shown if s.may_start]
    return [slot._replace(is_first=slot in waiting[:1]) for slot in shown]
