"""What is read of parts beyond their delivery: what goes back and by when, what came damaged or did
not come.
"""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from django.conf import settings
from django.db.models import QuerySet

from portal.people.models import User
from sla import BusinessCalendar, CalendarError
from workorders.models import PartReport, Shipment, ShipmentPart, WorkOrder
from workorders.models.todos import old_parts_at_hand
from workorders.states import Direction, PartProblem, ShipmentKind, ShipmentStatus
from workorders.targets.due import Due, DueState, counted, late_text
from workorders.targets.terms import business_calendar

TERM = (
    10  # business days from the end of the work until its old or unused parts are to be sent back
)
SUFFIX = "-R"  # of the number of a return that nobody else has numbered


def back_number(number: str) -> str:
    return f"{number[: 30 - len(SUFFIX)]}{SUFFIX}"


def end_of_term(work_order: WorkOrder, day: dt.date) -> dt.date | None:
    """The last day to send back what is owed from that day on; None where the business calendar
    does not reach it.
    """
    try:
        return business_calendar(work_order.territory).add_business_days(day, TERM)
    except CalendarError:
        return None


def due_back(shipment: Shipment, work_order: WorkOrder, today: dt.date) -> Due:
    """How far away the day is by which a return is to be sent, in business days, as a target's
    distance is said.
    """
    due_on = shipment.return_due_on
    if shipment.is_delivered or shipment.is_void:
        not_owed = "not needed back" if shipment.is_waived else "no longer owed"
        return Due(due_on, DueState.DONE, "received" if shipment.is_delivered else not_owed)
    if not shipment.is_to_be_sent:
        return Due(due_on, DueState.FINE, "on its way back")
    if due_on is None:
        return Due(None, DueState.WAITING, "" if work_order.is_open else "as soon as you can")
    try:
        return _countdown(due_on, today, business_calendar(work_order.territory))
    except CalendarError:
        return Due(due_on, DueState.WAITING, "calendar does not reach so far")


def _countdown(due_on: dt.date, today: dt.date, calendar: BusinessCalendar) -> Due:
    days = calendar.business_days_between(today, due_on)
    if today > due_on:
        return Due(due_on, DueState.LATE, late_text(-days))
    if days == 0:
        return Due(due_on, DueState.NEAR, "send back today")
    return Due(
        due_on,
        DueState.NEAR if days == 1 else DueState.FINE,
        f"send back in {counted(days, 'business day')}",
    )


def returnable(work_order: WorkOrder, shipments: Iterable[Shipment]) -> list[Shipment]:
    """The returns that the partner can send: those entered, or for old parts that nobody has
    entered one of its own.
    """
    shipments = list(shipments)
    to_be_sent = [shipment for shipment in shipments if shipment.is_to_be_sent]
    settled = any((s.is_return and not s.is_void) or s.waives_old_parts for s in shipments)
    if to_be_sent or settled or not work_order.return_parts_required:
        return to_be_sent
    return [new_return(work_order, back_number(work_order.number))]


def unnumbered(work_order: WorkOrder, shipments: Iterable[Shipment]) -> Shipment | None:
    """The return of old parts that nobody has entered yet."""
    return next(
        (shipment for shipment in returnable(work_order, shipments) if shipment.pk is None), None
    )


def visited_without_a_return(user: User) -> QuerySet[WorkOrder]:
    """Work whose old parts are at hand without a return: `unnumbered` of one work order."""
    return (
        WorkOrder.objects.visible_to(user)
        .filter(old_parts_at_hand())
        .with_facts()
        .order_by("number")
    )


def new_return(work_order: WorkOrder, number: str) -> Shipment:
    """A return as it is before anything is known of it; not saved."""
    return Shipment(
        number=number,
        work_order=work_order,
        kind=ShipmentKind.RMA,
        direction=Direction.RETURN,
        required=False,
    )


def returns_owed(work_order: WorkOrder, shipments: Iterable[Shipment]) -> str:
    """What keeps the work from being completed, as a sentence: old parts go back, and none is sent
    yet.

    Where staff do not need a return back, those that are left decide.
    """
    shipments = list(shipments)
    sent = any(
        s.is_return and not s.is_void and s.status != ShipmentStatus.ORDERED for s in shipments
    )
    waived = any(s.waives_old_parts for s in shipments) and not any(
        s.is_to_be_sent for s in shipments
    )
    owed = work_order.return_parts_required and not sent and not waived
    return "The return of the old part is not sent." if owed else ""


class Reportable(NamedTuple):
    """A part that has been sent, and how many of it nobody has reported yet."""

    part: ShipmentPart
    left: int


def reportable(work_order: WorkOrder) -> list[Reportable]:
    """The parts under way or delivered that can be reported as damaged or missing."""
    return left_to_report(
        work_order.shipments.prefetch_related("parts"), work_order.part_reports.all()
    )


def left_to_report(
    shipments: Iterable[Shipment], reports: Iterable[PartReport]
) -> list[Reportable]:
    """`reportable` of all the shipments of a work order, in their order, and what is reported of
    them.
    """
    sent = [
        each for each in shipments if not each.is_return and each.status != ShipmentStatus.ORDERED
    ]
    reported: dict[tuple[int, str], int] = {}
    for report in reports:
        key = report.shipment_id, report.part_number
        reported[key] = reported.get(key, 0) + report.quantity
    found = []
    for part in (part for shipment in sent for part in shipment.parts.all()):
        key = part.shipment_id, part.part_number
        taken = min(part.quantity, reported.get(key, 0))
        reported[key] = reported.get(key, 0) - taken
        found += [Reportable(part, part.quantity - taken)] if taken < part.quantity else []
    return found


def unused_parts(shipment: Shipment, reports: Iterable[PartReport]) -> list[ShipmentPart]:
    """What came with a shipment, as parts of none: without those that are reported as missing."""
    missing: dict[str, int] = {}
    for report in reports:
        if report.shipment_id == shipment.pk and report.problem == PartProblem.MISSING:
            missing[report.part_number] = missing.get(report.part_number, 0) + report.quantity
    found = []
    for part in shipment.parts.all():
        taken = min(part.quantity, missing.get(part.part_number, 0))
        missing[part.part_number] = missing.get(part.part_number, 0) - taken
        if taken < part.quantity:
            number, quantity, about = part.part_number, part.quantity - taken, part.description
            found.append(ShipmentPart(part_number=number, quantity=quantity, description=about))
    return found


def state_of(report: PartReport) -> str:
    """What has come of a report, in words."""
    if report.is_open:
        return f"waiting for {settings.OPERATOR_NAME}"
    if report.replacement is None:
        return f"settled: “{report.settled_note}”"
    words = {ShipmentStatus.ORDERED: "is ordered", ShipmentStatus.SHIPPED: "is under way"}
    return f"replacement {report.replacement} {words.get(ShipmentStatus(report.replacement.status), 'has arrived')}"


def open_reports(work_order: WorkOrder) -> QuerySet[PartReport]:
    return work_order.part_reports.filter(settled_at=None).select_related("shipment")
