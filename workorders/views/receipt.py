"""The date receipt of a work order: one page, made for printing."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from portal.people.requests import Request
from workorders.history.date_receipt import receipt_of
from workorders.models import WorkOrder
from workorders.targets.due import due_of, outcome_text
from workorders.targets.explaining import (
    explain,
    first_target_on,
    judged_in_words,
    outcome_judged_by,
)
from workorders.targets.judging import first_outcome
from workorders.views.answers import work_order_view


@work_order_view()
def receipt(request: Request, work_order: WorkOrder) -> HttpResponse:
    now, holds = timezone.now(), list(work_order.holds.all())
    context = {
        "work_order": work_order,
        "zone": work_order.site.zone,
        "now": now,
        "due": due_of(work_order, now),
        "outcome_text": outcome_text(work_order).text,
        "first_target_on": first_target_on(work_order),
        "target_moved_since": outcome_judged_by(work_order) is not None,
        "judged": judged_in_words(first_outcome(work_order)),
        "why": explain(work_order, work_order.shipments.all(), holds),
        "holds": holds,
        "back": request.GET.get("back", ""),
        **receipt_of(work_order, request.user)._asdict(),
    }
    return render(request, "work_orders/receipt.html", context)
