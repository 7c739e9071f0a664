"""The text that search compares, stored with each work order."""

from collections.abc import Iterable

from workorders.models import Shipment, WorkOrder
from workorders.models.searching import search_text


def search_text_of(work_order: WorkOrder, shipments: Iterable[Shipment]) -> str:
    """The value of `search_text` for a work order with these shipments."""
    row, site = work_order, work_order.site
    texts = [row.number, row.case_number, row.subject, site.account.name, site.name, site.city]
    texts += [row.poc_name, row.poc_phone, row.second_poc_name, row.second_poc_phone]
    texts.append(row.station.serial)
    for shipment in sorted(shipments, key=lambda shipment: shipment.number):
        texts += [shipment.number, shipment.tracking_number]
    return search_text(texts)
