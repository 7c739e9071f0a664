"""Parts after their delivery: sent back, damaged or missing, and all that is still owed."""

import datetime as dt
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.html import format_html

from portal.people.models import Partner
from portal.people.requests import Request
from workorders import services
from workorders.fieldwork import returns_and_reports
from workorders.fieldwork.returns_and_reports import due_back, undated
from workorders.forms.parts import OwedForm, PartReportForm, SentBackForm
from workorders.history.visibility import reports_for
from workorders.history.wording import actor_name
from workorders.models import CarrierService, File, PartReport, Shipment, ShipmentPart, WorkOrder
from workorders.models.shipments import FIRST_DUE, ShipmentQuerySet
from workorders.permissions import can_now
from workorders.states import Verb
from workorders.targets.due import Due, shipment_overdue_since
from workorders.targets.terms import load_calendars
from workorders.views.answers import handle_action, list_view, page_url, work_order_action
from workorders.views.page_context import shipments_of
from workorders.views.sent_files import add_sent_files

PAGE = 50


@work_order_action(Verb.PARTS_SENT_BACK)
def parts_sent_back(request: Request, work_order: WorkOrder) -> HttpResponse:
    returns = returns_and_reports.returnable(work_order, shipments_of(work_order))
    named = [row for row in returns if row.number == request.GET.get("shipment")]
    chosen = next(iter([*named, *returns]), None)
    today = work_order.site_today()
    initial = {"version": work_order.version, "sent_on": today}
    if chosen:
        initial |= {
            "shipment": chosen.number,
            "carrier": chosen.carrier,
            "tracking_number": chosen.tracking_number,
        }
    form = SentBackForm(returns, request.POST or None, initial=initial)

    def save() -> None:
        values = form.cleaned_data
        services.parts_sent_back(
            work_order,
            number=values["shipment"],
            carrier=values["carrier"],
            tracking_number=values["tracking_number"],
            on=values["sent_on"],
            by=request.user,
            version=values["version"],
        )

    number = form["shipment"].value()
    rows = [(row, due_back(row, work_order, today), row.number == number) for row in returns]
    return handle_action(
        request,
        work_order,
        form,
        "work_orders/parts_sent_back.html",
        save=save,
        message="Thank you: the parts are on their way back.",
        page="work-order" if request.user.is_technician else "rma-fso",
        returns=rows,
        carriers=_carriers(),
    )


def _carriers() -> list[str]:
    names = CarrierService.objects.order_by("carrier").values_list("carrier", flat=True)
    return list(names.distinct())


@work_order_action(Verb.REPORT_PARTS)
def report_parts(request: Request, work_order: WorkOrder) -> HttpResponse:
    reports = work_order.part_reports.all()
    offered = returns_and_reports.left_to_report(shipments_of(work_order), reports)
    named = [each for each in offered if str(each.part.pk) == request.GET.get("part")]
    chosen = next(iter([*named, *offered]), None)
    initial = {
        "version": work_order.version,
        "quantity": 1,
        "part": chosen.part.pk if chosen else None,
    }
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = PartReportForm(offered, *sent, initial=initial)
    photos = add_sent_files(request, work_order, form)

    def save() -> None:
        services.report_part(
            work_order,
            **form.report_values(),
            photos=[file.upload_key for file in photos],
            by=request.user,
        )

    related = page_url(request, work_order, "related")
    hint = format_html(' A photo helps: add one under <a href="{}">Related</a>.', related)
    return handle_action(
        request,
        work_order,
        form,
        "work_orders/report_parts.html",
        save=save,
        message=format_html("Reported.{}", "" if photos else hint),
        page="rma-fso",
        offered=offered,
        photos=photos,
    )


class Reported(NamedTuple):
    """A report: who made it, its state, and its photos.

    `who` names the person only as far as the reader may know.
    """

    report: PartReport
    who: str
    state: str
    photos: list[File]


class ShipmentRow(NamedTuple):
    """A shipment as its tab shows it.

    `due`, `undated` and `labels` belong to returns. `may_report` is the first part that this person
    can still report as damaged or missing.
    """

    shipment: Shipment
    overdue_since: dt.date | None
    due: Due | None
    undated: str
    labels: list[File]
    may_send: bool
    reports: list[Reported]
    may_report: ShipmentPart | None


def shipment_rows(
    request: Request, work_order: WorkOrder, shipments: list[Shipment]
) -> list[ShipmentRow]:
    user, today = request.user, work_order.site_today()
    may_send = can_now(user, Verb.PARTS_SENT_BACK, work_order)
    may_report = can_now(user, Verb.REPORT_PARTS, work_order)
    readable = reports_for(user, work_order)
    reports = list(readable.select_related("reported_by", "replacement"))
    left = returns_and_reports.left_to_report(shipments, reports) if may_report else []
    first_left = {each.part.shipment_id: each.part for each in reversed(left)}
    files = work_order.files.visible_to(user).of_parts()
    labels, photos = files.by("shipment_id"), files.by("part_report_id")

    def due(shipment: Shipment) -> Due | None:
        if not shipment.is_return:
            return None
        return due_back(shipment, work_order, today)

    def reported(shipment: Shipment) -> Iterator[Reported]:
        for report in reports:
            if report.shipment_id == shipment.pk:
                by = actor_name(report.reported_by, user)
                state = returns_and_reports.state_of(report)
                yield Reported(report, by, state, photos.get(report.pk, []))

    return [
        ShipmentRow(
            shipment,
            overdue_since=shipment_overdue_since(shipment, today),
            due=due(shipment),
            undated=undated(shipment, work_order),
            labels=labels.get(shipment.pk, []),
            may_send=shipment.is_to_be_sent and may_send,
            reports=list(reported(shipment)),
            may_report=first_left.get(shipment.pk),
        )
        for shipment in shipments
    ]


def unnumbered_to_send(
    request: Request, work_order: WorkOrder, shipments: list[Shipment]
) -> Shipment | None:
    """Return the old parts that this person can send back before an RMA was entered for them."""
    if not can_now(request.user, Verb.PARTS_SENT_BACK, work_order):
        return None
    return returns_and_reports.unnumbered(work_order, shipments)


class Owed(NamedTuple):
    shipment: Shipment
    due: Due
    labels: list[File]
    may_send: bool

    @property
    def parts(self) -> str:
        """What is to come back, in one line, which a page may have to cut."""
        parts, unused = self.shipment.parts.all(), ", unused" if self.shipment.is_unused else ""
        listed = ", ".join(f"{part} {part.description}".strip() + unused for part in parts)
        return listed or f"{self.shipment.returned_parts}, not listed".capitalize()


@list_view
def parts_owed(request: Request) -> HttpResponse:
    form = OwedForm(request.GET) if request.user.is_staff else None
    partner = form.chosen() if form else None
    mine = Shipment.objects.visible_to(request.user).owed_back()
    owed = mine.filter(work_order__partner=partner) if partner else mine
    after = request.GET.get("after", "")
    rows, onward = FIRST_DUE.cut(_page(owed, after), PAGE)
    to_send, under_way = owed.to_send_and_under_way()
    without = _without_a_return(request, partner)
    more = {"partner": partner.pk} if partner else {}
    context = {
        "form": form,
        "rows": _rows(request, rows),
        "to_send": to_send + len(without),
        "under_way": under_way,
        "without": [] if after else without,
        "first_page": f"?{urlencode(more)}" if after else "",
        "next_page": f"?{urlencode(more | {'after': onward})}" if onward else "",
    }
    return render(request, "work_orders/parts_owed.html", context)


def _page(owed: ShipmentQuerySet, after: str) -> list[Shipment]:
    """Fetch one row more than a page. An invalid cursor gives the first page."""
    with suppress(ValueError):
        owed = owed.filter(FIRST_DUE.behind(after)) if after else owed
    facts = ("work_order__site__account", "work_order__territory", "work_order__partner")
    return list(owed.select_related(*facts).prefetch_related("parts")[: PAGE + 1])


def _without_a_return(request: Request, partner: Partner | None) -> list[tuple[WorkOrder, bool]]:
    """List visited work whose old parts have no return yet.

    Each comes with whether this person can send the parts back.
    """
    rows = returns_and_reports.visited_without_a_return(request.user)
    rows = rows.filter(partner=partner) if partner else rows
    return [(row, can_now(request.user, Verb.PARTS_SENT_BACK, row)) for row in rows[:PAGE]]


def _rows(request: Request, shipments: list[Shipment]) -> list[Owed]:
    load_calendars(shipment.work_order.territory for shipment in shipments)
    now = timezone.now()
    labels = File.objects.visible_to(request.user).filter(shipment__in=shipments).by("shipment_id")
    return [
        Owed(
            shipment,
            due_back(shipment, work_order, work_order.site_today(now)),
            labels.get(shipment.pk, []),
            shipment.is_to_be_sent and can_now(request.user, Verb.PARTS_SENT_BACK, work_order),
        )
        for shipment in shipments
        for work_order in [shipment.work_order]
    ]
