"""Booking: the appointment form on the Details tab, and the missed-SLA question (PRODUCT.md, steps 6 and 7)."""

import datetime as dt
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.html import format_html

from portal.people.requests import Request
from sla import CalendarError
from workorders import services, targets
from workorders.explaining import explain
from workorders.forms.appointments import AppointmentForm
from workorders.forms.refusals import put
from workorders.models import WorkOrder
from workorders.states import DELAY_GROUPS, Verb
from workorders.templatetags.dates import moment
from workorders.views.answers import done, page_of, work_order_action
from workorders.views.frame import fetch, frame
from workorders.views.work_order import described
from workorders.wording import description_of, told


class Question(NamedTuple):
    """What the dialog shows: the two dates, and after Yes the reasons."""

    on: dt.date
    target_on: dt.date
    how_late: str
    answered: dt.date | None  # an earlier target that Yes was said to
    asks_reason: bool
    reason: str  # the one that is chosen
    groups: list[tuple[str, list[tuple[str, str, str]]]]
    instead: dt.datetime | None  # the same hour on the last day in SLA, unless that is over


@work_order_action(Verb.BOOK)
def appointment(request: Request, work_order: WorkOrder) -> HttpResponse:
    if request.method != "POST":
        return redirect(f"{page_of(request, work_order)}#appointment")
    form = AppointmentForm(work_order, request.POST)
    if request.POST.get("answer") == "no":
        return _page(request, work_order, form, focus=True)
    if form.is_valid():
        return _book(request, work_order, form, saying_yes=request.POST.get("answer") == "yes")
    only_the_answer_is_wrong = not form.errors.keys() - {"reason", "note"}
    confirmed = only_the_answer_is_wrong and form.cleaned_data["confirmed_target"] == work_order.target_on
    asking = _question(work_order, form, asks_reason=True) if confirmed else None
    return _page(request, work_order, form, status=422, question=asking)


def _book(request: Request, work_order: WorkOrder, form: AppointmentForm, *, saying_yes: bool) -> HttpResponse:
    """Book it; or put the question, or after Yes ask for the reason; or say what is wrong or was changed meanwhile."""
    booking = form.booking()._replace(reason=None) if saying_yes else form.booking()
    try:
        booked = services.book_appointment(work_order, booking, by=request.user, version=form.cleaned_data["version"])
    except services.ReasonNeeded as asked:
        form.answer(asked)
        question = _question(asked.work_order, form, answered=asked.answered)
        return _page(request, fetch(request, work_order.number), form, question=question)
    except services.Refused as error:
        if error.field == "reason" and saying_yes:
            return _page(request, work_order, form, question=_question(work_order, form, asks_reason=True))
        status = put(form, error)
        question = _question(work_order, form, asks_reason=True) if error.field == "reason" else None
        return _page(request, work_order, form, status=status, question=question)
    except services.Stale as stale:
        current = fetch(request, work_order.number)
        form.answer(stale)
        return _page(request, current, form, status=409, news=told(stale.news, request.user))
    return done(request, booked, format_html("Appointment booked for {}.", moment(booking.at, booked.site.zone)))


def _question(
    work_order: WorkOrder,
    form: AppointmentForm,
    *,
    asks_reason: bool = False,
    answered: dt.date | None = None,
) -> Question | None:
    """The question about the date in the form; None when that date is in time, or no calendar reaches it."""
    at, target_on = form.cleaned_data["appointment_at"], work_order.target_on
    if target_on is None or at.date() <= target_on:
        return None
    try:
        days_late = targets.business_days_late(work_order, at.date())
    except CalendarError as error:
        form.add_error("appointment_at", f"The business calendar does not reach this date: {error}.")
        return None
    instead = dt.datetime.combine(target_on, at.time(), work_order.site.zone)
    return Question(
        on=at.date(),
        target_on=target_on,
        how_late=targets.late_text(days_late),
        answered=answered,
        asks_reason=asks_reason,
        reason=form.data.get("reason") or services.suggested_reason(work_order, work_order.site_today()),
        groups=_groups() if asks_reason else [],
        instead=instead if instead > timezone.now() else None,
    )


def _groups() -> list[tuple[str, list[tuple[str, str, str]]]]:
    """The nine reasons in their groups: value, name, description."""
    return [
        (
            group.format(operator=settings.OPERATOR_NAME),
            [(reason, reason.label, description_of(reason)) for reason in reasons],
        )
        for group, reasons in DELAY_GROUPS
    ]


def _page(
    request: Request, work_order: WorkOrder, form: AppointmentForm, *, status: int = 200, **context: Any
) -> HttpResponse:
    """The Details tab with what was typed; htmx gets its Customer Information alone."""
    shipments = list(work_order.shipments.all())
    context |= {"form": form, "shipments": shipments, "tab": "work-order", "reason_description": described(work_order)}
    if not request.htmx:
        context["why"] = explain(work_order, shipments, work_order.holds.all())
    template = "work_orders/details.html" + ("#customer" if request.htmx else "")
    response = render(request, template, frame(request, work_order, **context), status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response
