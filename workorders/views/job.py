"""The Details tab for a technician on the phone: where to go, whom to call, and what to do."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from portal.people.requests import Request
from workorders.fieldwork.returns_and_reports import returnable
from workorders.models import WorkOrder
from workorders.permissions import can_now
from workorders.states import Verb
from workorders.targets.explaining import explain
from workorders.views.contacts import contacts
from workorders.views.page_context import page_context, shipments_of
from workorders.views.related import line_items
from workorders.views.shown_files import files_section


def job(request: Request, work_order: WorkOrder) -> HttpResponse:
    shipments = shipments_of(work_order)
    work: dict[str, Any] = line_items(request, work_order) | files_section(request, work_order)
    context = page_context(
        request,
        work_order,
        shipments=shipments,
        pocs=list(_pocs(work_order)),
        may_send_back=bool(returnable(work_order, shipments))
        and can_now(request.user, Verb.PARTS_SENT_BACK, work_order),
        why=explain(work_order, shipments, work_order.holds.all()),
        **work,
        **contacts(request, work_order),
    )
    return render(request, "work_orders/job.html", context)


def _pocs(work_order: WorkOrder) -> Iterator[tuple[str, str, str]]:
    """Return the name, phone and e-mail of each POC."""
    if work_order.poc_name:
        yield work_order.poc_name, work_order.poc_phone, work_order.poc_email
    if work_order.second_poc_name:
        yield work_order.second_poc_name, work_order.second_poc_phone, work_order.second_poc_email
