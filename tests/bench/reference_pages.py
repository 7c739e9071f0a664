"""The list of work orders as the stock admin, django-tables2 with django-filter, and django-ninja
give it, with what the portal's own list shows of a row at the least; and a page of 10 kB.
"""

from typing import Any

import django_tables2 as tables
from django.contrib.admin import AdminSite, ModelAdmin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django_filters import FilterSet
from django_filters.views import FilterView
from ninja import NinjaAPI, Schema

from workorders.models import WorkOrder

ROWS = 50
COLUMNS = ("number", "case_number", "subject", "status", "site", "station", "target_on")
FILTERS = ("status", "work_type", "entitlement")
RELATED = ("site", "station", "entitlement")


def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse(b"x" * 10_000)


class StockAdmin(ModelAdmin[WorkOrder]):
    list_display = COLUMNS
    list_filter = FILTERS
    list_select_related = RELATED
    list_per_page = ROWS
    search_fields = ("number", "case_number", "subject")


stock = AdminSite("stock")
stock.register(WorkOrder, StockAdmin)


class WorkOrderTable(tables.Table):
    class Meta:
        model = WorkOrder
        fields = COLUMNS


class WorkOrderFilter(FilterSet):
    class Meta:
        model = WorkOrder
        fields = FILTERS


class TablePage(tables.SingleTableMixin, FilterView):
    table_class, filterset_class, paginate_by = WorkOrderTable, WorkOrderFilter, ROWS
    template_name = "reference/table.html"

    def get_queryset(self) -> Any:
        own = WorkOrder.objects.filter(partner=self.request.user.partner_id)
        return own.select_related(*RELATED).order_by("target_on", "number")


class Row(Schema):
    number: str
    case_number: str
    subject: str
    status: str
    target_on: Any


api = NinjaAPI(urls_namespace="reference")


@api.get("/work-orders", response=list[Row])
def work_orders(request: HttpRequest) -> Any:
    own = WorkOrder.objects.filter(partner=request.user.partner_id)  # type: ignore[union-attr]
    return own.order_by("target_on", "number")[:ROWS]


urlpatterns = [
    path("reference/bare/", bare),
    path("reference/admin/", stock.urls),
    path("reference/table/", TablePage.as_view()),
    path("reference/api/", api.urls),
    path("", include("portal.urls")),
]
