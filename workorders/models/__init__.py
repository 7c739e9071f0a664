from workorders.models.appointments import Appointment, MissedSLAReason
from workorders.models.ledger import LedgerEntry
from workorders.models.places import Account, Site, Station
from workorders.models.service_levels import CalendarDay, CarrierService, Entitlement, ServiceTerritory
from workorders.models.shipments import Shipment, ShipmentPart
from workorders.models.thread import Comment
from workorders.models.work_orders import Hold, LineItem, WorkOrder

__all__ = [
    "Account",
    "Appointment",
    "CalendarDay",
    "CarrierService",
    "Comment",
    "Entitlement",
    "Hold",
    "LedgerEntry",
    "LineItem",
    "MissedSLAReason",
    "ServiceTerritory",
    "Shipment",
    "ShipmentPart",
    "Site",
    "Station",
    "WorkOrder",
]
