"""The partner's actions on a work order: each has a page with a form."""

from django.http import Http404, HttpResponse

from portal.people.requests import Request
from workorders import services
from workorders.forms.actions import (
    AcceptForm,
    DepotForm,
    PartsReceivedForm,
    RequirementsForm,
    ShipToForm,
)
from workorders.forms.contacts import AssistanceForm
from workorders.forms.files import CommentForm
from workorders.models import Depot, WorkOrder
from workorders.states import ShipmentStatus, Verb
from workorders.views.answers import handle_action, work_order_action
from workorders.views.collaborate import collaborate_context
from workorders.views.in_a_row import after_accepting
from workorders.views.page_context import shipments_of
from workorders.views.related import related_context
from workorders.views.sent_files import add_sent_files

PARTS_RECEIVED = (
    "Thank you: the parts count as delivered, as reported by you."
    " Is one damaged or missing? Report it below."
)


@work_order_action(Verb.ACCEPT)
def accept(request: Request, work_order: WorkOrder) -> HttpResponse:
    form: AcceptForm | ShipToForm
    if work_order.parts_required:
        form = _ship_to_form(request, work_order)
        message = "Accepted. The parts will be sent to your address."
    else:
        form = AcceptForm(request.POST or None, initial=_made_from(work_order))
        message = "Accepted. The work can begin."
    onward = after_accepting(request, work_order) if request.method == "POST" else None

    def save() -> None:
        ship_to = form.ship_to() if isinstance(form, ShipToForm) else None
        services.accept_work_order(
            work_order, ship_to=ship_to, by=request.user, version=form.cleaned_data["version"]
        )

    message, page = onward or (message, "work-order")
    return handle_action(
        request,
        work_order,
        form,
        "work_orders/accept.html",
        save=save,
        message=message,
        page=page,
        depots=_depots(form, work_order),
    )


@work_order_action(Verb.CHANGE_SHIP_TO)
def ship_to(request: Request, work_order: WorkOrder) -> HttpResponse:
    form = _ship_to_form(request, work_order)

    def save() -> None:
        services.change_ship_to(
            work_order,
            ship_to=form.ship_to(),
            by=request.user,
            version=form.cleaned_data["version"],
        )

    return handle_action(
        request,
        work_order,
        form,
        "work_orders/accept.html",
        save=save,
        message="The ship-to is changed.",
        depots=_depots(form, work_order),
    )


@work_order_action(Verb.PARTS_RECEIVED)
def parts_received(request: Request, work_order: WorkOrder) -> HttpResponse:
    outbound = [row for row in shipments_of(work_order) if not row.is_return]
    under_way = [row for row in outbound if not row.is_delivered]
    arrived = [s.number for s in under_way if s.status == ShipmentStatus.SHIPPED]
    initial = {"shipments": arrived, "delivered_on": work_order.site_today()}
    form = PartsReceivedForm(
        under_way, request.POST or None, initial=initial | _made_from(work_order)
    )

    def save() -> None:
        values = form.cleaned_data
        services.parts_received(
            work_order,
            numbers=values["shipments"],
            on=values["delivered_on"],
            by=request.user,
            version=values["version"],
        )

    return handle_action(
        request,
        work_order,
        form,
        "work_orders/parts_received.html",
        save=save,
        message=PARTS_RECEIVED,
        page="rma-fso",
        under_way=under_way,
    )


@work_order_action(Verb.TAKE_BACK)
def take_back_completed(request: Request, work_order: WorkOrder) -> HttpResponse:
    form = AcceptForm(request.POST or None, initial=_made_from(work_order))

    def save() -> None:
        services.take_back_completed(
            work_order, by=request.user, version=form.cleaned_data["version"]
        )

    return handle_action(
        request,
        work_order,
        form,
        "work_orders/take_back_completed.html",
        save=save,
        message="Taken back: the work goes on.",
    )


@work_order_action(Verb.REQUEST_ASSISTANCE)
def request_assistance(request: Request, work_order: WorkOrder) -> HttpResponse:
    form = AssistanceForm(request.POST or None, initial={"reason": request.GET.get("reason", "")})

    def save() -> None:
        services.request_assistance(work_order, **form.request_values(), by=request.user)

    message = "Your request is in the thread, marked urgent, until it is answered."
    return handle_action(
        request,
        work_order,
        form,
        "work_orders/request_assistance.html",
        save=save,
        message=message,
        page="collaborate",
    )


@work_order_action(Verb.COMMENT)
def comment(request: Request, work_order: WorkOrder) -> HttpResponse:
    form = _comment_form(request)
    files = add_sent_files(request, work_order, form, internal=form.is_internal)

    def save() -> None:
        services.comment(
            work_order,
            body=form.cleaned_data["body"],
            internal=form.is_internal,
            files=[file.upload_key for file in files],
            by=request.user,
        )

    return handle_action(
        request,
        work_order,
        form,
        "work_orders/collaborate.html",
        save=save,
        message="Sent.",
        page="collaborate",
        build=collaborate_context,
        files=files,
    )


@work_order_action(Verb.ANSWER_VERDICT)
def answer_verdict(request: Request, work_order: WorkOrder) -> HttpResponse:
    """Let the partner answer the last verdict on the current reason, once, with files."""
    missed = services.reason_to_answer(work_order)
    verdict = services.last_verdict(missed) if missed else None
    if verdict is None:
        raise Http404
    form = _comment_form(request)
    files = add_sent_files(request, work_order, form, verb=Verb.ANSWER_VERDICT)

    def save() -> None:
        services.answer_verdict(
            verdict,
            body=form.cleaned_data["body"],
            files=[file.upload_key for file in files],
            by=request.user,
        )

    return handle_action(
        request,
        work_order,
        form,
        "work_orders/answer_verdict.html",
        save=save,
        message="Sent: the reason is reviewed again.",
        verdict=verdict,
        files=files,
    )


@work_order_action(Verb.NOTE_REQUIREMENTS)
def note_requirements(request: Request, work_order: WorkOrder) -> HttpResponse:
    initial = _made_from(work_order) | {"text": work_order.partner_notes}
    form = RequirementsForm(request.POST or None, initial=initial)

    def save() -> None:
        values = form.cleaned_data
        services.note_requirements(
            work_order, text=values["text"], by=request.user, version=values["version"]
        )

    return handle_action(
        request,
        work_order,
        form,
        "work_orders/related.html",
        save=save,
        message="Noted.",
        page="related",
        build=related_context,
    )


def _comment_form(request: Request) -> CommentForm:
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    return CommentForm(request.user, *sent)


def _made_from(work_order: WorkOrder) -> dict[str, int]:
    return {"version": work_order.version}


def _depots(form: AcceptForm | ShipToForm, work_order: WorkOrder) -> list[Depot]:
    """List the depots to choose from, where the form asks for an address."""
    if not isinstance(form, ShipToForm):
        return []
    return list(Depot.objects.of(work_order.partner_id))


def _ship_to_form(request: Request, work_order: WorkOrder) -> ShipToForm:
    """Fill the form in from the depot that was pressed, or else with what is suggested."""
    pressed = DepotForm(request.GET).depot_of(work_order.partner)
    suggested = (
        pressed.ship_to if pressed else services.suggested_ship_to(work_order, work_order.partner)
    )
    initial = suggested._asdict() if suggested else {"country": work_order.site.country}
    return ShipToForm(request.POST or None, initial=initial | _made_from(work_order))
