"""What the tests of staff's actions share: addresses, posts, and work orders on their way."""

import datetime as dt
from typing import Any

from django.urls import reverse

from tests.factories import fresh, make_accepted
from workorders.models import Shipment, WorkOrder
from workorders.services import order_parts

TODAY = dt.date(2026, 3, 9)  # of all tests here


def url(work_order: Any, name: str, *shipment: Shipment) -> str:
    prefix = "shipment_" if shipment else ""
    return reverse(
        f"admin:workorders_workorder_{prefix}{name}",
        args=[work_order.pk, *(s.pk for s in shipment)],
    )


def page(work_order: WorkOrder, name: str = "change") -> str:
    return url(work_order, name)


def post_action(client: Any, work_order: Any, name: str, *shipment: Shipment, **data: Any) -> Any:
    data = {"version": fresh(work_order).version} | data
    return client.post(url(work_order, name, *shipment), data)


def ordered(dana: Any) -> Any:
    return order_parts(make_accepted(dana), by=None)


def entered(work_order: Any) -> dict[str, Any]:
    """What the edit form holds."""
    names = [
        "case_number",
        "subject",
        "description",
        "work_type",
        "poc_name",
        "poc_phone",
        "poc_email",
    ]
    values = {name: getattr(work_order, name) for name in names}
    values |= {
        name: getattr(work_order, f"{name}_id")
        for name in ("site", "station", "territory", "entitlement")
    }
    values |= {"partner": work_order.partner_id, "assigned_on": work_order.assigned_on.isoformat()}
    flags = ["parts_required", "images_required", "return_parts_required"]
    return values | {flag: "on" for flag in flags if getattr(work_order, flag)}
