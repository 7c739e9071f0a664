"""What follows from a work order's rows: the day counted from, the Target SLA, the EDD, how far away a target is."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from django.utils import timezone

from sla import BusinessCalendar, CalendarError, Target, compute_target
from workorders.models import Hold, Shipment, Visit, WorkOrder
from workorders.rules import Terms, business_calendar, terms_of
from workorders.states import ENDED, StartWithoutParts, WaitsFor


class Start(NamedTuple):
    """The day that counting starts from, or what is waited for; the shipment that decides
    (docs/rules.md, rule 2).
    """

    day: dt.date | None
    waits_for: WaitsFor | None = None
    shipment: Shipment | None = None


def start_of(work_order: WorkOrder, shipments: Iterable[Shipment], terms: Terms | None = None) -> Start:
    """Delivery of the last required part, else the day that the entitlement, or the given terms,
    name (docs/rules.md, rule 2).
    """
    if work_order.parts_required:
        return start_with_parts(shipments)
    terms = terms or terms_of(work_order.entitlement)
    return start_without_parts(terms, work_order.assigned_on, work_order.accepted_on)


def start_with_parts(shipments: Iterable[Shipment]) -> Start:
    deciding = [shipment for shipment in shipments if shipment.decides]
    undated = [shipment for shipment in deciding if not delivery_day(shipment)]
    if undated or not deciding:
        return Start(None, WaitsFor.DELIVERY, undated[0] if undated else None)
    last = max(deciding, key=lambda shipment: delivery_day(shipment) or dt.date.min)
    return Start(delivery_day(last), None, last)


def start_without_parts(terms: Terms, assigned_on: dt.date, accepted_on: dt.date | None) -> Start:
    day = accepted_on if terms.start_without_parts == StartWithoutParts.ACCEPTED else assigned_on
    return Start(day, None if day else WaitsFor.ACCEPTANCE)


def delivery_day(shipment: Shipment) -> dt.date | None:
    return shipment.delivered_on or shipment.estimated_delivery_on


def parts_due_on(shipments: Iterable[Shipment]) -> dt.date | None:
    """The earliest EDD among the required parts still under way: after it they are overdue
    (docs/rules.md, rule 2).
    """
    under_way = [s.estimated_delivery_on for s in shipments if s.decides and not s.is_delivered]
    return min(filter(None, under_way), default=None)


def arrival_of(shipments: Iterable[Shipment]) -> dt.date | None:
    """The day on which the last required part still under way is due; None when none is, or none has an EDD."""
    under_way = [s.estimated_delivery_on for s in shipments if s.decides and not s.is_delivered]
    return max(filter(None, under_way), default=None)


def parts_awaited_on(work_order: WorkOrder, shipments: Iterable[Shipment], today: dt.date) -> dt.date | None:
    """The day before which a visit finds no parts; None when none are awaited, or overdue: it is not known any more."""
    arrival = arrival_of(shipments) if work_order.parts_required else None
    return arrival if arrival and arrival >= today else None


class Standing(NamedTuple):
    """What follows from the rest of a work order: the fields of the same names
    (docs/rules.md, rules 1, 2 and 5).
    """

    start_on: dt.date | None
    target_on: dt.date | None
    waits_for: str
    parts_due_on: dt.date | None
    target_revision: int | None = None
    level_revision: int | None = None


def standing(
    start: Start,
    parts_due_on: dt.date | None,
    holds: Iterable[Hold],
    calendar: BusinessCalendar,
    terms: Terms,
    revisions: tuple[int, int],
) -> Standing:
    """The Target SLA and what belongs to it; `revisions` are those of the calendar and the terms.

    Raises CalendarError when the calendar does not reach so far.
    """
    if start.day is None:
        return Standing(None, None, start.waits_for or "", parts_due_on)
    target_on = target_of(terms, calendar, start.day, holds).due_on
    return Standing(start.day, target_on, "" if target_on else WaitsFor.HOLD, parts_due_on, *revisions)


def without_calendar(start: Start, parts_due_on: dt.date | None) -> Standing:
    """The standing while no calendar says which days count: no target, and why."""
    return Standing(start.day, None, start.waits_for or WaitsFor.CALENDAR, parts_due_on)


def target_of(terms: Terms, calendar: BusinessCalendar, start: dt.date, holds: Iterable[Hold]) -> Target:
    """The target and its sum, from the given start. Raises CalendarError when the calendar does not reach it."""
    stopping = [(hold.first, hold.last) for hold in holds if hold.stops_clock]
    return compute_target(terms.level, calendar, start=start, holds=stopping)


def computed_edd(pick_up_on: dt.date, transit_business_days: int, calendar: BusinessCalendar) -> dt.date:
    """The EDD of a shipment whose carrier names none. Raises CalendarError outside the calendar."""
    return calendar.add_business_days(pick_up_on, transit_business_days)


def business_days_late(work_order: WorkOrder, day: dt.date) -> int:
    """Business days in (target, day]: the amount of lateness of an appointment or of today. There must be a target."""
    if work_order.target_on is None:
        raise ValueError(f"{work_order} has no target")
    return business_calendar(work_order.territory).business_days_between(work_order.target_on, day)


def judged_visit(work_order: WorkOrder, visits: Iterable[Visit]) -> tuple[dt.date | None, dt.date | None]:
    """The day of this cycle's first visit; and the target that its booking for that very day was in
    time for (docs/rules.md, rule 6).

    The fields `visited_on` and `visit_judged_by`.
    """
    first = min((v for v in visits if v.cycle == work_order.cycle), key=lambda v: v.began_at, default=None)
    if first is None:
        return None, None
    stands = first.appointment_id == work_order.appointment_id
    booked = work_order.appointment if stands else first.appointment
    in_time = booked and booked.on == first.on and booked.judged_by and booked.on <= booked.judged_by
    return first.on, booked.judged_by if booked and in_time else None


def visit_is_late_by(target_on: dt.date | None, visited_on: dt.date, judged_by: dt.date | None) -> bool:
    return target_on is not None and visited_on > target_on and judged_by is None


def needs_reason(work_order: WorkOrder) -> bool:
    """Booked while there was no target, and found late when it came, and no visit in time since
    (docs/rules.md, rule 6).
    """
    standing, target_on = work_order.appointment, work_order.current_target_on
    if standing is None or standing.judged_by or not standing.is_late_by(target_on):
        return False
    visited_on = work_order.visited_on
    return visited_on is None or visit_is_late_by(target_on, visited_on, work_order.visit_judged_by)


def went_unsaid(work_order: WorkOrder, visits: Iterable[Visit], now: dt.datetime) -> bool:
    """The booked time has passed, and nobody has said how it went: no visit for it, nor one on its day or later, and
    none is under way.
    """
    booked = work_order.appointment
    if booked is None or booked.at >= now:
        return False
    return not any(visit.is_open or visit.appointment_id == booked.pk or visit.on >= booked.on for visit in visits)


class Due(NamedTuple):
    """What the target means today: `state` is late, near, fine, waiting or done; `text` says it in words.

    The template tag `distance` writes it, and behind it since when required parts are overdue
    (docs/rules.md, rule 2).
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
    if work_order.status in ENDED or (work_order.outcome_days_late is not None and not work_order.target_reason):
        return outcome_of_first_cycle(work_order)
    due = _open(work_order, today)
    return due._replace(overdue_since=work_order.parts_due_on) if is_overdue(work_order, today) else due


def _open(work_order: WorkOrder, today: dt.date) -> Due:
    target_on, appointment = work_order.target_on, work_order.appointment
    if target_on is None:
        return Due(None, "waiting", WaitsFor(work_order.waits_for or WaitsFor.DELIVERY).label)
    if visited_on := work_order.visited_on:
        if visit_is_late_by(target_on, visited_on, work_order.visit_judged_by):
            return Due(target_on, "late", f"visited {late_text(business_days_late(work_order, visited_on))}")
        return Due(target_on, "fine", "visited in time")
    if appointment and appointment.is_late_by(target_on):
        return Due(target_on, "late", late_text(business_days_late(work_order, appointment.on)))
    if not appointment and is_overdue(work_order, today):
        return Due(target_on, "near", "")  # not late as long as the parts are
    if appointment:
        return Due(target_on, "fine", "booked in time")
    if today > target_on:
        return Due(target_on, "late", late_text(business_days_late(work_order, today)))
    return _ahead(target_on, -business_days_late(work_order, today))


def outcome_of_first_cycle(work_order: WorkOrder) -> Due:
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
    """A required part is undelivered after its EDD (docs/rules.md, rule 2)."""
    return work_order.parts_due_on is not None and work_order.parts_due_on < today


def late_text(days: int) -> str:
    """How late, in words: a date on the weekend behind the target is late, but by no whole business day."""
    return f"{counted(days, 'business day')} late" if days else "late, by less than a business day"


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
