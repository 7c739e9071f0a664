"""Corrections of a work order's holds."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from portal.people.requests import user_of
from workorders.admin.answers import form_page, outcome, try_save
from workorders.admin.fetching import get_editable_or_404
from workorders.forms.staff import HoldCorrectionForm
from workorders.models import Hold, WorkOrder
from workorders.permissions import blocked_reason, can_now
from workorders.services import correct_hold
from workorders.states import Verb


def hold_links(work_order: WorkOrder, holds: Iterable[Hold], user: Any) -> list[tuple[Hold, str]]:
    """List the holds, each with the address where this person can correct it, or without one."""
    possible = user is not None and can_now(user, Verb.CORRECT_HOLD, work_order)
    return [(hold, _url(hold) if possible else "") for hold in holds]


def _url(hold: Hold) -> str:
    return reverse("admin:workorders_workorder_hold_correct", args=[hold.work_order_id, hold.pk])


def correct_page(
    admin: ModelAdmin[WorkOrder], request: HttpRequest, pk: int, hold_pk: int
) -> HttpResponse:
    """Show the page of a correction and, on POST, save it."""
    work_order = get_editable_or_404(admin, request, pk)
    hold = get_object_or_404(work_order.holds, pk=hold_pk)
    back = reverse("admin:workorders_workorder_change", args=[pk])
    if request.method != "POST" and (sentence := blocked_reason(work_order, Verb.CORRECT_HOLD)):
        messages.warning(request, sentence)
        return redirect(back)
    data = request.POST if request.method == "POST" else None
    form = HoldCorrectionForm(work_order, hold, data)

    def save() -> None:
        correct_hold(hold, by=user_of(request), **form.values())

    refusal = try_save(request, form, save) if request.method == "POST" else None
    if request.method == "POST" and refusal is None:
        corrected = get_editable_or_404(admin, request, pk)
        messages.success(request, f"The hold is corrected. {outcome(corrected)}")
        return redirect(back)
    return form_page(
        admin,
        request,
        form,
        title=f"Correct a hold · {work_order.number}",
        about=f"“{hold.reason}” The Target SLA follows.",
        refusal=refusal,
        work_order=work_order,
        zone=work_order.site.zone,
        here="Correct a hold",
    )
