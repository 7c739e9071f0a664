"""How each action of the table in `status_matrix` is taken: by its service, on the partner's page,
on staff's page.
"""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any, NamedTuple

from portal.people.models import User
from tests.factories import SHIP_TO, make_partner
from tests.workorders.admin.steps import entered
from tests.workorders.status_matrix import TODAY, TOMORROW, deliver, enter, finish, send
from tests.workorders.uploads import JPEG, upload
from workorders import services as s
from workorders.models import File, Hold, PartReport, WorkOrder
from workorders.services import Booking
from workorders.states import (
    Channel,
    CouldNotCompleteReason,
    PartProblem,
    ShipmentKind,
    Status,
    Verb,
    VisitOutcome,
)

EARLIER = dt.datetime(2026, 3, 2, 16, tzinfo=dt.UTC)  # 8:00 in San Francisco


# --- What has to stand before an action can be taken, in whatever status it is tried


def dispatcher(row: WorkOrder) -> User:
    return row.partner.users.get(role="dispatcher")


def visited(row: WorkOrder, by: User) -> None:
    under_way(row, by)
    if row.status == Status.IN_PROGRESS:
        s.end_visit(row, outcome=VisitOutcome.DONE, by=dispatcher(row))


def under_way(row: WorkOrder, by: User) -> None:
    if row.status == Status.IN_PROGRESS:
        s.start_visit(row, by=dispatcher(row))


def ticked(row: WorkOrder, by: User) -> None:
    if row.status == Status.IN_PROGRESS:
        s.tick_line_item(row, 1, by=dispatcher(row))


def ready(row: WorkOrder, by: User) -> None:
    if row.status == Status.IN_PROGRESS:
        finish(row, dispatcher(row))


def a_file(row: WorkOrder, by: User) -> None:
    known = {"kind": "document", "name": "permit.pdf", "size": 1, "upload_key": uuid.uuid4()}
    File.objects.create(
        work_order=row,
        partner=row.partner,
        uploaded_by=by,
        uploaded_at=row.ledger.first().at,
        **known,
    )


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


def nothing(row: WorkOrder, by: User) -> None:
    """It can be taken as it is."""


def pk_of(rows: Any) -> int:
    """The key of the first, or one that nothing has."""
    first = rows.first()
    return first.pk if first else 10**9


def awaited(row: WorkOrder) -> list[str]:
    return [
        shipment.number
        for shipment in row.shipments.all()
        if not shipment.is_return and not shipment.is_delivered
    ]


def part_of(row: WorkOrder) -> int:
    shipment = row.shipments.filter(number="FSO-1").first()
    return pk_of(shipment.parts.all()) if shipment else 10**9


def owed(row: WorkOrder) -> str:
    return "RMA-2" if row.shipments.filter(number="RMA-2").exists() else f"{row.number}-R"


def reports_of(row: WorkOrder) -> list[int]:
    return [report.pk for report in row.part_reports.all()] or [10**9]


def correct_hold(row: WorkOrder, by: User) -> object:
    known = row.holds.get()
    return s.correct_hold(known, first=TODAY, last=known.last, stops_clock=True, by=by)


class Action(NamedTuple):
    """How one is taken: by its service; on the partner's page of that URL name or on staff's of
    that name.
    """

    verb: Verb
    do: Callable[[WorkOrder, User], object]
    data: Callable[[WorkOrder], dict[str, Any]] = (
        lambda row: {}
    )  # what the form of either page sends
    page: str = ""
    step: str = ""
    args: Callable[[WorkOrder], list[Any]] = (
        lambda row: []
    )  # what the address names besides the work order
    first: Callable[[WorkOrder, User], None] = nothing


ACTIONS = {
    "accept": Action(
        Verb.ACCEPT,
        lambda row, by: s.accept_work_order(row, ship_to=SHIP_TO, by=by),
        lambda row: SHIP_TO._asdict(),
        page="accept",
    ),
    "change-ship-to": Action(
        Verb.CHANGE_SHIP_TO,
        lambda row, by: s.change_ship_to(row, ship_to=SHIP_TO._replace(city="Fresno"), by=by),
        lambda row: SHIP_TO._asdict() | {"city": "Fresno"},
        page="ship-to",
    ),
    "note": Action(
        Verb.NOTE_REQUIREMENTS,
        lambda row, by: s.note_requirements(row, text="A ladder", by=by),
        lambda row: {"text": "A ladder"},
        page="requirements",
    ),
    "comment": Action(
        Verb.COMMENT,
        lambda row, by: s.comment(row, body="Call me", by=by),
        lambda row: {"body": "Call me"},
        page="comment",
        step="comment",
    ),
    "internal-note": Action(
        Verb.COMMENT,
        lambda row, by: s.comment(row, body="He never answers", internal=True, by=by),
        lambda row: {"body": "He never answers"},
        step="note",
    ),
    "add-file": Action(
        Verb.ADD_FILE,
        lambda row, by: s.add_file(row, upload(), upload_key=uuid.uuid4(), by=by),
        lambda row: {"upload_key": str(uuid.uuid4()), "uploads": upload(JPEG)},
        page="files",
    ),
    "change-file": Action(
        Verb.CHANGE_FILE,
        lambda row, by: s.change_file(row.files.get(), caption="Left port", moment="", by=by),
        lambda row: {"caption": "Left port"},
        page="change-file",
        args=lambda row: [row.files.get().key],
        first=a_file,
    ),
    "remove-file": Action(
        Verb.REMOVE_FILE,
        lambda row, by: s.remove_file(row.files.get(), by=by),
        page="remove-file",
        args=lambda row: [row.files.get().key],
        first=a_file,
    ),
    "book": Action(
        Verb.BOOK,
        lambda row, by: s.book_appointment(
            row, Booking(TOMORROW, "Robin", "+1 415 555 0111"), by=by
        ),
        lambda row: {
            "appointment_at": "2026-03-03T10:00",
            "technician_name": "Robin",
            "contact_phone": "+1 415 555 0111",
        },
        page="appointment",
    ),
    "receive-parts": Action(
        Verb.PARTS_RECEIVED,
        lambda row, by: s.parts_received(row, numbers=awaited(row), on=TODAY, by=by),
        lambda row: {"shipments": awaited(row), "delivered_on": TODAY},
        page="parts-received",
    ),
    "report-part": Action(
        Verb.REPORT_PARTS,
        lambda row, by: s.report_part(
            row, part=part_of(row), problem=PartProblem.DAMAGED, quantity=1, by=by
        ),
        lambda row: {"part": part_of(row), "problem": "damaged", "quantity": 1},
        page="report-parts",
    ),
    "return-parts": Action(
        Verb.PARTS_SENT_BACK,
        lambda row, by: s.parts_sent_back(
            row, number=owed(row), carrier="UPS", tracking_number="1Z8", on=TODAY, by=by
        ),
        lambda row: {
            "shipment": owed(row),
            "carrier": "UPS",
            "tracking_number": "1Z8",
            "sent_on": TODAY,
        },
        page="parts-sent-back",
    ),
    "request-assistance": Action(
        Verb.REQUEST_ASSISTANCE,
        lambda row, by: s.request_assistance(row, body="The gate is locked", by=by),
        lambda row: {"body": "The gate is locked"},
        page="request-assistance",
    ),
    "log-contact": Action(
        Verb.LOG_CONTACT,
        lambda row, by: s.log_contact(row, channel=Channel.CALL, reached=False, by=by),
        lambda row: {"attempt_kind": "call-in-vain"},
        page="contact",
    ),
    "add-second-poc": Action(
        Verb.ADD_SECOND_POC,
        lambda row, by: s.add_second_poc(row, s.POC("Lee", "+1 415 555 0190"), by=by),
        lambda row: {"name": "Lee", "phone": "+1 415 555 0190"},
        page="second-poc",
        step="second-poc",
    ),
    "start-visit": Action(
        Verb.START_VISIT, lambda row, by: s.start_visit(row, by=by), page="start-visit"
    ),
    "enter-visit": Action(
        Verb.START_VISIT,
        lambda row, by: s.enter_visit(
            row, began_at=row.ledger.first().at, outcome=VisitOutcome.DONE, by=by
        ),
        lambda row: {"began_at": "2026-03-02T08:00", "outcome": "done"},
        page="enter-visit",
    ),
    "end-visit": Action(
        Verb.END_VISIT,
        lambda row, by: s.end_visit(row, outcome=VisitOutcome.RETURN, by=by),
        lambda row: {"outcome": "return-visit"},
        page="end-visit",
        first=under_way,
    ),
    "correct-visit": Action(
        Verb.CORRECT_VISIT,
        lambda row, by: s.correct_visit(
            row, pk_of(row.visits.order_by("-pk")), began_at=EARLIER, by=by
        ),
        lambda row: {"began_at": "2026-03-02T08:00"},
        page="correct-visit",
        args=lambda row: [pk_of(row.visits.order_by("-pk"))],
        first=visited,
    ),
    "take-back-visit": Action(
        Verb.CORRECT_VISIT,
        lambda row, by: s.take_back_visit(row, pk_of(row.visits.order_by("-pk")), by=by),
        page="take-back-visit",
        args=lambda row: [pk_of(row.visits.order_by("-pk"))],
        first=under_way,
    ),
    "tick-line-item": Action(
        Verb.TICK_LINE_ITEM,
        lambda row, by: s.tick_line_item(row, 1, note="Breaker 4", seen_done=True, by=by),
        lambda row: {"note": "Breaker 4", "seen_done": "1"},
        page="tick-line-item",
        args=lambda row: [1],
    ),
    "untick-line-item": Action(
        Verb.TICK_LINE_ITEM,
        lambda row, by: s.untick_line_item(row, 1, by=by),
        page="untick-line-item",
        args=lambda row: [1],
        first=ticked,
    ),
    "complete": Action(
        Verb.COMPLETE, lambda row, by: s.complete(row, by=by), page="complete", first=ready
    ),
    "give-up": Action(
        Verb.COULD_NOT_COMPLETE,
        lambda row, by: s.could_not_complete(
            row, reason=CouldNotCompleteReason.WRONG_DIAGNOSIS, note="It works", by=by
        ),
        lambda row: {"reason": "wrong-diagnosis", "note": "It works"},
        page="could-not-complete",
    ),
    "order-parts": Action(
        Verb.ORDER_PARTS, lambda row, by: s.order_parts(row, by=by), step="order-parts"
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
        step="add-shipment",
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
        step="replacement",
        first=a_report,
    ),
    "settle-reports": Action(
        Verb.SETTLE_PARTS,
        lambda row, by: s.settle_reports(row, reports=reports_of(row), note="A scratch", by=by),
        lambda row: {"reports": reports_of(row), "note": "A scratch"},
        step="settle-parts",
        first=a_report,
    ),
    "waive-return": Action(
        Verb.WAIVE_RETURN,
        lambda row, by: s.waive_return(row, number=owed(row), note="It stays", by=by),
    ),
    "hold": Action(
        Verb.HOLD,
        lambda row, by: s.hold(row, reason="No access", stops_clock=True, by=by),
        lambda row: {"reason": "No access", "stops_clock": "on"},
        step="hold",
    ),
    "resume": Action(Verb.RESUME, lambda row, by: s.resume(row, by=by), step="resume"),
    "correct-hold": Action(
        Verb.CORRECT_HOLD,
        lambda row, by: correct_hold(row, by),
        lambda row: {"first": TODAY, "last": row.holds.get().last or "", "stops_clock": "on"},
        step="hold_correct",
        args=lambda row: [row.holds.get().pk],
        first=a_hold,
    ),
    "send-back": Action(
        Verb.SEND_BACK,
        lambda row, by: s.send_back(row, note="It is loose", by=by),
        lambda row: {"note": "It is loose"},
        step="send-back",
    ),
    "set-target": Action(
        Verb.SET_TARGET,
        lambda row, by: s.set_target(row, target_on=TODAY, target_reason="The site waits", by=by),
        lambda row: {"target_on": TODAY, "target_reason": "The site waits"},
        step="set-target",
    ),
    "close": Action(Verb.CLOSE, lambda row, by: s.close(row, by=by), step="close"),
    "cancel": Action(
        Verb.CANCEL,
        lambda row, by: s.cancel(row, comment="It cleared", by=by),
        lambda row: {"comment": "It cleared"},
        step="cancel",
    ),
    "reassign": Action(
        Verb.REASSIGN,
        lambda row, by: s.reassign(row, partner=make_partner("Third"), assigned_on=TODAY, by=by),
        lambda row: {"partner": make_partner("Third").pk, "assigned_on": TODAY},
        step="reassign",
    ),
    "follow-on": Action(
        Verb.ISSUE_FOLLOW_ON,
        lambda row, by: s.issue_follow_on(
            row, "WO-9", partner=row.partner, assigned_on=TODAY, by=by
        ),
        lambda row: {"number": "WO-9", "partner": row.partner_id, "assigned_on": TODAY},
        step="follow-on",
    ),
    "edit": Action(
        Verb.EDIT,
        lambda row, by: s.update_work_order(row, {"subject": "Another"}, by=by),
        lambda row: entered(row) | {"subject": "Another"},
        step="edit",
    ),
    "undo": Action(
        Verb.UNDO,
        lambda row, by: s.undo_last_step(row, note="A mistake", by=by),
        lambda row: {"note": "A mistake"},
        step="undo",
    ),
}
