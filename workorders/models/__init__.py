from workorders.models.appointments import Appointment, MissedSLAReason
from workorders.models.assignments import PastAssignment
from workorders.models.calendars import (
    CalendarDay,
    CalendarProposal,
    CalendarRevision,
    DayState,
    HolidayChoices,
    ListedHoliday,
    ListedRegion,
    ProposedDay,
    ServiceTerritory,
)
from workorders.models.depots import Depot
from workorders.models.files import File
from workorders.models.holds import Hold
from workorders.models.imports import Import
from workorders.models.ledger import LedgerEntry
from workorders.models.line_items import LineItem
from workorders.models.notifications import Notification
from workorders.models.places import Account, Site, Station
from workorders.models.service_levels import CarrierService, Entitlement, ServiceLevelRevision
from workorders.models.shipments import PartReport, Shipment, ShipmentPart
from workorders.models.thread import Comment, ContactAttempt, ThreadRead
from workorders.models.verdicts import Verdict
from workorders.models.visits import Outcome, Visit
from workorders.models.waits import Wait
from workorders.models.work_orders import WorkOrder

__all__ = [
    "Account",
    "Appointment",
    "CalendarDay",
    "CalendarProposal",
    "CalendarRevision",
    "CarrierService",
    "Comment",
    "ContactAttempt",
    "DayState",
    "Depot",
    "Entitlement",
    "File",
    "Hold",
    "HolidayChoices",
    "Import",
    "LedgerEntry",
    "LineItem",
    "ListedHoliday",
    "ListedRegion",
    "MissedSLAReason",
    "Notification",
    "Outcome",
    "PartReport",
    "PastAssignment",
    "ProposedDay",
    "ServiceLevelRevision",
    "ServiceTerritory",
    "Shipment",
    "ShipmentPart",
    "Site",
    "Station",
    "ThreadRead",
    "Verdict",
    "Visit",
    "Wait",
    "WorkOrder",
]
