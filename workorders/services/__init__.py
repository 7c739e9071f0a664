"""Every write of a work order: one function per verb, with the actor as `by`.

They raise exceptions instead of returning flags.
"""

from workorders.services.erasing import erase_people
from workorders.services.errors import (
    BeganMissing,
    Clash,
    DomainError,
    Doubtful,
    InThePast,
    InvalidState,
    NotAllowed,
    PartsNotThere,
    ReasonMissing,
    ReasonNeeded,
    Stale,
)
from workorders.services.files.scanning import scan_files
from workorders.services.files.storage import NotStored, delete_orphaned_files
from workorders.services.files.uploads import (
    OverQuota,
    add_file,
    add_files,
    change_file,
    prepare,
    remove_file,
    unattached_files,
)
from workorders.services.flow.acceptance import accept_work_order, change_ship_to, suggested_ship_to
from workorders.services.flow.assigning import issue_follow_on, reassign
from workorders.services.flow.completion import (
    cancel,
    close,
    complete,
    could_not_complete,
    hold,
    resume,
)
from workorders.services.flow.cycles import send_back, set_target
from workorders.services.flow.entering import enter_work_order, next_number, update_work_order
from workorders.services.flow.holds import correct_hold
from workorders.services.flow.undoing import last_step, take_back_completed, undo_last_step
from workorders.services.notifications.reading import read_notifications
from workorders.services.parts.damage_reports import report_part, send_replacement, settle_reports
from workorders.services.parts.returns import parts_sent_back
from workorders.services.parts.shipment_rows import Part
from workorders.services.parts.shipping import (
    ShipmentDetails,
    enter_shipment,
    order_parts,
    parts_received,
)
from workorders.services.parts.waivers import claim_return, waive_return
from workorders.services.reviewing import (
    answer_verdict,
    last_reason,
    last_verdict,
    newest_verdict,
    reason_to_answer,
    review_reason,
    review_reasons,
)
from workorders.services.thread import (
    comment,
    note_requirements,
    open_requests,
    read_thread,
    request_assistance,
)
from workorders.services.visits.booking import Booking, book_appointment, reason_to_repeat
from workorders.services.visits.check_in import (
    correct_visit,
    end_visit,
    enter_visit,
    start_visit,
    take_back_visit,
)
from workorders.services.visits.contact_log import (
    IN_VAIN,
    POC,
    add_second_poc,
    log_contact,
    wants_another_poc,
)
from workorders.services.visits.delays import Delay
from workorders.services.visits.entered_late import check_late_visit
from workorders.services.visits.line_items import tick_line_item, untick_line_item
from workorders.services.visits.taking_back import take_back_appointment
from workorders.services.visits.technicians import offboard_technician
from workorders.targets.judging import needs_reason

__all__ = [
    "IN_VAIN",
    "POC",
    "BeganMissing",
    "Booking",
    "Clash",
    "Delay",
    "DomainError",
    "Doubtful",
    "InThePast",
    "InvalidState",
    "NotAllowed",
    "NotStored",
    "OverQuota",
    "Part",
    "PartsNotThere",
    "ReasonMissing",
    "ReasonNeeded",
    "ShipmentDetails",
    "Stale",
    "accept_work_order",
    "add_file",
    "add_files",
    "add_second_poc",
    "answer_verdict",
    "book_appointment",
    "cancel",
    "change_file",
    "change_ship_to",
    "check_late_visit",
    "claim_return",
    "close",
    "comment",
    "complete",
    "correct_hold",
    "correct_visit",
    "could_not_complete",
    "delete_orphaned_files",
    "end_visit",
    "enter_shipment",
    "enter_visit",
    "enter_work_order",
    "erase_people",
    "hold",
    "issue_follow_on",
    "last_reason",
    "last_step",
    "last_verdict",
    "log_contact",
    "needs_reason",
    "newest_verdict",
    "next_number",
    "note_requirements",
    "offboard_technician",
    "open_requests",
    "order_parts",
    "parts_received",
    "parts_sent_back",
    "prepare",
    "read_notifications",
    "read_thread",
    "reason_to_answer",
    "reason_to_repeat",
    "reassign",
    "remove_file",
    "report_part",
    "request_assistance",
    "resume",
    "review_reason",
    "review_reasons",
    "scan_files",
    "send_back",
    "send_replacement",
    "set_target",
    "settle_reports",
    "start_visit",
    "suggested_ship_to",
    "take_back_appointment",
    "take_back_completed",
    "take_back_visit",
    "tick_line_item",
    "unattached_files",
    "undo_last_step",
    "untick_line_item",
    "update_work_order",
    "waive_return",
    "wants_another_poc",
]
