"""Computes what follows from a work order's rows: start day, Target SLA and other fields, EDD."""

import datetime as dt
from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple

from sla import BusinessCalendar, CalendarError, Target, compute_target
from workorders.models import Hold, Shipment, WorkOrder
from workorders.states import StartWithoutParts, WaitsFor
from workorders.targets.terms import Terms, business_calendar, terms_of


class Start(NamedTuple):
    """The start day or what it waits for, and the deciding shipment (docs/rules.md, rule 2)."""

    day: dt.date | None
    waits_for: WaitsFor | None = None
    shipment: Shipment | None = None


def start_of(
    work_order: WorkOrder, shipments: Iterable[Shipment], terms: Terms | None = None
) -> Start:
    """The delivery of the last required part, else the day that the terms name.

    Without `terms`, those of the entitlement count (docs/rules.md, rule 2).
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
    """The earliest EDD of required parts under way, after which they are overdue (docs/rules.md,
    rule 2).
    """
    under_way = [s.estimated_delivery_on for s in shipments if s.decides and not s.is_delivered]
    return min(filter(None, under_way), default=None)


class PartsFields(NamedTuple):
    """Values for a work order's fields of the same names, in a later cycle."""

    parts_due_on: dt.date | None
    proposed_target_on: dt.date | None


def parts_fields(
    work_order: WorkOrder, shipments: Iterable[Shipment], known: Iterable[Shipment]
) -> PartsFields:
    """The parts that a later cycle waits for; when they have come, the target that is proposed in
    place of the one that staff set (docs/rules.md, rule 2).

    `known` are those that were required when the cycle's first visit began; all before that.
    """
    came_on, proposed = all_delivered_on(known), None
    if work_order.target_reason and came_on and came_on != work_order.known_delivery_on:
        with suppress(CalendarError):
            calendar = business_calendar(work_order.territory)
            proposed = target_of(terms_of(work_order.entitlement), calendar, came_on, ()).due_on
    is_news = proposed != work_order.target_on
    return PartsFields(parts_due_on(shipments), proposed if is_news else None)


def all_delivered_on(shipments: Iterable[Shipment]) -> dt.date | None:
    """The day on which the last required part came; None while one is under way."""
    deciding = [shipment for shipment in shipments if shipment.decides]
    if not all(shipment.is_delivered for shipment in deciding):
        return None
    return max((s.delivered_on for s in deciding if s.delivered_on), default=None)


def arrival_of(shipments: Iterable[Shipment]) -> dt.date | None:
    """The latest EDD of required parts under way; None without one."""
    under_way = [s.estimated_delivery_on for s in shipments if s.decides and not s.is_delivered]
    return max(filter(None, under_way), default=None)


def parts_awaited_on(
    work_order: WorkOrder, shipments: Iterable[Shipment], today: dt.date
) -> dt.date | None:
    """The day on which all required parts will be there.

    None when none are awaited, or when they are overdue, so that the day is not known.
    """
    arrival = arrival_of(shipments) if work_order.parts_required else None
    return arrival if arrival and arrival >= today else None


class TargetFields(NamedTuple):
    """Values for a work order's fields of the same names (docs/rules.md, rules 1, 2 and 5)."""

    start_on: dt.date | None
    target_on: dt.date | None
    waits_for: str
    parts_due_on: dt.date | None
    target_revision: int | None = None
    level_revision: int | None = None


def compute_target_fields(
    start: Start,
    parts_due_on: dt.date | None,
    holds: Iterable[Hold],
    *,
    calendar: BusinessCalendar,
    terms: Terms,
    revisions: tuple[int, int],
) -> TargetFields:
    """The target fields; `revisions` are those of the calendar and of the terms.

    Raises CalendarError when the target is outside the calendar.
    """
    if start.day is None:
        return TargetFields(None, None, start.waits_for or "", parts_due_on)
    target_on = target_of(terms, calendar, start.day, holds).due_on
    waits_for = "" if target_on else WaitsFor.HOLD
    return TargetFields(start.day, target_on, waits_for, parts_due_on, *revisions)


def target_fields_without_calendar(start: Start, parts_due_on: dt.date | None) -> TargetFields:
    """The target fields without a calendar to say which days count: no target, and why."""
    return TargetFields(start.day, None, start.waits_for or WaitsFor.CALENDAR, parts_due_on)


def target_of(
    terms: Terms, calendar: BusinessCalendar, start: dt.date, holds: Iterable[Hold]
) -> Target:
    """The target and its sum from the given start.

    Raises CalendarError when the target is outside the calendar.
    """
    stopping = [(hold.first, hold.last) for hold in holds if hold.stops_clock]
    return compute_target(terms.level, calendar, start=start, holds=stopping)


def computed_edd(
    pick_up_on: dt.date, transit_business_days: int, calendar: BusinessCalendar
) -> dt.date:
    """The EDD of a shipment whose carrier gives none. Raises CalendarError outside the calendar."""
    return calendar.add_business_days(pick_up_on, transit_business_days)


def target_after_hold(
    work_order: WorkOrder, holds: Iterable[Hold], today: dt.date, calendar: BusinessCalendar
) -> dt.date | None:
    """The target that staff set, moved by the business days on hold up to today.

    Resume proposes it (docs/rules.md, rule 5). None for a hold that began after the target.

    Raises CalendarError outside the calendar.
    """
    open_hold = next((hold for hold in holds if hold.stops_clock_now), None)
    target_on = work_order.target_on if work_order.target_reason else None
    if open_hold is None or target_on is None or open_hold.first > target_on:
        return None
    held = calendar.business_days_between(open_hold.first - dt.timedelta(days=1), today)
    return calendar.add_business_days(target_on, held) if held > 0 else None
