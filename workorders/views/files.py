"""Photos and documents of a work order: uploading, viewing, changing and removing them.

This is the only way to reach a stored file.
"""

import logging
from typing import Any, NamedTuple
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.forms import Form
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers

from portal.middleware import PRIVATE
from portal.people.requests import Request
from workorders import services
from workorders.forms.files import FileForm, UploadForm
from workorders.forms.refusals import status_of
from workorders.models import File, WorkOrder
from workorders.permissions import may_edit_file
from workorders.states import Verb
from workorders.views.answers import (
    handle_action,
    page_url,
    redirect_after,
    work_order_action,
    work_order_view,
)
from workorders.views.page_context import section_context
from workorders.views.related import related_context
from workorders.views.shown_files import file_list

logger = logging.getLogger(__name__)
ITSELF = "default-src 'none'; sandbox"  # a file that is opened by itself can do nothing


class RejectedUpload(NamedTuple):
    """A file that was not saved, and why."""

    name: str
    sentence: str
    status: int


@work_order_action(Verb.ADD_FILE)
def files(request: Request, work_order: WorkOrder) -> HttpResponse:
    """Save the files that can be saved, and say why the others cannot."""
    if request.method != "POST":
        return redirect(page_url(request, work_order, "related"))
    form = UploadForm(work_order.line_items.all(), request.user, request.POST, request.FILES)
    added, refused = add_all(work_order, form, request) if form.is_valid() else (0, errors_of(form))
    if request.htmx:
        return _section(request, work_order, refused)
    message = "1 file is added." if added == 1 else f"{added} files are added."
    if not refused:
        return redirect_after(request, work_order, message, "related")
    own: dict[str, Any] = {
        "refused": refused,
        "added_message": added and message,
        "upload": form.again(),
    }
    page = related_context(request, work_order, **own)
    return render(request, "work_orders/related.html", page, status=common_status(refused))


def _section(
    request: Request, work_order: WorkOrder, refused: list[RejectedUpload]
) -> HttpResponse:
    """Show only the list of files, or what was refused."""
    part = "refused" if refused else "list"
    own = {"refused": refused} if refused else file_list(request, work_order)
    context, status = section_context(request, work_order, **own), common_status(refused)
    response = render(request, f"work_orders/_files.html#{part}", context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def add_all(
    work_order: WorkOrder, form: UploadForm, request: Request
) -> tuple[int, list[RejectedUpload]]:
    """Add the files. Return how many were saved, and which were refused."""
    uploads = form.keyed()
    refused = services.add_files(work_order, uploads, by=request.user, **form.metadata())
    refusals = [
        RejectedUpload(upload.name or "", why.message, status_of(why)) for upload, why in refused
    ]
    return len(uploads) - len(refused), refusals


def errors_of(form: UploadForm) -> list[RejectedUpload]:
    """List the errors that kept the form from being processed at all."""
    labels = {name: str(field.label or name.capitalize()) for name, field in form.fields.items()}
    return [
        RejectedUpload(labels[name], " ".join(map(str, errors)), 422)
        for name, errors in form.errors.items()
    ]


def common_status(refused: list[RejectedUpload]) -> int:
    """Return the status that all refusals share, or 422; 200 if nothing was refused."""
    statuses = {refusal.status for refusal in refused}
    if len(statuses) > 1:
        return 422
    return statuses.pop() if statuses else 200


@work_order_view()
def file(request: Request, work_order: WorkOrder, key: UUID) -> HttpResponseBase:
    row = fetch_file(request, work_order, key)
    if not row.is_open:
        sentence = f"{row.get_scan_display()}."
        return HttpResponse(sentence, status=409, content_type="text/plain; charset=utf-8")
    return sent(row, row.stored)


@work_order_view()
def file_small(request: Request, work_order: WorkOrder, key: UUID) -> HttpResponseBase:
    row = fetch_file(request, work_order, key)
    if not row.is_photo:
        raise Http404
    return sent(row, row.stored_small)


@work_order_action(Verb.CHANGE_FILE)
def change_file(request: Request, work_order: WorkOrder, key: UUID) -> HttpResponse:
    row = fetch_file(request, work_order, key, to_touch=True)
    form = FileForm(row, request.user, request.POST if request.method == "POST" else None)

    def save() -> None:
        services.change_file(row, **form.cleaned_data, by=request.user)

    return handle_action(
        request,
        work_order,
        form,
        "work_orders/change_file.html",
        save=save,
        message="Saved.",
        page="related",
        **about(row),
    )


@work_order_action(Verb.REMOVE_FILE)
def remove_file(request: Request, work_order: WorkOrder, key: UUID) -> HttpResponse:
    row = fetch_file(request, work_order, key, to_touch=True)

    def save() -> None:
        services.remove_file(row, by=request.user)

    form = Form(request.POST if request.method == "POST" else None)
    message = f"{row} is removed."
    return handle_action(
        request,
        work_order,
        form,
        "work_orders/remove_file.html",
        save=save,
        message=message,
        page="related",
        **about(row),
    )


def about(row: File) -> dict[str, Any]:
    return {"file": row, "back_to": "related", "tab": "related"}


def fetch_file(
    request: Request, work_order: WorkOrder, key: UUID, *, to_touch: bool = False
) -> File:
    """Fetch a file that this person may see (404 otherwise).

    `to_touch` also requires that they may change it (403 otherwise).
    """
    row = get_object_or_404(work_order.files.visible_to(request.user).with_facts(), key=key)
    row.work_order = work_order
    if to_touch and not may_edit_file(request.user, row):
        raise PermissionDenied
    return row


def sent(row: File, name: str) -> HttpResponseBase:
    """Send a stored file.

    Photos, which the portal has encoded itself, are shown; documents are only downloaded.
    """
    stem = row.name.rpartition(".")[0] or row.name
    try:
        opened = default_storage.open(name)
    except FileNotFoundError as error:
        raise Http404 from error
    except OSError:
        logger.exception("The storage does not give %s", name)
        return HttpResponse(
            "This file cannot be read now. Try again later.", status=503, content_type="text/plain"
        )
    return FileResponse(
        opened,
        as_attachment=not row.is_photo,
        filename=f"{stem}{'.jpg' if row.is_photo else '.pdf'}",
        content_type="image/jpeg" if row.is_photo else "application/pdf",
        headers={"Content-Security-Policy": ITSELF, "Cache-Control": PRIVATE},
    )
