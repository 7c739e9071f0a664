"""Statuses, verbs, reasons: the whole flow of a work order as data (docs/rules.md, "The flow")."""

from typing import NamedTuple

from django.db.models import TextChoices

from portal.people.roles import DISPATCHING, EVERYONE, PARTNER_ROLES, Right, Role


class Status(TextChoices):
    ASSIGNED = "assigned", "Assigned"
    SHIP_TO_RECEIVED = "ship-to-received", "Ship to Received"
    PARTS_ORDERED = "parts-ordered", "Parts Ordered"
    SHIPPING = "shipping", "Shipping"
    SHIPPED = "shipped", "Shipped"
    IN_PROGRESS = "in-progress", "In Progress"
    ON_HOLD = "on-hold", "On Hold"
    COMPLETED = "completed", "Completed"
    CLOSED = "closed", "Closed"
    COULD_NOT_COMPLETE = "could-not-complete", "Could Not Complete"
    CANCELED = "canceled", "Canceled"


# Each status is either open or ended.
WAITING_FOR_PARTS = frozenset({Status.SHIP_TO_RECEIVED, Status.PARTS_ORDERED, Status.SHIPPING})
# where shipments decide the status
ON_THE_WAY = frozenset({Status.PARTS_ORDERED, Status.SHIPPING, Status.SHIPPED})
ACTIVE = frozenset({Status.ASSIGNED, Status.IN_PROGRESS}) | WAITING_FOR_PARTS | ON_THE_WAY
OPEN = ACTIVE | {Status.ON_HOLD}
ENDED = frozenset({Status.COMPLETED, Status.CLOSED, Status.COULD_NOT_COMPLETE, Status.CANCELED})

PATH = [
    Status.ASSIGNED,
    Status.SHIP_TO_RECEIVED,
    Status.PARTS_ORDERED,
    Status.SHIPPING,
    Status.SHIPPED,
    Status.IN_PROGRESS,
    Status.COMPLETED,
    Status.CLOSED,
]


class Verb(TextChoices):
    ACCEPT = "accept", "Accept"
    CHANGE_SHIP_TO = "change-ship-to", "Change ship-to"
    NOTE_REQUIREMENTS = "note", "Note a requirement"
    COMMENT = "comment", "Comment"
    ADD_FILE = "add-file", "Add a file"
    CHANGE_FILE = "change-file", "Change a file"
    REMOVE_FILE = "remove-file", "Remove a file"
    BOOK = "book", "Book an appointment"
    TAKE_BACK_APPOINTMENT = "take-back-appointment", "Take back the appointment"
    PARTS_RECEIVED = "receive-parts", "Parts received"
    REQUEST_ASSISTANCE = "request-assistance", "Request for Assistance"
    REPORT_PARTS = "report-parts", "Report damaged or missing parts"
    PARTS_SENT_BACK = "return-parts", "Parts sent back"
    START_VISIT = "start-visit", "Start work"
    END_VISIT = "end-visit", "End the visit"
    CORRECT_VISIT = "correct-visit", "Correct a visit"
    CHECK_VISIT = "check-visit", "Check a visit entered late"
    TICK_LINE_ITEM = "tick-line-item", "Line item done"
    COMPLETE = "complete", "Completed"
    COULD_NOT_COMPLETE = "give-up", "Could Not Complete"
    ORDER_PARTS = "order-parts", "Order the parts"
    ENTER_SHIPMENT = "ship", "Enter shipments"
    SETTLE_PARTS = "settle-parts", "Settle reported parts"
    WAIVE_RETURN = "waive-return", "Waive a return"
    HOLD = "hold", "Put on hold"
    RESUME = "resume", "Resume"
    CORRECT_HOLD = "correct-hold", "Correct a hold"
    SEND_BACK = "send-back", "Send back"
    SET_TARGET = "set-target", "Set a target for this cycle"
    CLOSE = "close", "Close"
    CANCEL = "cancel", "Cancel"
    REASSIGN = "reassign", "Reassign to another partner"
    ISSUE_FOLLOW_ON = "follow-on", "Issue a follow-on work order"
    LOG_CONTACT = "log-contact", "Log a contact attempt"
    ADD_SECOND_POC = "add-poc", "Add a second POC"
    REVIEW_REASON = "judge", "Review a reason for delay"
    ANSWER_VERDICT = "answer", "Answer a verdict"
    TAKE_BACK = "take-back", "Take Completed back"
    UNDO = "undo", "Undo the last step"
    EDIT = "edit", "Edit"


class Rule(NamedTuple):
    """Who may do a verb, in which statuses, and the status it leads to."""

    who: frozenset[Role]
    sources: frozenset[Status]
    to: Status | None = None  # None: the verb alone changes no status
    staff_too: frozenset[Status] = frozenset()  # statuses in which only staff may
    # roles that may only once the visit has begun
    once_begun: frozenset[Role] = frozenset()
    right: Right = Right.ACT  # what staff need for it


STAFF = frozenset({Role.STAFF})
# of the current appointment: see `permissions.is_theirs`
TECHNICIAN = frozenset({Role.TECHNICIAN})
ANY = OPEN | ENDED
AT_SITE = frozenset({Status.IN_PROGRESS})
AT_WORK = frozenset({Status.IN_PROGRESS, Status.ON_HOLD})
RULES = {
    # Ship to Received, or In Progress without parts
    Verb.ACCEPT: Rule(DISPATCHING, frozenset({Status.ASSIGNED})),
    Verb.CHANGE_SHIP_TO: Rule(DISPATCHING, frozenset({Status.SHIP_TO_RECEIVED})),
    Verb.NOTE_REQUIREMENTS: Rule(DISPATCHING, OPEN),
    Verb.COMMENT: Rule(EVERYONE, ANY),
    Verb.ADD_FILE: Rule(EVERYONE, OPEN, staff_too=ENDED),
    # technicians only their own files: see `may_edit_file`
    Verb.CHANGE_FILE: Rule(EVERYONE, OPEN, staff_too=ENDED),
    Verb.REMOVE_FILE: Rule(EVERYONE, OPEN, staff_too=ENDED),
    Verb.BOOK: Rule(DISPATCHING, OPEN - {Status.ASSIGNED}),
    Verb.TAKE_BACK_APPOINTMENT: Rule(DISPATCHING, OPEN - {Status.ASSIGNED}),
    Verb.PARTS_RECEIVED: Rule(DISPATCHING, ON_THE_WAY | AT_WORK),
    Verb.REPORT_PARTS: Rule(PARTNER_ROLES, AT_WORK | {Status.SHIPPING, Status.SHIPPED}),
    Verb.PARTS_SENT_BACK: Rule(PARTNER_ROLES, AT_WORK | ENDED),
    Verb.REQUEST_ASSISTANCE: Rule(PARTNER_ROLES, OPEN),
    Verb.START_VISIT: Rule(PARTNER_ROLES, AT_SITE),
    Verb.END_VISIT: Rule(PARTNER_ROLES, AT_WORK),  # a hold may begin while someone is there
    Verb.CORRECT_VISIT: Rule(PARTNER_ROLES, AT_SITE),
    Verb.TICK_LINE_ITEM: Rule(PARTNER_ROLES, AT_SITE),
    Verb.COMPLETE: Rule(
        DISPATCHING, frozenset({Status.IN_PROGRESS}), Status.COMPLETED, once_begun=TECHNICIAN
    ),
    Verb.COULD_NOT_COMPLETE: Rule(
        DISPATCHING, OPEN, Status.COULD_NOT_COMPLETE, once_begun=TECHNICIAN
    ),
    Verb.ORDER_PARTS: Rule(STAFF, frozenset({Status.SHIP_TO_RECEIVED}), Status.PARTS_ORDERED),
    # parts may still go back after the work has ended
    Verb.ENTER_SHIPMENT: Rule(STAFF, ANY - {Status.ASSIGNED}),
    Verb.SETTLE_PARTS: Rule(STAFF, ANY),
    Verb.WAIVE_RETURN: Rule(STAFF, ANY - {Status.ASSIGNED}),
    Verb.HOLD: Rule(STAFF, ACTIVE, Status.ON_HOLD),
    Verb.RESUME: Rule(STAFF, frozenset({Status.ON_HOLD})),  # to the status before the hold
    Verb.CORRECT_HOLD: Rule(STAFF, OPEN),
    Verb.CHECK_VISIT: Rule(STAFF, ANY),
    Verb.SEND_BACK: Rule(STAFF, frozenset({Status.COMPLETED}), Status.IN_PROGRESS),
    Verb.SET_TARGET: Rule(STAFF, OPEN),
    Verb.CLOSE: Rule(STAFF, frozenset({Status.COMPLETED}), Status.CLOSED),
    Verb.CANCEL: Rule(STAFF, OPEN, Status.CANCELED),
    # only until it is accepted
    Verb.REASSIGN: Rule(STAFF, frozenset({Status.ASSIGNED, Status.COULD_NOT_COMPLETE})),
    Verb.ISSUE_FOLLOW_ON: Rule(STAFF, frozenset({Status.COULD_NOT_COMPLETE}), right=Right.ENTER),
    Verb.LOG_CONTACT: Rule(EVERYONE - STAFF, OPEN),
    Verb.ADD_SECOND_POC: Rule(DISPATCHING | STAFF, OPEN),
    Verb.REVIEW_REASON: Rule(STAFF, ANY, right=Right.REVIEW),
    Verb.ANSWER_VERDICT: Rule(DISPATCHING, ANY),
    # whoever pressed it, and only for a while: see `permissions`
    Verb.TAKE_BACK: Rule(PARTNER_ROLES, frozenset({Status.COMPLETED}), Status.IN_PROGRESS),
    Verb.UNDO: Rule(STAFF, ANY),
    Verb.EDIT: Rule(STAFF, ANY),
}


class WorkType(TextChoices):
    REPAIR = "repair", "Repair"
    INSTALLATION = "installation", "Installation"
    COMMISSIONING = "commissioning", "Commissioning"


class StartWithoutParts(TextChoices):
    ASSIGNED = "assigned", "The day it was assigned"
    ACCEPTED = "accepted", "The day it was accepted"


class WaitsFor(TextChoices):
    """What a work order without a Target SLA waits for (docs/rules.md, rules 2 and 5)."""

    DELIVERY = "delivery", "waiting for the delivery date"
    ACCEPTANCE = "acceptance", "waiting for acceptance"
    HOLD = "hold", "on hold"
    CALENDAR = "calendar", "target unavailable: the business calendar does not reach it"


class DayKind(TextChoices):
    """What a calendar says of a day."""

    PLAIN = "", "as its weekday"
    CLOSED = "closed", "closed"
    WORKED = "worked", "worked"


class ShipmentKind(TextChoices):
    RMA = "RMA", "RMA"
    FSO = "FSO", "FSO"


class Direction(TextChoices):
    OUTBOUND = "outbound", "Outbound"
    RETURN = "return", "Return"


class ShipmentStatus(TextChoices):
    ORDERED = "ordered", "Ordered"
    SHIPPED = "shipped", "Shipped"
    DELIVERED = "delivered", "Delivered"


class PartProblem(TextChoices):
    DAMAGED = "damaged", "Damaged"
    MISSING = "missing", "Missing"


class VisitOutcome(TextChoices):
    """How a visit ended; the last two leave the work In Progress, for another appointment."""

    DONE = "done", "The work is done"
    RETURN = "return-visit", "Return visit needed"
    NOBODY = "nobody-there", "Nobody there"


class CouldNotCompleteReason(TextChoices):
    EQUIPMENT_REMOVED = "equipment-removed", "Equipment removed"
    INACCESSIBLE = "inaccessible", "Location inaccessible"
    WRONG_EQUIPMENT = "wrong-equipment", "Wrong equipment shipped"
    OBSTRUCTION = "obstruction", "Physical obstruction"
    WRONG_DIAGNOSIS = "wrong-diagnosis", "Wrong diagnosis"
    MISMATCH = "mismatch", "Task and site do not match"
    NO_CAPACITY = "no-capacity", "No capacity"


class AssistanceReason(TextChoices):
    """Why a partner asks for help."""

    POC_UNRESPONSIVE = "poc-unresponsive", "POC unresponsive"
    SITE_ACCESS = "site-access", "Site access"
    TECHNICAL = "technical", "Technical"
    PARTS = "parts", "Parts"
    HOLD = "hold", "Put on hold until a date"
    RESUME = "resume", "Resume after a hold"
    OTHER = "other", "Other"


class Channel(TextChoices):
    """How someone tried to reach the POC."""

    CALL = "call", "Call"
    MAIL = "mail", "E-mail"
    TEXT = "text", "Text"


class DelayReason(TextChoices):
    UNRESPONSIVE_POC = "unresponsive-poc", "Delay due to Unresponsive POC"
    POC_PREFERENCE = "poc-preference", "Delay due to POC Schedule Preference"
    WORK_ORDER_MANAGEMENT = "work-order-management", "O&M Partner Work Order Management Performance"
    WEATHER = "weather", "Delay due to weather"
    TECHNICIAN = "technician", "Technician Availability"
    ON_SITE_REQUIREMENT = "on-site-requirement", "Delay due to Special On-Site Requirement"
    REGULATORY = "regulatory", "Delay due to local Regulatory/Compliance"
    PART_LATE = "part-late", "Part delivery is later than expected delivery date"
    PARTS_DAMAGED = "parts-damaged", "Parts arrived damaged or are missing"


class DelayOf(TextChoices):
    """The day that a reason for delay explains."""

    APPOINTMENT = "appointment", "appointment"
    BEGINNING = "beginning", "work began"
    END = "end", "work ended"


class Cause(TextChoices):
    """What work waits for; {operator} is the company's name."""

    PARTS = "parts", "Parts"
    ACCESS = "access", "Access"
    WEATHER = "weather", "Weather"
    POC = "poc", "POC"
    PARTNER = "partner", "Partner"
    OPERATOR = "operator", "{operator}"


# On Hold waits for the cause of its last hold; In Progress, where the target was missed, for what
# its last reason for delay names.
CAUSE_OF_STATUS = {Status.ASSIGNED: Cause.PARTNER} | dict.fromkeys(
    (Status.SHIP_TO_RECEIVED, Status.PARTS_ORDERED, Status.SHIPPING, Status.SHIPPED), Cause.PARTS
)
CAUSE_OF_REASON = {
    **dict.fromkeys((DelayReason.UNRESPONSIVE_POC, DelayReason.POC_PREFERENCE), Cause.POC),
    **dict.fromkeys((DelayReason.ON_SITE_REQUIREMENT, DelayReason.REGULATORY), Cause.ACCESS),
    **dict.fromkeys((DelayReason.PART_LATE, DelayReason.PARTS_DAMAGED), Cause.PARTS),
    DelayReason.WEATHER: Cause.WEATHER,
    DelayReason.TECHNICIAN: Cause.PARTNER,
    DelayReason.WORK_ORDER_MANAGEMENT: Cause.OPERATOR,
}


class VerdictKind(TextChoices):
    """Staff's decision on a reason for delay; the partner may answer the last two once."""

    EXCUSED = "excused", "Excused"
    NOT_EXCUSED = "not-excused", "Not excused"
    MORE = "more-information", "More information needed"


# A name is never shown without its description; {operator} is the company's name.
DELAY_DESCRIPTIONS = {
    DelayReason.UNRESPONSIVE_POC: (
        "The contact cannot be reached to schedule in time. Report it before the target date, so"
        " that {operator} can find another contact."
    ),
    DelayReason.POC_PREFERENCE: "The contact asks for a day after the deadline.",
    DelayReason.WORK_ORDER_MANAGEMENT: (
        "{operator} has not provided what the work order needs: the partner was asked to wait, or"
        " details such as the station's address need to be cleared up. Flag it promptly."
    ),
    DelayReason.WEATHER: "The forecast rules the work out until after the target date.",
    DelayReason.TECHNICIAN: "None of your technicians is free by the target date.",
    DelayReason.ON_SITE_REQUIREMENT: (
        "Access to the site takes time: safety glasses, a COI, a JHA form."
    ),
    DelayReason.REGULATORY: (
        "Permits or paperwork that local or state codes require, such as prevailing wage."
    ),
    DelayReason.PART_LATE: "A part does not arrive on its scheduled day.",
    DelayReason.PARTS_DAMAGED: "Parts were damaged in shipping, or not all of them arrived.",
}
DELAY_GROUPS = [
    (
        "Site and contact",
        [
            DelayReason.UNRESPONSIVE_POC,
            DelayReason.POC_PREFERENCE,
            DelayReason.ON_SITE_REQUIREMENT,
            DelayReason.REGULATORY,
            DelayReason.WEATHER,
        ],
    ),
    ("Parts", [DelayReason.PART_LATE, DelayReason.PARTS_DAMAGED]),
    ("{operator}", [DelayReason.WORK_ORDER_MANAGEMENT]),
    ("Your team", [DelayReason.TECHNICIAN]),
]
