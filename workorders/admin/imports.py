"""Imports by upload: first a preview of every difference, then the import of the same file."""

import io
import secrets
from collections.abc import Callable
from typing import Any, NamedTuple

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from portal.people.requests import user_of
from portal.people.roles import Right
from workorders.forms.staff import ImportFileForm
from workorders.models import WorkOrder
from workorders.services.importing import (
    ImportResult,
    import_certifications,
    import_shipments,
    import_work_orders,
)

PREVIEW_LIFETIME = 3600  # seconds between preview and import
SHOWN = 200  # rows and errors of a preview


class Import(NamedTuple):
    name: str  # in addresses
    label: str
    run: Callable[..., ImportResult]
    rights: tuple[Right, ...]
    has_line_items: bool = False  # of the work, which the page explains

    def is_open_to(self, admin: ModelAdmin[WorkOrder], request: HttpRequest) -> bool:
        return all(map(user_of(request).may, self.rights))


IMPORTS = [
    Import(
        "work-orders",
        "Import work orders",
        import_work_orders,
        (Right.ACT, Right.ENTER),
        has_line_items=True,
    ),
    Import("shipments", "Import shipments", import_shipments, (Right.ACT,)),
    Import("certifications", "Import certifications", import_certifications, (Right.CERTIFY,)),
]


class ImportPreview(NamedTuple):
    """What was previewed, stored for the person who saw it."""

    kind: str
    content: bytes
    summary: str


def import_page(admin: ModelAdmin[WorkOrder], request: HttpRequest, kind: Import) -> HttpResponse:
    """Take an upload, show its preview, and import the file that was previewed."""
    if not kind.is_open_to(admin, request):
        raise PermissionDenied
    if request.method == "POST" and "token" in request.POST:
        return _import(admin, request, kind)
    form = (
        ImportFileForm(request.POST, request.FILES)
        if request.method == "POST"
        else ImportFileForm()
    )
    if form.is_bound and form.is_valid():
        return _preview(admin, request, kind, form.cleaned_data["file"].read())
    return _page(admin, request, kind, form=form, status=422 if form.is_bound else 200)


def _preview(
    admin: ModelAdmin[WorkOrder], request: HttpRequest, kind: Import, content: bytes
) -> HttpResponse:
    result = kind.run(io.BytesIO(content), by=user_of(request), dry_run=True)
    token = ""
    if result.changes and not result.errors:
        token = secrets.token_urlsafe(24)
        cache.set(
            _key(request, token),
            ImportPreview(kind.name, content, result.summary),
            PREVIEW_LIFETIME,
        )
    return _page(admin, request, kind, form=ImportFileForm(), result=result, token=token)


def _import(admin: ModelAdmin[WorkOrder], request: HttpRequest, kind: Import) -> HttpResponse:
    key = _key(request, request.POST["token"])
    preview = cache.get(key)
    if not isinstance(preview, ImportPreview) or preview.kind != kind.name:
        messages.error(request, "The preview has expired. Choose the file again.")
        return redirect(request.path)
    cache.delete(key)
    result = kind.run(io.BytesIO(preview.content), by=user_of(request), dry_run=False)
    if not result.saved:
        messages.error(request, "Nothing was imported: the data has changed since the preview.")
        return _page(admin, request, kind, form=ImportFileForm(), result=result, status=409)
    message = f"Imported: {result.summary}."
    if result.summary != preview.summary:
        message += f" The data had changed since the preview ({preview.summary})."
    messages.success(request, message)
    return redirect("admin:workorders_workorder_changelist")


def _key(request: HttpRequest, token: str) -> str:
    return f"import-{request.user.pk}-{token[:64].encode().hex()}"


def _page(
    admin: ModelAdmin[WorkOrder],
    request: HttpRequest,
    kind: Import,
    *,
    form: ImportFileForm,
    result: ImportResult | None = None,
    token: str = "",
    status: int = 200,
) -> HttpResponse:
    shown = result or ImportResult()
    errors, warnings, changes = shown.errors, shown.warnings, shown.changes
    own: dict[str, Any] = {
        "title": kind.label,
        "opts": admin.opts,
        "media": admin.media,
        "form": form,
        "kind": kind,
        "token": token,
        "result": result,
        "errors": errors[:SHOWN],
        "more_errors": max(0, len(errors) - SHOWN),
        "warnings": warnings[:SHOWN],
        "more_warnings": max(0, len(warnings) - SHOWN),
        "changes": changes[:SHOWN],
        "more_changes": max(0, len(changes) - SHOWN),
    }
    page = admin.admin_site.each_context(request) | own
    return TemplateResponse(request, "admin/import.html", page, status=status)
