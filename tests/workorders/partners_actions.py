"""How each action that partners take is taken; some of them staff take as well."""

import datetime as dt
import uuid
from typing import Any

from portal.people.models import User
from tests.factories import SHIP_TO
from tests.workorders.an_action import Action, owed
from tests.workorders.status_matrix import TODAY, TOMORROW, finish
from tests.workorders.uploads import JPEG, upload
from workorders import services as s
from workorders.models import File, WorkOrder
from workorders.services import Booking
from workorders.states import (
    Channel,
    CouldNotCompleteReason,
    PartProblem,
    Status,
    Verb,
    VisitOutcome,
)

EARLIER = dt.datetime(2026, 3, 2, 16, tzinfo=dt.UTC)  # 8:00 in San Francisco


# --- What has to be there before an action can be taken, in whatever status it is tried


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


PARTNERS_ACTIONS = {
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
        page="note-requirements",
    ),
    "comment": Action(
        Verb.COMMENT,
        lambda row, by: s.comment(row, body="Call me", by=by),
        lambda row: {"body": "Call me"},
        page="comment",
        staff_page="comment",
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
    "take-back-appointment": Action(
        Verb.TAKE_BACK_APPOINTMENT,
        lambda row, by: s.take_back_appointment(row, note="The POC called it off", by=by),
        lambda row: {"note": "The POC called it off"},
        page="take-back-appointment",
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
        page="log-contact",
    ),
    "add-second-poc": Action(
        Verb.ADD_SECOND_POC,
        lambda row, by: s.add_second_poc(row, s.POC("Lee", "+1 415 555 0190"), by=by),
        lambda row: {"name": "Lee", "phone": "+1 415 555 0190"},
        page="second-poc",
        staff_page="second-poc",
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
    "take-back": Action(
        Verb.TAKE_BACK,
        lambda row, by: s.take_back_completed(row, by=by),
        page="take-back-completed",
    ),
    "give-up": Action(
        Verb.COULD_NOT_COMPLETE,
        lambda row, by: s.could_not_complete(
            row, reason=CouldNotCompleteReason.WRONG_DIAGNOSIS, note="It works", by=by
        ),
        lambda row: {"reason": "wrong-diagnosis", "note": "It works"},
        page="could-not-complete",
    ),
}
