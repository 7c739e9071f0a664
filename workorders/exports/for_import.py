"""Work orders and shipments in the columns of the import, which takes them back unchanged."""

import datetime as dt
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from workorders.csv_files import join_items
from workorders.models import Shipment, WorkOrder
from workorders.states import ShipmentStatus, WorkType

CHUNK = 500
WORK_ORDER_COLUMNS = [
    "number",
    "case_number",
    "subject",
    "description",
    "account",
    "site",
    "street",
    "city",
    "region",
    "postal_code",
    "country",
    "time_zone",
    "service_territory",
    "station_model",
    "station_serial",
    "work_type",
    "entitlement",
    "partner",
    "assigned_on",
    "accepted_on",
    "parts_required",
    "images_required",
    "return_parts_required",
    "poc_name",
    "poc_phone",
    "poc_email",
    "access_notes",
    "line_items",
]
SHIPMENT_COLUMNS = [
    "number",
    "kind",
    "work_order",
    "direction",
    "status",
    "carrier",
    "service",
    "tracking_number",
    "pick_up_on",
    "estimated_delivery_on",
    "delivered_on",
    "required",
    "parts",
]


def work_order_import_rows(rows: QuerySet[WorkOrder]) -> Iterator[list[str]]:
    """The columns, then a row for each work order, oldest first; read in chunks."""
    yield WORK_ORDER_COLUMNS
    related = ("site__account", "station", "territory", "entitlement", "partner")
    for keys in _keys_of(rows):
        chunk = WorkOrder.objects.filter(pk__in=keys).select_related(*related)
        for row in chunk.prefetch_related("line_items").order_by("pk"):
            values = work_order_values(row)
            yield [as_cell(values[column]) for column in WORK_ORDER_COLUMNS]


def shipment_import_rows(rows: QuerySet[Shipment]) -> Iterator[list[str]]:
    """The columns, then a row for each shipment, oldest first; read in chunks."""
    yield SHIPMENT_COLUMNS
    for keys in _keys_of(rows):
        chunk = Shipment.objects.filter(pk__in=keys).select_related("work_order")
        for row in chunk.prefetch_related("parts").order_by("pk"):
            yield list(_shipment_cells(row))


def _keys_of(rows: QuerySet[Any]) -> Iterator[list[int]]:
    keys = rows.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=CHUNK)
    while chunk := list(islice(keys, CHUNK)):
        yield chunk


def work_order_values(row: WorkOrder) -> dict[str, Any]:
    """A work order's values by column, as an import has them."""
    names = {column: getattr(row, column) for column in WORK_ORDER_COLUMNS if hasattr(row, column)}
    site = row.site
    address = ("street", "city", "region", "postal_code", "country", "time_zone")
    return {
        **names,
        **{column: getattr(site, column) for column in address},
        "account": site.account.name,
        "site": site.name,
        "station_model": row.station.model,
        "station_serial": row.station.serial,
        "service_territory": row.territory.name,
        "entitlement": row.entitlement.name,
        "partner": row.partner.name,
        "work_type": WorkType(row.work_type),
        "line_items": [item.as_entered for item in row.line_items.all()],
    }


def _shipment_cells(row: Shipment) -> Iterator[str]:
    """What a carrier's feed would say: an import would confirm what only the partner reported."""
    details = {column: getattr(row, column, None) for column in SHIPMENT_COLUMNS}
    details["work_order"] = row.work_order.number
    details["parts"] = [
        (part.part_number, part.quantity, part.description) for part in row.parts.all()
    ]
    if row.edd_is_computed:
        details["estimated_delivery_on"] = None
    if row.reported_by_partner:
        details |= {"status": ShipmentStatus.SHIPPED, "delivered_on": None}
    yield from (as_cell(details[column]) for column in SHIPMENT_COLUMNS)


def as_cell(value: Any) -> str:
    """A value as a file for the import holds it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return join_items(
            "*".join(map(str, item)) if isinstance(item, tuple) else item for item in value
        )
    if isinstance(value, WorkType):
        return str(value.label)
    return value.isoformat() if isinstance(value, dt.date) else str(value or "")
