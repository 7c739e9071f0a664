"""How each action that staff alone take is taken."""

import datetime as dt

from portal.people.models import User
from tests.factories import make_partner
from tests.workorders.admin.staff_pages import entered
from tests.workorders.an_action import Action, owed
from tests.workorders.status_matrix import TODAY, deliver, enter, send
from workorders import services as s
from workorders.models import Hold, PartReport, Visit, WorkOrder
from workorders.states import PartProblem, ShipmentKind, Verb

# --- What has to be there before an action can be taken, in whatever status it is tried


def a_report(row: WorkOrder, by: User) -> None:
    for shipment in row.shipments.filter(number="FSO-1"):
        known = {
            "shipment": shipment,
            "part_number": "CBL-23",
            "quantity": 1,
            "problem": PartProblem.DAMAGED,
        }
        at = row.ledger.first().at
        PartReport.objects.create(work_order=row, reported_by=by, reported_at=at, **known)


def a_hold(row: WorkOrder, by: User) -> None:
    if not row.holds.exists():
        Hold.objects.create(work_order=row, first=TODAY, last=TODAY, reason="No access")


def entered_late(row: WorkOrder, by: User) -> None:
    day = dt.datetime(2026, 2, 23, 16, tzinfo=dt.UTC)  # 8:00 in San Francisco
    known = {"began_at": day, "on": day.date(), "ended_at": day, "entered_by": by}
    late = {"entered_on": TODAY, "entered_late": True}
    Visit.objects.create(work_order=row, cycle=row.cycle, **known, **late)


def late_visit(row: WorkOrder) -> Visit:
    return row.visits.get(entered_late=True)


def reports_of(row: WorkOrder) -> list[int]:
    return [report.pk for report in row.part_reports.all()] or [10**9]


def correct_hold(row: WorkOrder, by: User) -> object:
    known = row.holds.get()
    return s.correct_hold(known, first=TODAY, last=known.last, stops_clock=True, by=by)


STAFFS_ACTIONS = {
    "internal-note": Action(
        Verb.COMMENT,
        lambda row, by: s.comment(row, body="He never answers", internal=True, by=by),
        lambda row: {"body": "He never answers"},
        staff_page="note",
    ),
    "order-parts": Action(
        Verb.ORDER_PARTS, lambda row, by: s.order_parts(row, by=by), staff_page="order-parts"
    ),
    "ship-another": Action(
        Verb.ENTER_SHIPMENT,
        lambda row, by: enter(row, "FSO-4", by),
        lambda row: {
            "number": "FSO-4",
            "kind": "FSO",
            "direction": "outbound",
            "status": "ordered",
        },
        staff_page="add-shipment",
    ),
    "ship-one": Action(
        Verb.ENTER_SHIPMENT, lambda row, by: send(row, by, "FSO-1", tracking_number="7")
    ),
    "ship-all": Action(
        Verb.ENTER_SHIPMENT, lambda row, by: send(row, by, "FSO-1", "FSO-2", tracking_number="7")
    ),
    "deliver-one": Action(
        Verb.ENTER_SHIPMENT, lambda row, by: deliver(row, by, "FSO-1", tracking_number="7")
    ),
    "deliver-all": Action(
        Verb.ENTER_SHIPMENT, lambda row, by: deliver(row, by, "FSO-1", "FSO-2", tracking_number="7")
    ),
    "send-replacement": Action(
        Verb.ENTER_SHIPMENT,
        lambda row, by: s.send_replacement(
            row,
            "FSO-5",
            s.ShipmentDetails(ShipmentKind.FSO),
            parts=[],
            reports=reports_of(row),
            by=by,
        ),
        lambda row: {
            "number": "FSO-5",
            "kind": "FSO",
            "direction": "outbound",
            "status": "ordered",
            "required": "on",
            "reports": reports_of(row),
        },
        staff_page="replacement",
        first=a_report,
    ),
    "settle-reports": Action(
        Verb.SETTLE_PARTS,
        lambda row, by: s.settle_reports(row, reports=reports_of(row), note="A scratch", by=by),
        lambda row: {"reports": reports_of(row), "note": "A scratch"},
        staff_page="settle-parts",
        first=a_report,
    ),
    "waive-return": Action(
        Verb.WAIVE_RETURN,
        lambda row, by: s.waive_return(row, number=owed(row), note="It stays", by=by),
    ),
    "check-visit": Action(
        Verb.CHECK_VISIT,
        lambda row, by: s.check_late_visit(
            row, visit=late_visit(row).pk, began_at=late_visit(row).began_at, by=by
        ),
        lambda row: {"visit": late_visit(row).pk, "began_at": "2026-02-23T08:00"},
        staff_page="check-visit",
        first=entered_late,
    ),
    "hold": Action(
        Verb.HOLD,
        lambda row, by: s.hold(row, reason="No access", stops_clock=True, by=by),
        lambda row: {"reason": "No access", "stops_clock": "on"},
        staff_page="hold",
    ),
    "resume": Action(Verb.RESUME, lambda row, by: s.resume(row, by=by), staff_page="resume"),
    "correct-hold": Action(
        Verb.CORRECT_HOLD,
        lambda row, by: correct_hold(row, by),
        lambda row: {"first": TODAY, "last": row.holds.get().last or "", "stops_clock": "on"},
        staff_page="hold_correct",
        args=lambda row: [row.holds.get().pk],
        first=a_hold,
    ),
    "send-back": Action(
        Verb.SEND_BACK,
        lambda row, by: s.send_back(row, note="It is loose", by=by),
        lambda row: {"note": "It is loose"},
        staff_page="send-back",
    ),
    "set-target": Action(
        Verb.SET_TARGET,
        lambda row, by: s.set_target(row, target_on=TODAY, target_reason="The site waits", by=by),
        lambda row: {"target_on": TODAY, "target_reason": "The site waits"},
        staff_page="set-target",
    ),
    "close": Action(Verb.CLOSE, lambda row, by: s.close(row, by=by), staff_page="close"),
    "cancel": Action(
        Verb.CANCEL,
        lambda row, by: s.cancel(row, comment="It cleared", by=by),
        lambda row: {"comment": "It cleared"},
        staff_page="cancel",
    ),
    "reassign": Action(
        Verb.REASSIGN,
        lambda row, by: s.reassign(row, partner=make_partner("Third"), assigned_on=TODAY, by=by),
        lambda row: {"partner": make_partner("Third").pk, "assigned_on": TODAY},
        staff_page="reassign",
    ),
    "follow-on": Action(
        Verb.ISSUE_FOLLOW_ON,
        lambda row, by: s.issue_follow_on(
            row, "WO-9", partner=row.partner, assigned_on=TODAY, by=by
        ),
        lambda row: {"number": "WO-9", "partner": row.partner_id, "assigned_on": TODAY},
        staff_page="follow-on",
    ),
    "edit": Action(
        Verb.EDIT,
        lambda row, by: s.update_work_order(row, {"subject": "Another"}, by=by),
        lambda row: entered(row) | {"subject": "Another"},
        staff_page="edit",
    ),
    "undo": Action(
        Verb.UNDO,
        lambda row, by: s.undo_last_step(row, note="A mistake", by=by),
        lambda row: {"note": "A mistake"},
        staff_page="undo",
    ),
}
