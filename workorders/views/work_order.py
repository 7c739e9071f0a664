"""The five tabs of a work order."""

from contextlib import suppress
from urllib.parse import quote, urlencode

from django.db import InternalError, OperationalError
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from portal.people.requests import Request
from portal.people.roles import Role
from workorders.exports.files import CSV, XLSX, sent_few
from workorders.forms.fields import iso_day
from workorders.forms.files import CommentForm
from workorders.history.filters import about_filter, filter_choices, history_rows
from workorders.history.visibility import comments_for, ledger_for, with_subjects
from workorders.history.wording import days_of, describe_entries
from workorders.models import CarrierService, LedgerEntry, Shipment, WorkOrder
from workorders.services import read_thread
from workorders.views.answers import work_order_view
from workorders.views.booking import appointment_at_site, appointment_form
from workorders.views.collaborate import collaborate_context
from workorders.views.details import details_context
from workorders.views.job import job
from workorders.views.page_context import page_context, shipments_of
from workorders.views.parts import shipment_rows, unnumbered_to_send
from workorders.views.related import related_context


@work_order_view()
def details(request: Request, work_order: WorkOrder) -> HttpResponse:
    if request.user.role == Role.TECHNICIAN:
        return job(request, work_order)
    day = iso_day(request.GET.get("day", ""))
    like = appointment_at_site(request, work_order)
    form = appointment_form(request, work_order, day=day, like=like)
    context = details_context(request, work_order, form)
    return render(request, "work_orders/details.html", context)


@work_order_view()
def related(request: Request, work_order: WorkOrder) -> HttpResponse:
    return render(request, "work_orders/related.html", related_context(request, work_order))


@work_order_view()
def rma_fso(request: Request, work_order: WorkOrder) -> HttpResponse:
    shipments = shipments_of(work_order)
    services = CarrierService.objects.exclude(tracking_url="")
    pages = {(row.carrier, row.service): row.tracking_url for row in services}
    rows = [
        (row, tracking_page(row.shipment, pages))
        for row in shipment_rows(request, work_order, shipments)
    ]
    context = page_context(
        request,
        work_order,
        shipments=shipments,
        outbound=[each for each in rows if not each[0].shipment.is_return],
        returns=[each for each in rows if each[0].shipment.is_return],
        unnumbered=unnumbered_to_send(request, work_order, shipments),
    )
    return render(request, "work_orders/rma_fso.html", context)


def tracking_page(shipment: Shipment, pages: dict[tuple[str, str], str]) -> str:
    """Return the carrier's page that tracks the shipment; empty if there is none."""
    if not shipment.tracking_number:
        return ""
    page = pages.get((shipment.carrier, shipment.service), "")
    return page.replace("{number}", quote(shipment.tracking_number, safe=""))


@work_order_view()
def collaborate(request: Request, work_order: WorkOrder) -> HttpResponse:
    comments = list(comments_for(request.user, work_order))
    if request.method == "GET":
        with suppress(
            OperationalError, InternalError
        ):  # busy, or can only be read: it stays new until next time
            read_thread(work_order, by=request.user)
    form = CommentForm(request.user)
    context = collaborate_context(request, work_order, comments=comments, form=form)
    return render(request, "work_orders/collaborate.html", context)


@work_order_view()
def history(request: Request, work_order: WorkOrder) -> HttpResponse:
    kind = request.GET.get("about", "")
    entries = _entries(request, work_order)
    lines = describe_entries(entries.order_by("-pk"), request.user)
    context = {
        "icons": sorted({line.icon for line in lines}),
        "days": days_of(lines, work_order.site.zone),
        "kind": kind,
        "kinds": [(name, label, name == kind) for name, label in filter_choices()],
        "csv_url": _file_url("history-csv", work_order, kind),
        "xlsx_url": _file_url("history-xlsx", work_order, kind),
    }
    return render(request, "work_orders/history.html", page_context(request, work_order, **context))


def _file_url(name: str, work_order: WorkOrder, kind: str) -> str:
    address = reverse(name, args=[work_order.number])
    return f"{address}?{urlencode({'about': kind})}" if kind else address


@work_order_view()
def history_csv(request: Request, work_order: WorkOrder) -> HttpResponseBase:
    return _history_file(request, work_order, CSV)


@work_order_view()
def history_xlsx(request: Request, work_order: WorkOrder) -> HttpResponseBase:
    return _history_file(request, work_order, XLSX)


def _history_file(request: Request, work_order: WorkOrder, ending: str) -> HttpResponseBase:
    """Send the history as a file, filtered as the page is."""
    rows = history_rows(work_order, describe_entries(_entries(request, work_order), request.user))
    return sent_few(rows, f"{work_order.number}-history", ending, to=request.user)


def _entries(request: Request, work_order: WorkOrder) -> QuerySet[LedgerEntry]:
    wanted = about_filter(request.GET.get("about", ""))
    return with_subjects(ledger_for(request.user, work_order).filter(wanted))
