"""Shipments that came, and those that go back."""

import datetime as dt

from tests.factories import fresh
from workorders import services
from workorders.services import Part, ShipmentDetails
from workorders.states import CouldNotCompleteReason, ShipmentKind

MONDAY = dt.date(2026, 3, 2)
RMA = {
    "kind": "RMA",
    "direction": "return",
    "required": False,
    "status": "ordered",
    "carrier": "",
    "service": "",
}
PARTS = [Part("CBL-23", 2, "Charging cable"), Part("GSK", 1)]


def events(work_order) -> list[str]:
    return list(work_order.ledger.values_list("event", flat=True))


def send(work_order, by, number="RMA-1", **values):
    known = {"carrier": "UPS", "tracking_number": "1Z9", "on": MONDAY}
    return services.parts_sent_back(work_order, number=number, by=by, **known | values)


def delivered(work_order, number="FSO-1", parts=PARTS):
    values = {"kind": ShipmentKind.FSO, "status": "delivered", "delivered_on": MONDAY}
    return services.enter_shipment(
        work_order, number, ShipmentDetails(**values), parts=parts, by=None
    )


def could_not_complete(work_order, by):
    return services.could_not_complete(
        fresh(work_order),
        reason=CouldNotCompleteReason.WRONG_EQUIPMENT,
        note="It does not fit",
        by=by,
    )
