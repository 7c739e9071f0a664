"""Between rows and `sla` values: business calendars, the Target SLA, the EDD, and how far away a target is."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from django.utils import timezone

from sla import BusinessCalendar, CalendarError, ServiceLevel, Target, compute_target
from workorders.models import CalendarDay, Hold, ServiceTerritory, Shipment, WorkOrder
from workorders.states import ENDED, StartWithoutParts, WaitsFor

_calendars: dict[int, tuple[int, BusinessCalendar]] = {}  # by territory, with the revision it was made of


def business_calendar(territory: ServiceTerritory) -> BusinessCalendar:
    """The territory's calendar at its revision. Raises CalendarError when its rows leave no business day."""
    load_calendars([territory])
    return _calendars[territory.pk][1]


def load_calendars(territories: Iterable[ServiceTerritory]) -> None:
    """Have the calendars of all these territories at hand: one query at most, none while their revisions stand."""
    missing = {t.pk: t for t in territories if _calendars.get(t.pk, (0,))[0] != t.revision}
    if not missing:
        return
    days: dict[int, list[CalendarDay]] = {pk: [] for pk in missing}
    for day in CalendarDay.objects.filter(territory__in=missing):
        days[day.territory_id].append(day)
    for pk, territory in missing.items():
        _calendars[pk] = (territory.revision, _calendar_of(territory, days[pk]))


def forget_calendars() -> None:
    _calendars.clear()


def _calendar_of(territory: ServiceTerritory, days: list[CalendarDay]) -> BusinessCalendar:
    return BusinessCalendar(
        closed={day.day: day.name for day in days if not day.worked},
        worked={day.day: day.name for day in days if day.worked},
        weekend=frozenset(territory.weekend),
        first=territory.first,
        last=territory.last,
    )


class Start(NamedTuple):
    """The day that counting starts from (rule 2). Without a day: what is waited for; the shipment that decides."""

    day: dt.date | None
    waits_for: WaitsFor | None = None
    shipment: Shipment | None = None


def start_of(work_order: WorkOrder, shipments: Iterable[Shipment]) -> Start:
    """Rule 2: delivery of the last required part, else the day that the entitlement names."""
    if not work_order.parts_required:
        accepted = work_order.entitlement.start_without_parts == StartWithoutParts.ACCEPTED
        day = work_order.accepted_on if accepted else work_order.assigned_on
        return Start(day, None if day else WaitsFor.ACCEPTANCE)
    deciding = [shipment for shipment in shipments if shipment.decides]
    undated = [shipment for shipment in deciding if not delivery_day(shipment)]
    if undated or not deciding:
        return Start(None, WaitsFor.DELIVERY, undated[0] if undated else None)
    last = max(deciding, key=lambda shipment: delivery_day(shipment) or dt.date.min)
    return Start(delivery_day(last), None, last)


def delivery_day(shipment: Shipment) -> dt.date | None:
    return shipment.delivered_on or shipment.estimated_delivery_on


def parts_due_on(shipments: Iterable[Shipment]) -> dt.date | None:
    """The earliest EDD among the required parts still under way: after it they are overdue (rule 2)."""
    under_way = [s.estimated_delivery_on for s in shipments if s.decides and not s.is_delivered]
    return min(filter(None, under_way), default=None)


def target_of(work_order: WorkOrder, start: dt.date, holds: Iterable[Hold]) -> Target:
    """The target and its sum, from the given start. Raises CalendarError when the calendar does not reach it."""
    return compute_target(
        ServiceLevel(business_days=work_order.entitlement.business_days),
        business_calendar(work_order.territory),
        start=start,
        holds=[(hold.first, hold.last) for hold in holds if hold.stops_clock],
    )


def computed_edd(pick_up_on: dt.date, transit_business_days: int, territory: ServiceTerritory) -> dt.date:
    """The EDD of a shipment whose carrier names none. Raises CalendarError outside the calendar."""
    return business_calendar(territory).add_business_days(pick_up_on, transit_business_days)


def business_days_late(work_order: WorkOrder, day: dt.date) -> int:
    """Business days in (target, day]: the amount of lateness of an appointment or of today. There must be a target."""
    if work_order.target_on is None:
        raise ValueError(f"{work_order} has no target")
    return business_calendar(work_order.territory).business_days_between(work_order.target_on, day)


class Due(NamedTuple):
    """What the target means today: `state` is late, near, fine, waiting or done; `text` says it in words.

    The template tag `distance` writes it, and behind it since when required parts are overdue (rule 2).
    """

    on: dt.date | None
    state: str
    text: str
    overdue_since: dt.date | None = None


def due_of(work_order: WorkOrder, now: dt.datetime | None = None) -> Due:
    """How far away the target is, in business days at the site. Asks the database nothing once calendars are loaded."""
    try:
        return _due(work_order, work_order.site_today(now or timezone.now()))
    except CalendarError:
        return Due(work_order.target_on, "waiting", "calendar does not reach so far")


def _due(work_order: WorkOrder, today: dt.date) -> Due:
    if work_order.outcome_days_late is not None or work_order.status in ENDED:
        return _outcome(work_order)
    due = _open(work_order, today)
    return due._replace(overdue_since=work_order.parts_due_on) if is_overdue(work_order, today) else due


def _open(work_order: WorkOrder, today: dt.date) -> Due:
    target_on, appointment = work_order.target_on, work_order.appointment
    if target_on is None:
        return Due(None, "waiting", WaitsFor(work_order.waits_for or WaitsFor.DELIVERY).label)
    if appointment and appointment.is_late_by(target_on):
        return Due(target_on, "late", late_text(business_days_late(work_order, appointment.on)))
    if not appointment and is_overdue(work_order, today):
        return Due(target_on, "near", "")  # not late as long as the parts are
    if appointment:
        return Due(target_on, "fine", "booked in time")
    if today > target_on:
        return Due(target_on, "late", late_text(business_days_late(work_order, today)))
    return _ahead(target_on, -business_days_late(work_order, today))


def _outcome(work_order: WorkOrder) -> Due:
    target_on, judged_on = work_order.outcome_target_on, work_order.outcome_on
    if target_on is None or judged_on is None:
        return Due(work_order.target_on, "done", "")
    if judged_on <= target_on:
        return Due(target_on, "done", "met")
    days = work_order.outcome_days_late
    return Due(target_on, "late", f"missed by {counted(days, 'business day') if days else 'less than a business day'}")


def _ahead(target_on: dt.date, days: int) -> Due:
    if days == 0:
        return Due(target_on, "near", "last day: today")
    return Due(target_on, "near" if days == 1 else "fine", f"in {counted(days, 'business day')}")


def is_overdue(work_order: WorkOrder, today: dt.date) -> bool:
    """A required part is undelivered after its EDD (rule 2)."""
    return work_order.parts_due_on is not None and work_order.parts_due_on < today


def late_text(days: int) -> str:
    """How late, in words: a date on the weekend behind the target is late, but by no whole business day."""
    return f"{counted(days, 'business day')} late" if days else "late, by less than a business day"


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
