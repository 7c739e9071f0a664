"""Visits: started with one tap, ended with an outcome, corrected, or entered afterwards."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from portal.people.requests import Request
from workorders import services
from workorders.forms.visits import CorrectVisitForm, EndVisitForm, EnterVisitForm, NoForm
from workorders.models import Visit, WorkOrder
from workorders.states import Status, Verb, VisitOutcome
from workorders.views.answers import handle_action, work_order_action

NEXT: dict[str, str] = {
    VisitOutcome.DONE: "The visit has ended. With every line item ticked, press Completed.",
    VisitOutcome.RETURN: "The visit has ended. Now the next appointment is needed.",
    VisitOutcome.NOBODY: "Noted that nobody was there. Now the next appointment is needed.",
}
HELD = "The visit has ended. The work order stays on hold."


@work_order_action(Verb.START_VISIT)
def start_visit(request: Request, work_order: WorkOrder) -> HttpResponse:
    form = NoForm(request.POST if request.method == "POST" else None)

    def save() -> None:
        services.start_visit(work_order, by=request.user)

    return handle_action(
        request,
        work_order,
        form,
        "work_orders/start_visit.html",
        save=save,
        message="Work has begun.",
    )


@work_order_action(Verb.END_VISIT)
def end_visit(request: Request, work_order: WorkOrder) -> HttpResponse:
    form = EndVisitForm(request.POST or None)

    def save() -> None:
        services.end_visit(work_order, **form.cleaned_data, by=request.user)

    message = HELD if work_order.status == Status.ON_HOLD else _next(request)
    return handle_action(
        request,
        work_order,
        form,
        "work_orders/end_visit.html",
        save=save,
        message=message,
        outcomes=VisitOutcome,
    )


@work_order_action(Verb.START_VISIT)
def enter_visit(request: Request, work_order: WorkOrder) -> HttpResponse:
    booked = work_order.appointment
    initial = {"began_at": booked.at if booked else None}
    form = EnterVisitForm(work_order, request.POST or None, initial=initial)

    def save() -> None:
        services.enter_visit(work_order, **form.cleaned_data, by=request.user)

    return handle_action(
        request,
        work_order,
        form,
        "work_orders/end_visit.html",
        save=save,
        message=_next(request),
        outcomes=VisitOutcome,
    )


@work_order_action(Verb.CORRECT_VISIT)
def correct_visit(request: Request, work_order: WorkOrder, visit: int) -> HttpResponse:
    row = _visit_or_404(work_order, visit)
    form = CorrectVisitForm(work_order, request.POST or None, initial={"began_at": row.began_at})

    def save() -> Visit:
        return services.correct_visit(
            work_order, visit, began_at=form.cleaned_data["began_at"], by=request.user
        )

    return handle_action(
        request,
        work_order,
        form,
        "work_orders/correct_visit.html",
        save=save,
        message="The time is corrected.",
        visit=row,
    )


@work_order_action(Verb.CORRECT_VISIT)
def take_back_visit(request: Request, work_order: WorkOrder, visit: int) -> HttpResponse:
    row = _visit_or_404(work_order, visit)
    form = NoForm(request.POST if request.method == "POST" else None)

    def save() -> None:
        services.take_back_visit(work_order, visit, by=request.user)

    return handle_action(
        request,
        work_order,
        form,
        "work_orders/take_back_visit.html",
        save=save,
        message="Taken back: work has not begun.",
        visit=row,
    )


def _visit_or_404(work_order: WorkOrder, pk: int) -> Visit:
    """Fetch a visit of the current cycle."""
    return get_object_or_404(work_order.visits, pk=pk, cycle=work_order.cycle)


def _next(request: Request) -> str:
    return NEXT.get(request.POST.get("outcome", ""), "")
