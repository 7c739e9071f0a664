"""Every write of a work order: one function per verb, with the actor as `by`; they raise, they return no flags."""

from workorders.services.acceptance import accept_work_order, change_ship_to, suggested_ship_to
from workorders.services.assigning import issue_follow_on, reassign
from workorders.services.booking import Booking, book_appointment, needs_reason, suggested_reason
from workorders.services.collaboration import comment, note_requirements, request_assistance
from workorders.services.contacting import POC, add_second_poc, log_contact, wants_another_poc
from workorders.services.entering import enter_work_order, next_number, update_work_order
from workorders.services.errors import NotAllowed, NotNow, PartsNotThere, ReasonNeeded, Refused, Stale
from workorders.services.finishing import cancel, close, complete, give_up, hold, resume, send_back
from workorders.services.holding import correct_hold
from workorders.services.shipping import Part, ShipmentDetails, enter_shipment, order_parts, receive_parts
from workorders.services.undoing import last_step, undo_last_step

__all__ = [
    "POC",
    "Booking",
    "NotAllowed",
    "NotNow",
    "Part",
    "PartsNotThere",
    "ReasonNeeded",
    "Refused",
    "ShipmentDetails",
    "Stale",
    "accept_work_order",
    "add_second_poc",
    "book_appointment",
    "cancel",
    "change_ship_to",
    "close",
    "comment",
    "complete",
    "correct_hold",
    "enter_shipment",
    "enter_work_order",
    "give_up",
    "hold",
    "issue_follow_on",
    "last_step",
    "log_contact",
    "needs_reason",
    "next_number",
    "note_requirements",
    "order_parts",
    "reassign",
    "receive_parts",
    "request_assistance",
    "resume",
    "send_back",
    "suggested_reason",
    "suggested_ship_to",
    "undo_last_step",
    "update_work_order",
    "wants_another_poc",
]
