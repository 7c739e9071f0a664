"""Reads of parts after delivery: what goes back and by when, what is damaged or missing."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from django.conf import settings
from django.db.models import QuerySet

from portal.people.models import User
from sla import BusinessCalendar, CalendarError
from workorders.models import PartReport, Shipment, ShipmentPart, WorkOrder
from workorders.models.needs import old_parts_at_hand
from workorders.states import Direction, PartProblem, ShipmentKind, ShipmentStatus
from workorders.targets.due import Due, DueState, ahead, late_text
from workorders.targets.terms import business_calendar

TERM = 10  # business days after the end of the work for sending back old or unused parts
TERM_IN_WORDS = "ten business days after the work is completed"
SUFFIX = "-R"  # ends the number of a return that only the portal has numbered


def back_number(number: str) -> str:
    return f"{number[: 30 - len(SUFFIX)]}{SUFFIX}"


def end_of_term(work_order: WorkOrder, day: dt.date) -> dt.date | None:
    """The last day to send back what is owed since `day`; None beyond the business calendar."""
    try:
        return business_calendar(work_order.territory).add_business_days(day, TERM)
    except CalendarError:
        return None


def due_back(shipment: Shipment, work_order: WorkOrder, today: dt.date) -> Due:
    """How far away the due date of a return is, in business days, as for a target."""
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
        return Due(due_on, DueState.WAITING, "beyond the business calendar")


def undated(shipment: Shipment, work_order: WorkOrder) -> str:
    """What is shown where a return has no day to be sent by."""
    if shipment.is_waived:
        return "not needed"
    return TERM_IN_WORDS if work_order.is_open else "no date"


def _countdown(due_on: dt.date, today: dt.date, calendar: BusinessCalendar) -> Due:
    days = calendar.business_days_between(today, due_on)
    if today > due_on:
        return Due(due_on, DueState.LATE, late_text(-days))
    return ahead(due_on, days, words="send back in", on_the_day="send back today")


def returnable(work_order: WorkOrder, shipments: Iterable[Shipment]) -> list[Shipment]:
    """The returns that the partner can send: those entered, else a new one for old parts."""
    shipments = list(shipments)
    to_be_sent = [shipment for shipment in shipments if shipment.is_to_be_sent]
    settled = any((s.is_return and not s.is_void) or s.waives_old_parts for s in shipments)
    if to_be_sent or settled or not work_order.return_parts_required:
        return to_be_sent
    return [new_return(work_order, back_number(work_order.number))]


def unnumbered(work_order: WorkOrder, shipments: Iterable[Shipment]) -> Shipment | None:
    """The return of old parts that nobody has entered yet."""
    returns = returnable(work_order, shipments)
    return next((shipment for shipment in returns if shipment.pk is None), None)


def visited_without_a_return(user: User) -> QuerySet[WorkOrder]:
    """Work with old parts at hand but no return, as `unnumbered` finds for one work order."""
    rows = WorkOrder.objects.visible_to(user).filter(old_parts_at_hand())
    return rows.with_facts().order_by("number_by_value")


def new_return(work_order: WorkOrder, number: str) -> Shipment:
    """A return that nothing is known of yet, not saved."""
    return Shipment(
        number=number,
        work_order=work_order,
        kind=ShipmentKind.RMA,
        direction=Direction.RETURN,
        required=False,
    )


def returns_owed(work_order: WorkOrder, shipments: Iterable[Shipment]) -> str:
    """A sentence if old parts must go back before completion and none has been sent.

    Where staff have waived a return, the remaining ones decide.
    """
    returns = [each for each in shipments if each.is_return]
    sent = any(not each.is_void and each.status != ShipmentStatus.ORDERED for each in returns)
    unsent = any(each.is_to_be_sent for each in returns)
    waived = not unsent and any(each.waives_old_parts for each in returns)
    owed = work_order.return_parts_required and not sent and not waived
    return "The old part has not been sent back." if owed else ""


class Reportable(NamedTuple):
    """A part that was sent, and how many of it have not been reported."""

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
    """`reportable` for a work order's shipments, in their order, and its reports."""
    sent = [each for each in shipments if each.was_sent_out]
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
    """New, unsaved parts for what came with a shipment, without those reported as missing."""
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
    """What has become of a report, in words."""
    if report.is_open:
        return f"waiting for {settings.OPERATOR_NAME}"
    if report.replacement is None:
        return f"settled: “{report.settled_note}”"
    words = {
        ShipmentStatus.ORDERED: "is ordered",
        ShipmentStatus.SHIPPED: "is under way",
        ShipmentStatus.DELIVERED: "has arrived",
    }
    status = ShipmentStatus(report.replacement.status)
    return f"replacement {report.replacement} {words[status]}"


def open_reports(work_order: WorkOrder) -> QuerySet[PartReport]:
    return work_order.part_reports.filter(settled_at=None).select_related("shipment")
