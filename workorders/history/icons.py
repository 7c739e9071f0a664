"""Which icon (of Lucide) a ledger entry has: by its kind, several kinds with the same."""

from workorders.models.ledger import Event

_KINDS = {
    "file-plus": (Event.CREATED, Event.FOLLOW_ON_ISSUED),
    "pencil": (Event.UPDATED, Event.TIME_ZONE_CHANGED),
    "check": (Event.ACCEPTED, Event.COMPLETED, Event.CLOSED),
    "map-pin": (Event.SHIP_TO_CHANGED,),
    "package": (
        Event.PARTS_ORDERED,
        Event.SHIPMENT_ADDED,
        Event.RETURN_OWED,
        Event.RETURN_DUE,
        Event.RETURN_WAIVED,
        Event.RETURN_CLAIMED,
    ),
    "truck": (Event.SHIPMENT_UPDATED, Event.PARTS_SENT_BACK),
    "package-check": (Event.PARTS_RECEIVED, Event.STATUS_FOLLOWED, Event.REPORT_SETTLED),
    "triangle-alert": (Event.PARTS_REPORTED, Event.ASSISTANCE_REQUESTED),
    "calendar-clock": (Event.EDD_FOLLOWED, Event.TARGET_MOVED, Event.TARGET_SET),
    "calendar-check": (Event.APPOINTMENT_BOOKED,),
    "calendar-x": (Event.APPOINTMENT_TAKEN_BACK, Event.TECHNICIAN_LEFT),
    "message-square": (
        Event.REASON_GIVEN,
        Event.REASON_REVIEWED,
        Event.VERDICT_ANSWERED,
        Event.COMMENTED,
        Event.REQUIREMENTS_NOTED,
        Event.NOTED_INTERNALLY,
    ),
    "paperclip": (Event.FILE_ADDED, Event.FILE_CHANGED, Event.FILE_REMOVED),
    "wrench": (
        Event.VISIT_BEGAN,
        Event.VISIT_ENDED,
        Event.VISIT_ENTERED,
        Event.VISIT_CORRECTED,
        Event.VISIT_CHECKED,
    ),
    "list-checks": (Event.LINE_ITEM_DONE, Event.LINE_ITEM_CHANGED, Event.LINE_ITEM_UNDONE),
    "circle-x": (Event.COULD_NOT_COMPLETE, Event.CANCELED),
    "pause": (Event.HELD, Event.HOLD_CORRECTED),
    "play": (Event.RESUMED,),
    "undo-2": (Event.SENT_BACK, Event.UNDONE),
    "arrow-right-left": (Event.REASSIGNED,),
    "phone": (Event.CONTACT_TRIED, Event.POC_ADDED),
}
ICONS = {event: icon for icon, events in _KINDS.items() for event in events}
