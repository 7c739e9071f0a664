"""Work changes hands, whatever the way: what a partner has entered stays with that partner
(docs/rules.md, "When work changes hands").
"""

from typing import Any, cast

from django.db.models import Field

from portal.people.models import Partner
from portal.people.ship_to import SHIP_TO_LENGTHS
from workorders.models import LineItem, PastAssignment, WorkOrder
from workorders.models.assignments import SECOND_POC
from workorders.models.ledger import Event
from workorders.services import saving
from workorders.services.judging import let_count
from workorders.services.thread import open_requests
from workorders.services.transitions import set_status
from workorders.services.unit_of_work import UnitOfWork
from workorders.states import Status

OF_A_PARTNER = (*SHIP_TO_LENGTHS, "partner_notes")
OF_A_TICK = {"done_at": None, "done_by_id": None, "received_at": None, "note": "", "serial": ""}
INSTANTS = ("done_at", "received_at")
OUTCOME = ("outcome_target_on", "outcome_on", "outcome_days_late")


def hand_over(work: UnitOfWork, partner: Partner, *, note: str = "", **values: Any) -> None:
    """Give the work to another partner, Assigned.

    What its partner has entered is taken off the work order and kept for them. What the new partner
    had entered, if they have had the work before, is put back.
    """
    row = work.work_order
    before = row.past_assignments.filter(partner=partner).last()
    fields = [*OF_A_PARTNER, *(SECOND_POC if _second_poc_goes(row) else ())]
    items = list(row.line_items.all())
    entered = {
        "fields": {field: getattr(row, field) for field in fields},
        "line_items": [_tick_of(item) for item in items],
    }
    past = PastAssignment(
        work_order=row,
        partner=row.partner,
        since=row.partner_since,
        until=work.now,
        entered=entered,
        **_late_decline(row),
    )
    saving.save_new(past)
    let_count(row, None)
    work.set(**_fields_for(fields, before))
    for item in items:
        _put_back(item, before)
    _take_words_off_holds(work)
    values |= {"partner": partner, "partner_since": work.now, "give_up_reason": ""}
    values |= dict.fromkeys(OUTCOME)
    set_status(work, Status.ASSIGNED, **values)
    saving.update(open_requests(row), answered_at=work.now)
    work.log(Event.REASSIGNED, note=note)
    work.recount_edds(Event.REASSIGNED.label)
    work.retarget()
    work.refresh_search_text()


def _late_decline(row: WorkOrder) -> dict[str, Any]:
    """A decline that was late counts for the partner who declined (docs/rules.md, rule 6)."""
    reason = row.missed_sla_reasons.filter(cycle=row.cycle, counts=True).first()
    outcome = {field: getattr(row, field) for field in OUTCOME}
    return outcome | {"missed_sla": reason if row.has_outcome else None}


def _second_poc_goes(row: WorkOrder) -> bool:
    """One that staff have entered stays."""
    return row.second_poc_is_partners or not row.second_poc_name


def _take_words_off_holds(work: UnitOfWork) -> None:
    """Their days count on; what staff wrote to the earlier partner stays in the ledger."""
    for hold in work.holds:
        hold.reason = ""
        saving.save(hold, "reason")


def _fields_for(fields: list[str], before: PastAssignment | None) -> dict[str, Any]:
    kept = before.entered["fields"] if before else {}
    found: dict[str, Any] = {field: kept.get(field, "") for field in fields}
    if SECOND_POC[0] in fields:
        found["second_poc_is_partners"] = bool(found[SECOND_POC[0]])
    return found


def _tick_of(item: LineItem) -> dict[str, Any]:
    values = {field: getattr(item, field) for field in OF_A_TICK}
    instants = {field: values[field].isoformat() for field in INSTANTS if values[field]}
    return {"number": item.number, "description": item.description} | values | instants


def _put_back(item: LineItem, before: PastAssignment | None) -> None:
    """Restore what the new partner had entered on this line item, unless it has changed since."""
    kept = before.entered["line_items"] if before else []
    own = [each for each in kept if each["description"] == item.description]
    same = [each for each in own if each.get("number", item.number) == item.number]
    alone = own if len(own) == 1 else []  # its number has changed since
    values = next(iter(same or alone), OF_A_TICK)
    for name in OF_A_TICK:
        field = cast("Field[Any, Any]", item._meta.get_field(name.removesuffix("_id")))
        setattr(item, name, field.to_python(values[name]))
    saving.save(item, *OF_A_TICK)
