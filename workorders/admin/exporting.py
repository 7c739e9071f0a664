"""Work orders and shipments of the filtered list as files, to read or to import again."""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any, NamedTuple

from django.contrib.admin import ModelAdmin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils import timezone

from portal.people.requests import user_of
from workorders.exports.files import CSV, XLSX, sent_rows
from workorders.exports.for_import import shipment_import_rows, work_order_import_rows
from workorders.exports.work_orders import work_order_rows
from workorders.models import Shipment, WorkOrder

Rows = Iterator[list[str]]


class Export(NamedTuple):
    name: str  # in addresses, and of the file
    label: str
    description: str
    rows: Callable[[QuerySet[WorkOrder]], Rows]


def _shipments(work_orders: QuerySet[WorkOrder]) -> Rows:
    of_these = Shipment.objects.filter(work_order__in=work_orders.order_by().values("pk"))
    return shipment_import_rows(of_these)


def _report(work_orders: QuerySet[WorkOrder]) -> Rows:
    return work_order_rows(timezone.now(), among=work_orders.order_by().values("pk"))


EXPORTS = [
    Export(
        "work-orders",
        "Work orders",
        "In the columns of the import, which takes the file back.",
        work_order_import_rows,
    ),
    Export(
        "shipments",
        "Shipments",
        "Those of the same work orders, in the columns of the import. A delivery that only the"
        " partner has reported is in it as shipped: imported as delivered, it would be confirmed.",
        _shipments,
    ),
    Export(
        "report",
        "Report",
        "Every date, the outcome against the Target SLA, the reason for delay with its verdict,"
        " and the days in each status.",
        _report,
    ),
]
ENDINGS = (XLSX, CSV)


def export_urls(page: Callable[..., URLPattern]) -> Iterator[URLPattern]:
    yield page("export/", export_page, "export")
    for kind, ending in product(EXPORTS, ENDINGS):
        name, choice = f"export_{kind.name}_{ending}", {"kind": kind, "ending": ending}
        yield page(f"export/{kind.name}.{ending}", export_file, name, **choice)


def export_page(admin: ModelAdmin[WorkOrder], request: HttpRequest) -> HttpResponse:
    """Offer the files that hold the list as it is filtered."""
    rows = _filtered(admin, request)
    if isinstance(rows, HttpResponse):
        return rows
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    offered = [(kind, *(_address(kind, ending) + query for ending in ENDINGS)) for kind in EXPORTS]
    own: dict[str, Any] = {
        "title": "Export",
        "opts": admin.opts,
        "media": admin.media,
        "offered": offered,
        "count": rows.order_by().count(),
        "is_filtered": bool(query),
    }
    page = admin.admin_site.each_context(request) | own
    return TemplateResponse(request, "admin/export.html", page)


def export_file(
    admin: ModelAdmin[WorkOrder], request: HttpRequest, kind: Export, ending: str
) -> HttpResponseBase:
    rows = _filtered(admin, request)
    if isinstance(rows, HttpResponse):
        return rows
    name = f"{kind.name}-{timezone.now():%Y-%m-%d}"
    return sent_rows(kind.rows(rows), name, ending, to=user_of(request))


def _filtered(
    admin: ModelAdmin[WorkOrder], request: HttpRequest
) -> QuerySet[WorkOrder] | HttpResponse:
    """The rows of the list that the address describes; or the way back to the whole list."""
    if not admin.has_view_permission(request):
        raise PermissionDenied
    try:
        rows: QuerySet[WorkOrder] = admin.get_changelist_instance(request).queryset
    except IncorrectLookupParameters:
        return redirect("admin:workorders_workorder_changelist")
    return rows


def _address(kind: Export, ending: str) -> str:
    return reverse(f"admin:workorders_workorder_export_{kind.name}_{ending}")
