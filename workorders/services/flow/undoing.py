"""Undoes the last step: restores the fields from the ledger, which gets a new entry."""

import datetime as dt
from typing import Any, cast

from django.db.models import Field, Model

from portal.people.models import User
from workorders.models import LedgerEntry, WorkOrder
from workorders.models.ledger import Event, LedgerChanges
from workorders.permissions import goes_on_as
from workorders.services.errors import InvalidState, require_reason
from workorders.services.flow.beginning import unsay_when_it_began
from workorders.services.judging import let_count, reason_that_counts
from workorders.services.parts.returns import follow_end
from workorders.services.transitions import follow_shipments, set_status
from workorders.services.unit_of_work import UnitOfWork, unit_of_work
from workorders.services.visits.site_clock import return_taps
from workorders.states import Status, Verb

UNDOABLE = frozenset(
    {
        Event.ACCEPTED,
        Event.PARTS_ORDERED,
        Event.SHIPMENT_UPDATED,
        Event.PARTS_RECEIVED,
        Event.COMPLETED,
        Event.COULD_NOT_COMPLETE,
        Event.SENT_BACK,
        Event.CLOSED,
        Event.CANCELED,
    }
)
ANSWERED_OTHERWISE = {
    Event.HELD: "The last step put the work order on hold: resume it instead.",
    Event.RESUMED: "The last step resumed the work order: put it on hold again instead.",
    Event.TARGET_SET: "The last step set a target for this cycle: set another one instead.",
    Event.SHIPMENT_ADDED: "The last step added a shipment: correct that shipment instead.",
    Event.REASSIGNED: "The last step gave the work to this partner: reassign it again instead.",
}
STEPS = UNDOABLE | ANSWERED_OTHERWISE.keys()


def last_step(work_order: WorkOrder) -> list[LedgerEntry]:
    """The ledger entries of the last step that has not been undone; empty if there is none."""
    entries = list(work_order.ledger.select_related("shipment"))
    undone = {entry.changes["step"][0] for entry in entries if entry.event == Event.UNDONE}
    versions = [e.version for e in entries if e.event in STEPS and e.version not in undone]
    return [entry for entry in entries if versions and entry.version == max(versions)]


def instead_of_undoing(work_order: WorkOrder, step: list[LedgerEntry]) -> str:
    """What to do instead where this step cannot be undone; empty where it can.

    A target set as the work was sent back goes with that.
    """
    sent_back = any(entry.event == Event.SENT_BACK for entry in step)
    for entry in step:
        if sent_back and entry.event == Event.TARGET_SET:
            continue
        if entry.event in ANSWERED_OTHERWISE:
            return ANSWERED_OTHERWISE[Event(entry.event)]
        if entry.event == Event.COULD_NOT_COMPLETE and (other := goes_on_as(work_order)):
            return f"{other} is its follow-on: cancel that one first."
    return ""


def undo_last_step(
    work_order: WorkOrder, *, note: str, by: User, version: int | None = None
) -> WorkOrder:
    """Undo the last step, with a note.

    Raises InvalidState when there is none, or when it cannot be undone like this.
    """
    require_reason(note)
    with unit_of_work(work_order, Verb.UNDO, by=by, version=version) as work:
        _undo(work, note)
    return work.work_order


def take_back_completed(
    work_order: WorkOrder, *, by: User, version: int | None = None
) -> WorkOrder:
    """Take back Completed, just pressed by this person (docs/rules.md, "Who may do what")."""
    with unit_of_work(work_order, Verb.TAKE_BACK, by=by, version=version) as work:
        _undo(work, note="")
    return work.work_order


def _undo(work: UnitOfWork, note: str) -> None:
    step = last_step(work.work_order)
    _check(work, step)
    for entry in reversed(step):
        _restore(work, entry)
    if work.work_order.is_open:
        return_taps(work)
        # one given as the work ended counts no more
        let_count(work.work_order, reason_that_counts(work.work_order, work.visits))
    else:
        _restore_edds(work, step)
    work.follow_visits()
    work.log(Event.UNDONE, note=note, changes=work.take_unlogged() | _undone(step))
    _follow(work)


def _follow(work: UnitOfWork) -> None:
    """Let what has happened since the step count, as it would have without the step."""
    if work.work_order.is_open:
        work.recount_edds(work.entries[0].title)
    follow_shipments(work)
    follow_end(work)
    work.retarget()


def _check(work: UnitOfWork, step: list[LedgerEntry]) -> None:
    if not step:
        raise InvalidState("There is no step to undo.")
    if any(visit.is_open for visit in work.visits):
        raise InvalidState("A visit is under way. End it first.")
    made = any(visit.cycle == work.work_order.cycle for visit in work.visits)
    if made and any(entry.event in (Event.ACCEPTED, Event.SENT_BACK) for entry in step):
        raise InvalidState("There has been a visit since.")
    if sentence := instead_of_undoing(work.work_order, step):
        raise InvalidState(sentence)
    for entry in step:
        if entry.event == Event.ACCEPTED and work.work_order.appointment_id:
            raise InvalidState("An appointment is booked, which needs the acceptance.")
        if "parts" in entry.changes:
            raise InvalidState(
                "The last step changed the parts of a shipment: correct that shipment instead."
            )


def _restore(work: UnitOfWork, entry: LedgerEntry) -> None:
    """Restore what the entry says of; what was computed is computed again instead."""
    match entry.event:
        case Event.TARGET_MOVED | Event.EDD_FOLLOWED | Event.REASON_GIVEN:
            return
        case Event.VISIT_ENTERED:
            unsay_when_it_began(work)
        case Event.VISIT_ENDED:
            _reopen_visit(work)
        case Event.LINE_ITEM_UNDONE:
            _restore_line_item(work, entry)
        case _ if entry.shipment:
            _restore_shipment(work, entry)
        case _:
            _restore_work_order(work, entry)
    if entry.event == Event.COMPLETED:
        work.work_order.outcomes.filter(cycle=work.work_order.cycle).delete()


def _restore_work_order(work: UnitOfWork, entry: LedgerEntry) -> None:
    old = _old_values(work.work_order, entry)
    if old.get("status") == Status.ON_HOLD:
        _reopen_hold(work)
    if "status" in old:
        set_status(work, Status(old.pop("status")), **old)
    else:
        work.set(**old)


def _reopen_hold(work: UnitOfWork) -> None:
    """Reopen the hold that the undone step ended: the last one entered, whatever its days."""
    hold = max(work.holds, key=lambda hold: hold.pk)
    hold.last = None
    hold.save(update_fields=["last"])


def _reopen_visit(work: UnitOfWork) -> None:
    """Reopen the visit that the undone step ended, which is the last one entered."""
    visit = max(work.visits, key=lambda visit: visit.pk)
    visit.ended_at, visit.outcome = None, ""
    visit.save(update_fields=["ended_at", "outcome"])


def _restore_shipment(work: UnitOfWork, entry: LedgerEntry) -> None:
    shipment = next(s for s in work.shipments if s.pk == entry.shipment_id)
    if entry.event == Event.RETURN_OWED and not shipment.is_to_be_sent:
        return  # it has been sent
    old = _old_values(shipment, entry)
    for field, value in old.items():
        setattr(shipment, field, value)
    shipment.save(update_fields=list(old))


def _restore_edds(work: UnitOfWork, step: list[LedgerEntry]) -> None:
    """Ended work keeps the dates with which it had ended."""
    for entry in step:
        if entry.event == Event.EDD_FOLLOWED and (dates := entry.changes["estimated_delivery_on"]):
            shipment = next(s for s in work.shipments if s.pk == entry.shipment_id)
            shipment.estimated_delivery_on = dt.date.fromisoformat(str(dates[0]))
            shipment.save(update_fields=["estimated_delivery_on"])


def _restore_line_item(work: UnitOfWork, entry: LedgerEntry) -> None:
    """Restore a line item from before the work was sent back, unless it has changed since."""
    title = entry.changes["line_item"][1]
    item = next((item for item in work.work_order.line_items.all() if str(item) == title), None)
    if item is None:
        return
    done = () if item.done_at else ("done_at", "done_by")
    for name in (*done, "proof_from"):
        field = cast("Field[Any, Any]", item._meta.get_field(name))
        setattr(item, field.attname, field.to_python(entry.changes[name][0]))
    item.save(update_fields=[*done, "proof_from"])


def _old_values(row: Model, entry: LedgerEntry) -> dict[str, Any]:
    """The fields' old values. Raises InvalidState when one has changed again since."""
    old = {}
    for name, values in entry.changes.items():
        if values is None:
            continue
        field = cast("Field[Any, Any]", row._meta.get_field(name))
        if getattr(row, field.attname) != field.to_python(values[1]):
            label = str(field.verbose_name)
            raise InvalidState(
                f"{label[0].upper()}{label[1:]} has changed again since. Correct it instead."
            )
        old[field.attname] = field.to_python(values[0])
    return old


def _undone(step: list[LedgerEntry]) -> LedgerChanges:
    main = next(entry for entry in step if entry.event in UNDOABLE)
    return {"step": [main.version, main.event]}
