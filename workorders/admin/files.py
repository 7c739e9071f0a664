"""Photos and documents on the admin's page of a work order: adding, changing, removing them."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from portal.people.requests import user_of
from workorders.admin.answers import form_page, try_save
from workorders.admin.fetching import get_editable_or_404
from workorders.forms.files import FileForm, KeyedForm, LabelForm, UploadForm
from workorders.models import File, WorkOrder
from workorders.services import DomainError, add_files, change_file, remove_file
from workorders.states import Direction

GONE = (
    "It will be gone for everyone, and cannot be restored."
    " History keeps a record that it was there."
)


def files_for_admin(work_order: WorkOrder, user: Any, *, may_change: bool) -> dict[str, Any]:
    """Build the section: every file, and whether it can be changed."""
    files = work_order.files.visible_to(user).with_facts().with_twins()
    return {"files": files, "may_change_files": may_change}


def add_files_page(admin: ModelAdmin[WorkOrder], request: HttpRequest, pk: int) -> HttpResponse:
    work_order = get_editable_or_404(admin, request, pk)
    sent = [request.POST, request.FILES] if request.method == "POST" else []
    form = UploadForm(work_order.line_items.all(), user_of(request), *sent)

    def save() -> None:
        _add(request, work_order, form, **form.metadata())

    return _page(admin, request, work_order, form, save=save, label="Add files")


def label_page(
    admin: ModelAdmin[WorkOrder], request: HttpRequest, pk: int, shipment_pk: int
) -> HttpResponse:
    work_order = get_editable_or_404(admin, request, pk)
    returns = work_order.shipments.filter(direction=Direction.RETURN)
    shipment = get_object_or_404(returns, pk=shipment_pk)
    form = LabelForm(request.POST, request.FILES) if request.method == "POST" else LabelForm()

    def save() -> None:
        _add(request, work_order, form, shipment=shipment)

    return _page(admin, request, work_order, form, save=save, label=f"Return label of {shipment}")


def _add(request: HttpRequest, work_order: WorkOrder, form: KeyedForm, **metadata: Any) -> None:
    """Save the files that can be saved, and say why the others cannot.

    Raises DomainError if none can.
    """
    uploads = form.keyed()
    refused = add_files(work_order, uploads, by=user_of(request), **metadata)
    sentences = " ".join(f"{upload.name}: {why.message}" for upload, why in refused)
    if len(refused) == len(uploads):
        raise DomainError(sentences, "uploads")
    messages.success(request, f"Files added: {len(uploads) - len(refused)}.")
    if refused:
        messages.warning(request, f"Not added: {sentences}")


def change_page(
    admin: ModelAdmin[WorkOrder], request: HttpRequest, pk: int, key: UUID
) -> HttpResponse:
    work_order = get_editable_or_404(admin, request, pk)
    file = _get_file_or_404(work_order, request, key)
    form = FileForm(file, user_of(request), request.POST if request.method == "POST" else None)

    def save() -> None:
        change_file(file, by=user_of(request), **form.cleaned_data)
        messages.success(request, f"{file} is saved.")

    return _page(admin, request, work_order, form, save=save, label=f"Change {file}")


def remove_page(
    admin: ModelAdmin[WorkOrder], request: HttpRequest, pk: int, key: UUID
) -> HttpResponse:
    work_order = get_editable_or_404(admin, request, pk)
    file = _get_file_or_404(work_order, request, key)

    def save() -> None:
        remove_file(file, by=user_of(request))
        messages.success(request, f"{file} is removed.")

    form = Form(request.POST if request.method == "POST" else None)
    return _page(
        admin,
        request,
        work_order,
        form,
        save=save,
        label=f"Remove {file}",
        about=GONE,
        submit="Remove",
    )


FILE_PAGES = [  # below <work order>/files/
    ("add/", add_files_page, "add"),
    ("<uuid:key>/change/", change_page, "change"),
    ("<uuid:key>/remove/", remove_page, "remove"),
]


def _get_file_or_404(work_order: WorkOrder, request: HttpRequest, key: UUID) -> File:
    file = get_object_or_404(work_order.files.visible_to(request.user), key=key)
    file.work_order = work_order
    return file


def _page(
    admin: ModelAdmin[WorkOrder],
    request: HttpRequest,
    work_order: WorkOrder,
    form: Any,
    *,
    save: Callable[[], None],
    label: str,
    **context: Any,
) -> HttpResponse:
    """Show the form, or go back to the work order when it is done."""
    refusal = try_save(request, form, save) if request.method == "POST" else None
    if request.method == "POST" and refusal is None:
        return redirect(reverse("admin:workorders_workorder_change", args=[work_order.pk]))
    title = f"{label} · {work_order.number}"
    facts: dict[str, Any] = {"work_order": work_order, "zone": work_order.site.zone, "here": label}
    return form_page(admin, request, form, title=title, refusal=refusal, **facts | context)
