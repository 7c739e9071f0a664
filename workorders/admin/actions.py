"""Staff's actions on a work order and its shipments: one page each, whose form gives a service its
values.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from portal.people.requests import user_of
from workorders import services
from workorders.admin.answers import Link, form_page, outcome, try_save
from workorders.admin.fetching import get_editable_or_404
from workorders.fieldwork.returns_and_reports import open_reports, unnumbered
from workorders.forms import shipments
from workorders.forms import staff as forms
from workorders.history.visibility import requests_for
from workorders.history.wording import told
from workorders.models import Comment, Shipment, WorkOrder
from workorders.permissions import blocked_reason, can_now, role_may
from workorders.services import last_step
from workorders.services.flow.undoing import instead_of_undoing
from workorders.states import AssistanceReason, ShipmentStatus, Verb

Save = Callable[
    [WorkOrder, Any, Any], object
]  # the work order, the valid form, who does it from which version


class Action(NamedTuple):
    name: str  # in addresses
    verb: Verb
    label: str
    form: type[forms.StaffForm]
    save: Save
    saved_message: str
    about: str = ""


def _enter_shipment(work_order: WorkOrder, form: shipments.ShipmentStepForm, who: Any) -> object:
    number, parts = form.shipment_number(), form.entered_parts()
    return services.enter_shipment(work_order, number, form.details(), parts=parts, **who)


def _replace(work_order: WorkOrder, form: shipments.ReplacementForm, who: Any) -> object:
    number, parts, reports = (
        form.shipment_number(),
        form.entered_parts(),
        form.cleaned_data["reports"],
    )
    return services.send_replacement(
        work_order, number, form.details(), parts=parts, reports=reports, **who
    )


def _waive(work_order: WorkOrder, form: forms.NoteForm, who: Any) -> object:
    shipment = form.shipment or unnumbered(work_order, work_order.shipments.all())
    number = shipment.number if shipment else work_order.number
    return services.waive_return(work_order, number=number, note=form.cleaned_data["note"], **who)


def _claim(work_order: WorkOrder, form: forms.NoteForm, who: Any) -> object:
    number = form.shipment.number if form.shipment else ""
    return services.claim_return(work_order, number=number, note=form.cleaned_data["note"], **who)


def _comment(work_order: WorkOrder, form: forms.CommentForm, who: Any) -> object:
    return services.comment(work_order, body=form.cleaned_data["body"], by=who["by"])


def _internal_note(work_order: WorkOrder, form: forms.InternalNoteForm, who: Any) -> object:
    return services.comment(work_order, body=form.cleaned_data["body"], internal=True, by=who["by"])


def _follow_on(work_order: WorkOrder, form: forms.FollowOnForm, who: Any) -> object:
    values = {name: form.cleaned_data[name] for name in ("number", "partner", "assigned_on")}
    return services.issue_follow_on(work_order, **values, **who)


def _second_poc(work_order: WorkOrder, form: forms.SecondPocForm, who: Any) -> object:
    poc = services.POC(*(form.cleaned_data[name] for name in services.POC._fields))
    return services.add_second_poc(work_order, poc, **who)


def _of(service: Callable[..., object]) -> Save:
    """The service with the form's fields as its arguments."""
    return lambda work_order, form, who: service(work_order, **form.cleaned_data | who)


ACTIONS = [  # the first that is possible is the main one, but for what is `_pressing`
    Action(
        *(
            "order-parts",
            Verb.ORDER_PARTS,
            "Order the parts",
            forms.StaffForm,
            _of(services.order_parts),
        ),
        "The parts are ordered.",
        "The ship-to is fixed from now on.",
    ),
    Action(
        *("resume", Verb.RESUME, "Resume", forms.StaffForm, _of(services.resume)),
        "The work goes on.",
        "The work goes on where the hold came from, or where shipments have led meanwhile.",
    ),
    Action(
        *("close", Verb.CLOSE, "Close the work order", forms.StaffForm, _of(services.close)),
        "The work order is closed.",
        "The work is confirmed. This is an end.",
    ),
    Action(
        *("send-back", Verb.SEND_BACK, "Send back", forms.SendBackForm, _of(services.send_back)),
        "The work is sent back.",
        "Back to In Progress, for another cycle. The outcome that was frozen at completion stands.",
    ),
    Action(
        *("set-target", Verb.SET_TARGET, "Set a target for this cycle", forms.CycleTargetForm),
        *(_of(services.set_target), "The target is set."),
        "Bookings and visits of this cycle are judged by it. The first cycle's outcome stands.",
    ),
    Action(
        *(
            "add-shipment",
            Verb.ENTER_SHIPMENT,
            "Add shipment",
            shipments.ShipmentForm,
            _enter_shipment,
        ),
        "The shipment is added.",
        "Status and Target SLA follow the required outbound shipments.",
    ),
    Action(
        *(
            "replacement",
            Verb.ENTER_SHIPMENT,
            "Send a replacement",
            shipments.ReplacementForm,
            _replace,
        ),
        "The replacement is on the work order.",
        "A new required shipment for what came damaged or did not come; the Target SLA follows it.",
    ),
    Action(
        *(
            "settle-parts",
            Verb.SETTLE_PARTS,
            "Settle reported parts",
            shipments.SettleForm,
            _of(services.settle_reports),
        ),
        "The reports are settled.",
        "Nothing is sent in place of the reported parts.",
    ),
    Action(
        *("waive-return", Verb.WAIVE_RETURN, "Old parts not needed back", forms.NoteForm, _waive),
        "The partner need not send the old parts back.",
        "Nobody has entered a return for them yet; Completed does not wait for them any more.",
    ),
    Action(
        *("reassign", Verb.REASSIGN, "Reassign", forms.ReassignForm, _of(services.reassign)),
        "The work order is reassigned.",
        "To another partner, as long as nobody has accepted it. He reads nothing of what stood before.",
    ),
    Action(
        *("follow-on", Verb.ISSUE_FOLLOW_ON, "Issue a follow-on", forms.FollowOnForm, _follow_on),
        "The follow-on work order is issued.",
        "The same task as a new work order; the two name each other.",
    ),
    Action(
        "comment",
        Verb.COMMENT,
        "Comment",
        forms.CommentForm,
        _comment,
        "The comment is in Collaborate.",
    ),
    Action(
        "note",
        Verb.COMMENT,
        "Internal note",
        forms.InternalNoteForm,
        _internal_note,
        "The note stands for staff.",
    ),
    Action(
        "second-poc",
        Verb.ADD_SECOND_POC,
        "Add a second POC",
        forms.SecondPocForm,
        _second_poc,
        "The POC is added.",
    ),
    Action(
        *("hold", Verb.HOLD, "Put on hold", forms.HoldForm, _of(services.hold)),
        "The work is on hold.",
        "From today on, until it is resumed.",
    ),
    Action(
        *("undo", Verb.UNDO, "Undo the last step", forms.NoteForm, _of(services.undo_last_step)),
        "The last step is undone.",
        "History keeps the step and tells that it was undone.",
    ),
    Action(
        *("cancel", Verb.CANCEL, "Cancel the work order", forms.CancelForm, _of(services.cancel)),
        "The work order is canceled.",
        "The work is withdrawn. This is an end.",
    ),
]
SHIPMENT_ACTIONS = [
    Action(
        "shipped",
        Verb.ENTER_SHIPMENT,
        "Mark shipped",
        shipments.ShippedForm,
        _enter_shipment,
        "It is on its way.",
    ),
    Action(
        "delivered",
        Verb.ENTER_SHIPMENT,
        "Mark delivered",
        shipments.DeliveredForm,
        _enter_shipment,
        "It is delivered.",
    ),
    Action(
        "edd",
        Verb.ENTER_SHIPMENT,
        "Correct the EDD",
        shipments.EddForm,
        _enter_shipment,
        "The date is corrected.",
    ),
    Action(
        "edit",
        Verb.ENTER_SHIPMENT,
        "Edit",
        shipments.ShipmentForm,
        _enter_shipment,
        "The shipment is saved.",
    ),
    Action(
        *(
            "waive",
            Verb.WAIVE_RETURN,
            "Not needed back",
            forms.NoteForm,
            _waive,
            "It is not owed any more.",
        ),
        "The partner need not send it, and Completed does not wait for it any more.",
    ),
    Action(
        *(
            "claim",
            Verb.WAIVE_RETURN,
            "Needed back after all",
            forms.NoteForm,
            _claim,
            "It is owed again.",
        ),
        "The partner sends it back, as if it had never been waived.",
    ),
]
ABOUT_REPORTS = (shipments.ReplacementForm, shipments.SettleForm)
SAVED = (
    shipments.ShipmentForm,
    shipments.EddForm,
)  # forms that say what is so, rather than do a step


def links(work_order: WorkOrder, user: Any) -> list[Link]:
    """What this person can do with it now."""
    possible = [
        action
        for action in ACTIONS
        if role_may(user, action.verb) and not _blocked_reason(work_order, action)
    ]
    asked = requests_for(user, work_order)
    pressing = _pressing(asked)
    possible.sort(
        key=lambda action: pressing.index(action.name) if action.name in pressing else len(pressing)
    )
    labels = {"comment": "Answer"} if asked else {}
    return [
        Link(labels.get(action.name, action.label), _url(action, work_order)) for action in possible
    ]


def _pressing(asked: Iterable[Comment]) -> list[str]:
    """What comes before all else where it is possible: the partner waits for it."""
    holds = any(request.assistance == AssistanceReason.HOLD for request in asked)
    return ["resume", "replacement", *["hold"] * holds, *["comment"] * bool(asked)]


def _blocked_reason(work_order: WorkOrder, action: Action) -> str:
    """Why it cannot be done now, as a sentence; empty when it can."""
    sentence = blocked_reason(work_order, action.verb)
    if action.form in ABOUT_REPORTS and not sentence and not open_reports(work_order).exists():
        return "No part is reported as damaged or missing."
    if (
        action.name == "waive-return"
        and not sentence
        and not unnumbered(work_order, work_order.shipments.all())
    ):
        return "No return of old parts is waited for that has no number yet."
    if action.verb == Verb.UNDO and not sentence:
        step = last_step(work_order)
        sentence = instead_of_undoing(work_order, step) if step else "There is no step to undo."
    return sentence


def shipment_links(work_order: WorkOrder, shipment: Shipment, user: Any) -> list[Link]:
    if not can_now(user, Verb.ENTER_SHIPMENT, work_order):
        return []
    found = [
        Link(_label(action, shipment), _url(action, work_order, shipment))
        for action in SHIPMENT_ACTIONS
        if action.name in _steps_of(shipment)
    ]
    if shipment.is_to_be_sent:
        address = reverse(
            "admin:workorders_workorder_shipment_label", args=[work_order.pk, shipment.pk]
        )
        found.append(Link("Add return label", address))
    return found


def _steps_of(shipment: Shipment) -> Iterable[str]:
    if shipment.is_delivered:
        return ["delivered", "edit"] if shipment.reported_by_partner else ["edit"]
    if shipment.is_waived:
        return ["claim", "edit"]
    steps = ["shipped", "delivered", "edd", "edit"][shipment.status != ShipmentStatus.ORDERED :]
    return [*steps, "waive"] if shipment.is_to_be_sent else steps


def _label(action: Action, shipment: Shipment) -> str:
    return (
        "Confirm delivery" if action.name == "delivered" and shipment.is_delivered else action.label
    )


def _url(action: Action, work_order: WorkOrder, shipment: Shipment | None = None) -> str:
    kind, args = ("shipment_", [work_order.pk, shipment.pk]) if shipment else ("", [work_order.pk])
    return reverse(f"admin:workorders_workorder_{kind}{action.name}", args=args)


def action_page(
    admin: ModelAdmin[WorkOrder],
    request: HttpRequest,
    action: Action,
    pk: int,
    shipment_pk: int | None = None,
) -> HttpResponse:
    """The page of an action, and on POST the action itself."""
    work_order = get_editable_or_404(admin, request, pk)
    shipment = get_object_or_404(work_order.shipments, pk=shipment_pk) if shipment_pk else None
    back = reverse("admin:workorders_workorder_change", args=[pk])
    if request.method != "POST" and (sentence := _blocked_reason(work_order, action)):
        messages.warning(request, sentence)
        return redirect(back)
    form, refusal = action.form(work_order, shipment, request.POST or None), None
    if request.method == "POST":
        refusal = try_save(
            request, form, lambda: action.save(work_order, form, _who(request, form))
        )
        if refusal is None:
            messages.success(
                request,
                f"{action.saved_message} {outcome(get_editable_or_404(admin, request, pk))}",
            )
            return redirect(
                _url(_ADD_SHIPMENT, work_order) if "_add_shipment" in request.POST else back
            )
    label = _label(action, shipment) if shipment else action.label
    title = f"{label}: {shipment}" if shipment else label
    return form_page(
        *(admin, request, form),
        title=f"{title} · {work_order.number}",
        refusal=refusal,
        action=action,
        work_order=work_order,
        zone=work_order.site.zone,
        here=label,
        submit="Save" if action.form in SAVED else label,
        step=told(last_step(work_order), user_of(request)) if action.verb == Verb.UNDO else (),
    )


_ADD_SHIPMENT = next(action for action in ACTIONS if action.name == "add-shipment")


def _who(request: HttpRequest, form: forms.StaffForm) -> dict[str, Any]:
    return {"by": user_of(request), "version": form.cleaned_data["version"]}
