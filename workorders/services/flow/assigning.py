"""Reassigns work that nobody has accepted, and issues follow-ons after Could Not Complete."""

import datetime as dt

from portal.people.models import Partner, User
from workorders.models import WorkOrder
from workorders.models.assignments import SECOND_POC
from workorders.models.ledger import Event
from workorders.services.errors import DomainError, InvalidState
from workorders.services.flow.entering import ENTERED, enter_work_order
from workorders.services.flow.handing_over import hand_over
from workorders.services.unit_of_work import unit_of_work
from workorders.states import Verb


def reassign(
    work_order: WorkOrder,
    *,
    partner: Partner,
    assigned_on: dt.date,
    note: str = "",
    by: User,
    version: int | None = None,
) -> WorkOrder:
    """Give work that nobody has accepted to another partner, Assigned on a new day.

    The new partner sees nothing of what the earlier one has entered; an earlier delay counts for
    the earlier partner.

    Raises DomainError for the same partner, and for a day in the future or before the work order
    was entered.
    """
    with unit_of_work(work_order, Verb.REASSIGN, by=by, version=version) as work:
        row = work.work_order
        if row.accepted_on:
            raise InvalidState(
                f"{row.partner} has accepted it: cancel it, or issue a follow-on work order."
            )
        if partner == row.partner:
            raise DomainError(f"{partner} already has it.", "partner")
        if not row.assigned_on <= assigned_on <= work.latest_today:
            raise DomainError("Choose a day from its first assignment to today.", "assigned_on")
        hand_over(work, partner, note=note, assigned_on=assigned_on)
    return work.work_order


def issue_follow_on(
    work_order: WorkOrder,
    number: str,
    *,
    partner: Partner,
    assigned_on: dt.date,
    by: User,
    confirmed: str | None = None,
    version: int | None = None,
) -> WorkOrder:
    """Issue a new work order for the same task after Could Not Complete; both refer to each other.

    Raises InvalidState when there is one already, and what `enter_work_order` raises.
    """
    with unit_of_work(work_order, Verb.ISSUE_FOLLOW_ON, by=by, version=version) as work:
        row = work.work_order
        if follow_on := WorkOrder.objects.filter(follows=row).first():
            raise InvalidState(f"It already has a follow-on, {follow_on}.")
        if assigned_on > work.latest_today:
            raise DomainError("Choose today or an earlier day.", "assigned_on")
        values = {field: getattr(row, field) for field in ENTERED}
        values |= {"partner": partner, "assigned_on": assigned_on, "follows": row}
        if row.second_poc_is_partners:
            values |= dict.fromkeys(SECOND_POC, "")
        line_items = [item.as_entered for item in row.line_items.all()]
        issued = enter_work_order(number, values, line_items=line_items, by=by, confirmed=confirmed)
        work.log(Event.FOLLOW_ON_ISSUED, note=issued.number)
    return issued
