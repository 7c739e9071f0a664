"""Work orders that staff enter by hand, and corrections of their facts."""

from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from portal.people.requests import user_of
from workorders.admin.answers import form_page, outcome, try_save
from workorders.admin.fetching import get_editable_or_404
from workorders.models import WorkOrder
from workorders.services import enter_work_order, next_number, update_work_order
from workorders.services.flow.entering import ENTERED

POC = ["poc_name", "poc_phone", "poc_email"]
FIELDSETS: Any = [
    (
        "The task",
        {"fields": ["number", "case_number", "subject", "description", "work_type", "line_items"]},
    ),
    ("Where", {"fields": ["station", "site", "territory"]}),
    ("Who and by when", {"fields": ["partner", "entitlement", "assigned_on"]}),
    ("Asked for", {"fields": ["parts_required", "images_required", "return_parts_required"]}),
    (
        "Contact and access",
        {"fields": [*POC, *(f"second_{field}" for field in POC), "access_notes"]},
    ),
]


def add_work_order_page(admin: ModelAdmin[WorkOrder], request: HttpRequest) -> HttpResponse:
    if not admin.has_add_permission(request):
        raise PermissionDenied
    form = admin.get_form(request)(request.POST or None, initial={"number": next_number()})

    def save() -> None:
        values = form.cleaned_data
        enter_work_order(
            values["number"],
            _entered(values),
            line_items=values["line_items"],
            by=user_of(request),
            confirmed=values["confirmed"],
        )

    refusal = try_save(request, form, save) if request.method == "POST" else None
    if request.method == "POST" and refusal is None:
        return _back_to(admin, request, form.cleaned_data["number"], "The work order is entered.")
    return form_page(
        admin,
        request,
        form,
        title="Add work order",
        refusal=refusal,
        fieldsets=FIELDSETS,
        here="Add",
    )


def edit_page(admin: ModelAdmin[WorkOrder], request: HttpRequest, pk: int) -> HttpResponse:
    work_order = get_editable_or_404(admin, request, pk)
    initial_values = {
        "version": work_order.version,
        "line_items": [item.as_entered for item in work_order.line_items.all()],
    }
    row = get_editable_or_404(admin, request, pk)  # the form writes into its own
    form = admin.get_form(request, row, change=True)(
        request.POST or None, instance=row, initial=initial_values
    )

    def save() -> None:
        values = form.cleaned_data
        update_work_order(
            work_order,
            _entered(values),
            line_items=values["line_items"],
            by=user_of(request),
            version=values["version"],
            confirmed=values["confirmed"],
        )

    refusal = try_save(request, form, save) if request.method == "POST" else None
    if request.method == "POST" and refusal is None:
        return _back_to(admin, request, work_order.number, "The work order is saved.")
    return form_page(
        admin,
        request,
        form,
        title=f"Edit · {work_order.number}",
        refusal=refusal,
        fieldsets=FIELDSETS,
        work_order=work_order,
        zone=work_order.site.zone,
        here="Edit",
    )


def _entered(values: dict[str, Any]) -> dict[str, Any]:
    return {field: values[field] for field in ENTERED}


def _back_to(
    admin: ModelAdmin[WorkOrder], request: HttpRequest, number: str, sentence: str
) -> HttpResponse:
    work_order = admin.get_queryset(request).filter(number=number).first()
    if work_order is None:  # entered by someone who may not look at it
        messages.success(request, sentence)
        return redirect("admin:index")
    messages.success(request, f"{sentence} {outcome(work_order)}")
    return redirect(reverse("admin:workorders_workorder_change", args=[work_order.pk]))
