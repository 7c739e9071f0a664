"""Completed and Could Not Complete, which ask why if the work is late and nobody has said why.

Completed without a visit also asks when the work began (docs/rules.md, rule 6).
"""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from portal.people.requests import Request
from workorders import services
from workorders.fieldwork.completion_blockers import asks_when_it_began
from workorders.forms.completing import CompleteForm, CouldNotCompleteForm
from workorders.models import WorkOrder
from workorders.states import CouldNotCompleteReason, Verb
from workorders.views.answers import handle_action, work_order_action
from workorders.views.delays import ask_why, delay_context
from workorders.views.page_context import action_context, fetch, page_context, shipments_of

TEMPLATE = "work_orders/complete.html"
NOT_COMPLETED = "work_orders/could_not_complete.html"
DONE = "Completed. Was that a mistake? You can take it back for 15 minutes."


@work_order_action(Verb.COMPLETE)
def complete(request: Request, work_order: WorkOrder) -> HttpResponse:
    form = CompleteForm(work_order, request.POST or None, initial=_begun(work_order))

    def save() -> None:
        services.complete(
            work_order,
            began_at=form.cleaned_data["began_at"],
            delay=form.delay.given(),
            by=request.user,
            version=form.cleaned_data["version"],
        )

    try:
        return handle_action(
            request, work_order, form, TEMPLATE, build=_context, save=save, message=DONE
        )
    except services.BeganMissing:
        row = fetch(request, work_order.number)
        asked = CompleteForm(row, initial=_begun(row))
        return render(request, TEMPLATE, _context(request, row, form=asked))
    except services.ReasonNeeded as conflict:
        status, row = ask_why(form.delay, conflict), fetch(request, work_order.number)
        return render(request, TEMPLATE, _context(request, row, form=form), status=status)


def _context(
    request: Request, work_order: WorkOrder, *, form: CompleteForm, **more: Any
) -> dict[str, Any]:
    asks_when = asks_when_it_began(work_order)
    more |= delay_context(request, work_order, form.delay)
    return page_context(request, work_order, form=form, asks_when=asks_when, **more)


def _begun(work_order: WorkOrder) -> dict[str, Any]:
    """Propose when the work began: the booked time if that has passed, or else now."""
    now, booked = timezone.now(), work_order.appointment
    began_at = booked.at if booked and booked.at <= now else now
    return {"version": work_order.version, "began_at": began_at}


@work_order_action(Verb.COULD_NOT_COMPLETE)
def could_not_complete(request: Request, work_order: WorkOrder) -> HttpResponse:
    initial = {"version": work_order.version}
    form = CouldNotCompleteForm(request.POST or None, initial=initial)

    def save() -> None:
        values = form.cleaned_data
        services.could_not_complete(
            work_order,
            reason=CouldNotCompleteReason(values["reason"]),
            note=values["note"],
            delay=form.delay.given(),
            by=request.user,
            version=values["version"],
        )

    try:
        return handle_action(
            request,
            work_order,
            form,
            NOT_COMPLETED,
            build=_not_completed,
            save=save,
            message="Recorded as Could Not Complete.",
        )
    except services.ReasonNeeded as conflict:
        status, row = ask_why(form.delay, conflict), fetch(request, work_order.number)
        context = _not_completed(request, row, form=form)
        return render(request, NOT_COMPLETED, context, status=status)


def _not_completed(
    request: Request, work_order: WorkOrder, *, form: CouldNotCompleteForm, **more: Any
) -> dict[str, Any]:
    outbound = [row for row in shipments_of(work_order) if not row.is_return]
    arrived = [row for row in outbound if row.is_delivered]
    more |= delay_context(request, work_order, form.delay)
    return action_context(request, work_order, form=form, arrived=arrived, **more)
