"""Staff's actions on a work order: the links to what is possible, and the page of each action."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from portal.people.requests import user_of
from workorders.admin.actions import ACTIONS, ADD_SHIPMENT, SHIPMENT_ACTIONS, StaffAction
from workorders.admin.answers import Link, form_page, outcome, try_save
from workorders.admin.fetching import get_editable_or_404
from workorders.history.visibility import requests_for
from workorders.history.wording import describe_entries
from workorders.models import Comment, Shipment, WorkOrder
from workorders.permissions import blocked_reason, can_now, role_may
from workorders.services import last_step
from workorders.states import AssistanceReason, ShipmentStatus, Verb


def links(work_order: WorkOrder, user: Any) -> list[Link]:
    """List what this person can do with the work order now."""
    possible = [
        action
        for action in ACTIONS
        if role_may(user, action.verb) and not _blocked_reason(work_order, action)
    ]
    open_requests = requests_for(user, work_order)
    urgent = _urgent(work_order, open_requests)
    possible.sort(
        key=lambda action: urgent.index(action.name) if action.name in urgent else len(urgent)
    )
    labels = {"comment": "Answer"} if open_requests else {}
    return [
        Link(labels.get(action.name, action.label), _url(action, work_order)) for action in possible
    ]


def _urgent(work_order: WorkOrder, open_requests: Iterable[Comment]) -> list[str]:
    """Return the names of the actions that are due; they come first.

    Declined work is reassigned, work that was given up is followed by another work order, and the
    rest is what the partner waits for.
    """
    names = ["set-target"] if work_order.proposed_target_on else []
    if work_order.could_not_complete:
        names += ["follow-on"] if work_order.accepted_on else ["reassign"]
    names += ["resume", "replacement"]
    if any(request.assistance == AssistanceReason.HOLD for request in open_requests):
        names.append("hold")
    if open_requests:
        names.append("comment")
    return names


def _blocked_reason(work_order: WorkOrder, action: StaffAction) -> str:
    """Explain in a sentence why it cannot be done now; empty if it can."""
    return blocked_reason(work_order, action.verb) or action.blocked_reason(work_order)


def shipment_links(work_order: WorkOrder, shipment: Shipment, user: Any) -> list[Link]:
    if not can_now(user, Verb.ENTER_SHIPMENT, work_order):
        return []
    names = _possible_names(shipment)
    possible = [
        Link(_label(action, shipment), _url(action, work_order, shipment))
        for action in SHIPMENT_ACTIONS
        if action.name in names
    ]
    if shipment.is_to_be_sent:
        keys = [work_order.pk, shipment.pk]
        address = reverse("admin:workorders_workorder_shipment_label", args=keys)
        possible.append(Link("Add return label", address))
    return possible


def _possible_names(shipment: Shipment) -> list[str]:
    if shipment.is_delivered:
        return ["delivered", "edit"] if shipment.reported_by_partner else ["edit"]
    if shipment.is_waived:
        return ["claim", "edit"]
    names = ["delivered", "edd", "edit"]
    if shipment.status == ShipmentStatus.ORDERED:
        names.append("shipped")
    if shipment.is_to_be_sent:
        names.append("waive")
    return names


def _label(action: StaffAction, shipment: Shipment | None) -> str:
    if action.name == "delivered" and shipment and shipment.is_delivered:
        return "Confirm delivery"
    return action.label


def _url(action: StaffAction, work_order: WorkOrder, shipment: Shipment | None = None) -> str:
    if shipment:
        keys = [work_order.pk, shipment.pk]
        return reverse(f"admin:workorders_workorder_shipment_{action.name}", args=keys)
    return reverse(f"admin:workorders_workorder_{action.name}", args=[work_order.pk])


def action_page(
    admin: ModelAdmin[WorkOrder],
    request: HttpRequest,
    action: StaffAction,
    pk: int,
    shipment_pk: int | None = None,
) -> HttpResponse:
    """Show the page of an action and, on POST, take the action."""
    work_order = get_editable_or_404(admin, request, pk)
    shipment = get_object_or_404(work_order.shipments, pk=shipment_pk) if shipment_pk else None
    back = reverse("admin:workorders_workorder_change", args=[pk])
    if request.method != "POST" and (sentence := _blocked_reason(work_order, action)):
        messages.warning(request, sentence)
        return redirect(back)
    form = action.form(work_order, shipment, request.POST or None)

    def save() -> None:
        who = {"by": user_of(request), "version": form.cleaned_data["version"]}
        action.save(work_order, form, who)

    refusal = try_save(request, form, save) if request.method == "POST" else None
    if request.method == "POST" and refusal is None:
        saved = get_editable_or_404(admin, request, pk)
        messages.success(request, f"{action.saved_message} {outcome(saved)}")
        add_another = "_add_shipment" in request.POST
        return redirect(_url(ADD_SHIPMENT, work_order) if add_another else back)
    label = _label(action, shipment)
    title = f"{label}: {shipment}" if shipment else label
    last_entries = last_step(work_order) if action.verb == Verb.UNDO else ()
    return form_page(
        admin,
        request,
        form,
        title=f"{title} · {work_order.number}",
        refusal=refusal,
        action=action,
        work_order=work_order,
        zone=work_order.site.zone,
        here=label,
        submit=action.submit or label,
        last_step=describe_entries(last_entries, user_of(request)),
    )
