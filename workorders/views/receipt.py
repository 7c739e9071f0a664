"""The date receipt of a work order: one page, made to be printed."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from portal.people.requests import Request
from workorders import targets
from workorders.explaining import explain
from workorders.models import WorkOrder
from workorders.receipts import receipt_of
from workorders.views.answers import work_order_view


@work_order_view()
def receipt(request: Request, work_order: WorkOrder) -> HttpResponse:
    now, holds = timezone.now(), list(work_order.holds.all())
    context = {
        "work_order": work_order,
        "zone": work_order.site.zone,
        "now": now,
        "due": targets.due_of(work_order, now),
        "why": explain(work_order, work_order.shipments.all(), holds),
        "holds": holds,
        "back": request.GET.get("back", ""),
        **receipt_of(work_order, request.user)._asdict(),
    }
    return render(request, "work_orders/receipt.html", context)
