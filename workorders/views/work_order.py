"""The five tabs of a work order."""

from typing import Any
from urllib.parse import quote

from django.http import HttpResponse
from django.shortcuts import render

from portal.people.requests import Request
from workorders.days_ahead import days_ahead
from workorders.explaining import explain
from workorders.forms.actions import RequirementsForm, WordsForm
from workorders.forms.appointments import AppointmentForm
from workorders.forms.fields import iso_day
from workorders.models import CarrierService, Shipment, WorkOrder
from workorders.reading import comments_for, ledger_for
from workorders.states import DelayReason
from workorders.views.answers import work_order_view
from workorders.views.frame import frame
from workorders.wording import description_of, told


@work_order_view()
def details(request: Request, work_order: WorkOrder) -> HttpResponse:
    shipments = list(work_order.shipments.prefetch_related("parts"))
    form = AppointmentForm(work_order, day=iso_day(request.GET.get("day", "")))
    context = frame(
        request,
        work_order,
        line_items=work_order.line_items.all(),
        why=explain(work_order, shipments, work_order.holds.all()),
        **customer_information(work_order, shipments, form),
    )
    return render(request, "work_orders/details.html", context)


def customer_information(work_order: WorkOrder, shipments: list[Shipment], form: AppointmentForm) -> dict[str, Any]:
    """The appointment form, the days to choose from, and what stands beside the reason of the appointment."""
    missed = work_order.appointment and work_order.appointment.missed_sla
    return {
        "form": form,
        "shipments": shipments,
        "days": days_ahead(work_order, shipments, work_order.site_today()),
        "reason_description": description_of(DelayReason(missed.reason)) if missed else "",
    }


@work_order_view()
def related(request: Request, work_order: WorkOrder) -> HttpResponse:
    form = RequirementsForm(initial={"version": work_order.version, "text": work_order.partner_notes})
    return render(
        request,
        "work_orders/related.html",
        frame(request, work_order, line_items=work_order.line_items.all(), form=form),
    )


@work_order_view()
def rma_fso(request: Request, work_order: WorkOrder) -> HttpResponse:
    shipments = list(work_order.shipments.prefetch_related("parts"))
    pages = {(row.carrier, row.service): row.tracking_url for row in CarrierService.objects.exclude(tracking_url="")}
    tracked = [(shipment, tracking_page(shipment, pages)) for shipment in shipments]
    return render(request, "work_orders/rma_fso.html", frame(request, work_order, shipments=shipments, tracked=tracked))


def tracking_page(shipment: Shipment, pages: dict[tuple[str, str], str]) -> str:
    """Where the carrier shows it; empty without a tracking number or a page."""
    number = quote(shipment.tracking_number, safe="")
    return pages.get((shipment.carrier, shipment.service), "").replace("{number}", number) if number else ""


@work_order_view()
def collaborate(request: Request, work_order: WorkOrder) -> HttpResponse:
    comments = comments_for(request.user, work_order)
    return render(
        request, "work_orders/collaborate.html", frame(request, work_order, comments=comments, form=WordsForm())
    )


@work_order_view()
def history(request: Request, work_order: WorkOrder) -> HttpResponse:
    entries = (
        ledger_for(request.user, work_order)
        .select_related("actor", "shipment", "appointment__missed_sla")
        .order_by("-pk")
    )
    return render(request, "work_orders/history.html", frame(request, work_order, history=told(entries, request.user)))
