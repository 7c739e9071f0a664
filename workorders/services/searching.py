"""What search finds a work order by, kept with its row."""

from collections.abc import Iterable

from workorders.models import Shipment, WorkOrder
from workorders.models.queries import search_text


def search_text_of(work_order: WorkOrder, shipments: Iterable[Shipment]) -> str:
    """The `search_text` that a work order with these shipments has."""
    row, site = work_order, work_order.site
    texts = [row.number, row.case_number, row.subject, site.account.name, site.name, site.city]
    texts += [
        row.poc_name,
        row.poc_phone,
        row.second_poc_name,
        row.second_poc_phone,
        row.station.serial,
    ]
    by_number = sorted(shipments, key=lambda shipment: shipment.number)
    texts += [text for s in by_number for text in (s.number, s.tracking_number)]
    return search_text(texts)
