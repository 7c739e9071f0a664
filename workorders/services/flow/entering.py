"""Enters and updates work orders, whether staff type them or an import reads them."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.core.validators import slug_re
from django.db.models import Max

from portal.people.models import Partner, User
from portal.people.roles import Right
from workorders import permissions
from workorders.models import LineItem, Site, Station, WorkOrder
from workorders.models.ledger import Event
from workorders.services import saving
from workorders.services.errors import DomainError, NotAllowed
from workorders.services.flow.acceptance import ship_to_fields
from workorders.services.flow.doubts import ask_about
from workorders.services.flow.handing_over import hand_over
from workorders.services.locking import hold_rules
from workorders.services.transitions import follow_shipments, set_status
from workorders.services.unit_of_work import UnitOfWork, unit_of_work
from workorders.services.visits.site_clock import keep_clock
from workorders.services.waiting import keep_waits
from workorders.states import OPEN, Status, Verb

# the fields that a work order is entered with; the others follow from what happens to it
ENTERED = (
    "case_number",
    "subject",
    "description",
    "work_type",
    "partner",
    "site",
    "station",
    "territory",
    "entitlement",
    "parts_required",
    "images_required",
    "return_parts_required",
    "poc_name",
    "poc_phone",
    "poc_email",
    "second_poc_name",
    "second_poc_phone",
    "second_poc_email",
    "access_notes",
    "assigned_on",
)

# the fields of a line item that change with its description
OF_A_LINE_ITEM = (
    "description",
    "serial_required",
    "photo_required",
    "done_at",
    "done_by",
    "received_at",
    "note",
    "serial",
)
LINE_ITEM = re.compile(r"(.+?)((?: \[(?:serial|photo)\])*)", re.DOTALL)


def enter_work_order(
    number: str,
    values: Mapping[str, Any],
    *,
    line_items: Sequence[str] = (),
    accepted_on: dt.date | None = None,
    by: User | None,
    confirmed: str | None = None,
) -> WorkOrder:
    """Enter a new work order, Assigned or accepted on a day with the partner's default ship-to.

    `values` holds the fields of ENTERED. Raises DomainError with the field for invalid values, and
    Doubtful for what can hardly be meant, unless that is `confirmed` or nobody can be asked (None).
    """
    if by is not None and not by.may(Right.ENTER):
        raise NotAllowed(f"{by} may not enter work orders")
    if not slug_re.fullmatch(number):
        raise DomainError("Use only letters, digits, - and _ in a number.", "number")
    _check_place(values["site"], values["station"])
    ask_about(None, values, confirmed)
    with saving.together():
        entered = {field: values[field] for field in (*ENTERED, "follows") if field in values}
        work_order = WorkOrder(number=number, version=0, **entered | _rules(values))
        work = UnitOfWork(work_order, by)
        work.shipments, work.holds = [], []
        work.log(Event.CREATED)
        if accepted_on:
            _accept(work, accepted_on)
        work.retarget()
        work.refresh_search_text()
        work.save()
        _add_line_items(work_order, line_items)
        keep_waits(work_order)
    return work_order


def update_work_order(
    work_order: WorkOrder,
    values: Mapping[str, Any],
    *,
    line_items: Sequence[str] | None = None,
    accepted_on: dt.date | None = None,
    by: User | None,
    version: int | None = None,
    locked: bool = False,
    confirmed: str | None = None,
) -> WorkOrder:
    """Change the fields that a work order was entered with.

    `accepted_on` accepts a work order that is still Assigned, or corrects the day of acceptance.

    Raises DomainError for another partner after acceptance, and for a day of acceptance before the
    assignment; Doubtful as `enter_work_order` does.
    """
    with unit_of_work(work_order, Verb.EDIT, by=by, version=version, locked=locked) as work:
        row, zone = work.work_order, work.work_order.site.zone
        if row.accepted_on and "partner" in values and values["partner"] != row.partner:
            raise DomainError("The partner cannot change after acceptance.", "partner")
        _check_place(values.get("site", row.site), values.get("station", row.station))
        ask_about(row, values, confirmed)
        if "partner" in values and values["partner"] != row.partner:
            _change_partner(work, values["partner"])
        changed = {field: values[field] for field in ENTERED if field in values}
        changed = {field: value for field, value in changed.items() if getattr(row, field) != value}
        if "second_poc_name" in changed:
            work.set(second_poc_is_partners=False)
        work.set(**changed | _rules(changed))
        if accepted_on and accepted_on != row.accepted_on:
            _accept(work, accepted_on)
        elif row.accepted_on and row.accepted_on < row.assigned_on:
            raise DomainError("It was accepted before this day.", "assigned_on")
        steps_changed = line_items is not None and _replace_line_items(row, line_items)
        if changes := work.take_unlogged() | ({"line_items": None} if steps_changed else {}):
            work.log(Event.UPDATED, changes=changes)
            if "parts_required" in changes:
                follow_shipments(work)
            if "territory" in changes:
                work.recount_edds(Event.UPDATED.label)
            work.retarget()
            keep_clock(work, zone)
            work.refresh_search_text()
    return work.work_order


def next_number() -> str:
    """The next free number of the usual form, for a work order entered by hand."""
    usual = WorkOrder.objects.filter(number__regex=r"^WO-[0-9]{8}$")
    highest = usual.aggregate(highest=Max("number"))["highest"] or "WO-00100000"
    return f"WO-{int(highest.removeprefix('WO-')) + 1:08}"


def _accept(work: UnitOfWork, accepted_on: dt.date) -> None:
    """Record an acceptance outside the portal; parts go to the partner's default ship-to."""
    row = work.work_order
    if not row.assigned_on <= accepted_on <= work.latest_today:
        raise DomainError("The day must be from its assignment to today.", "accepted_on")
    if row.status == Status.ASSIGNED:
        partner: Partner = row.partner
        to = Status.SHIP_TO_RECEIVED if row.parts_required else Status.IN_PROGRESS
        set_status(work, to, accepted_on=accepted_on)
        if partner.ship_to:
            work.set(**ship_to_fields(partner.ship_to))
        work.log(Event.ACCEPTED)
    elif row.accepted_on and row.status in OPEN:
        if row.appointment and row.appointment.on < accepted_on:
            raise DomainError("There is an appointment before this day.", "accepted_on")
        if any(visit.on < accepted_on for visit in work.visits):
            raise DomainError("There was a visit before this day.", "accepted_on")
        work.set(accepted_on=accepted_on)
    else:
        raise DomainError(
            f"It can no longer be accepted: it is {Status(row.status).label}.", "accepted_on"
        )


def _change_partner(work: UnitOfWork, partner: Partner) -> None:
    """Change the partner as `reassign` does, from the same statuses."""
    if refusal := permissions.blocked_reason(work.work_order, Verb.REASSIGN, work.by):
        raise DomainError(refusal, "partner")
    hand_over(work, partner)


def _rules(values: Mapping[str, Any]) -> dict[str, Any]:
    """Territory and entitlement with their newest revisions, which are held.

    A form or an import may have read them before a change was approved.
    """
    rules = {field: values[field] for field in ("territory", "entitlement") if field in values}
    hold_rules(*([rules[f].pk] if f in rules else [] for f in ("territory", "entitlement")))
    return {
        field: saving.read_once((field, row.pk), partial(type(row).objects.get, pk=row.pk))
        for field, row in rules.items()
    }


def _check_place(site: Site, station: Station) -> None:
    if station.site_id != site.pk:
        raise DomainError(f"Station {station.serial} is at another site.", "station")


def _replace_line_items(work_order: WorkOrder, lines: Sequence[str]) -> bool:
    """Replace the line items, numbered from 1; return whether anything changed.

    One with the same number and description stays done.
    """
    existing = list(work_order.line_items.all())
    if [item.as_entered for item in existing] == list(lines):
        return False
    for item, line in zip(existing, lines, strict=False):
        entered = line_item(work_order, item.number, line)
        if item.description != entered.description:
            item.done_at = item.done_by = item.received_at = None
            item.note = item.serial = ""
        item.description, item.serial_required = entered.description, entered.serial_required
        item.photo_required = entered.photo_required
        saving.save(item, *OF_A_LINE_ITEM)
    saving.delete(work_order.line_items.filter(number__gt=len(lines)))
    _add_line_items(work_order, lines[len(existing) :], first=len(existing) + 1)
    return True


def _add_line_items(work_order: WorkOrder, lines: Sequence[str], first: int = 1) -> None:
    items = [line_item(work_order, number, line) for number, line in enumerate(lines, start=first)]
    saving.save_all_new(items)


def line_item(work_order: WorkOrder, number: int, line: str) -> LineItem:
    """A line item as entered.

    "Replace the cable [serial] [photo]" asks for the new part's serial and for a photo.
    """
    match = LINE_ITEM.fullmatch(line)
    description, marks = match.groups() if match else (line, "")
    return LineItem(
        work_order=work_order,
        number=number,
        description=description,
        serial_required="[serial]" in marks,
        photo_required="[photo]" in marks,
    )
