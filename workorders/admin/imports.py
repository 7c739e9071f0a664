"""Imports by upload: first a preview of every difference, then the import of the same file."""

import datetime as dt
import io
import secrets
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern

from portal.people.requests import user_of
from portal.people.roles import Right
from workorders.admin.import_columns import import_columns, sample_rows
from workorders.exports.files import sent_few
from workorders.forms.staff import ImportFileForm
from workorders.models import WorkOrder
from workorders.services.importing import (
    CertificationTable,
    ImportResult,
    Parser,
    RowChange,
    ShipmentTable,
    WorkOrderTable,
    import_certifications,
    import_shipments,
    import_work_orders,
)

PREVIEW_LIFETIME = 3600  # seconds between preview and import
SHOWN = 200  # rows and errors of a preview
TEMPLATE = "template"
IMPORT_FILES = [("template", "xlsx"), ("template", "csv"), ("sample", "xlsx"), ("sample", "csv")]


class Import(NamedTuple):
    name: str  # in addresses
    label: str
    run: Callable[..., ImportResult]
    rights: tuple[Right, ...]
    columns: Mapping[str, Parser]
    told: Mapping[str, str]  # what the preview says of what is new: fields and their labels

    def is_open_to(self, admin: ModelAdmin[WorkOrder], request: HttpRequest) -> bool:
        return all(map(user_of(request).may, self.rights))


IMPORTS = [
    Import(
        "work-orders",
        "Import work orders",
        import_work_orders,
        (Right.ACT, Right.ENTER),
        WorkOrderTable.columns,
        {"subject": "", "partner": "", "site": "", "target_on": "Target SLA"},
    ),
    Import(
        "shipments",
        "Import shipments",
        import_shipments,
        (Right.ACT,),
        ShipmentTable.columns,
        {
            "work_order": "",
            "status": "",
            "estimated_delivery_on": "Estimated Delivery Date",
            "work order's target_on": "Target SLA",
        },
    ),
    Import(
        "certifications",
        "Import certifications",
        import_certifications,
        (Right.CERTIFY,),
        CertificationTable.columns,
        {"certification": "", "expires_on": "Expires"},
    ),
]


def import_urls(page: Callable[..., URLPattern]) -> Iterator[URLPattern]:
    for kind in IMPORTS:
        yield page(f"import/{kind.name}/", import_page, f"import_{kind.name}", kind=kind)
        for name, ending in IMPORT_FILES:
            choice = {"kind": kind, "name_of_file": name, "ending": ending}
            route = f"import/{kind.name}/{name}.{ending}"
            yield page(route, import_file, f"import_{kind.name}_{name}_{ending}", **choice)


class Told(NamedTuple):
    """What the preview says first of what is new: a text, or a day with its label."""

    label: str
    text: str
    day: dt.date | None = None


class PreviewedRow(NamedTuple):
    change: RowChange
    told: list[Told]

    @property
    def size(self) -> int:
        return len(self.change.fields)


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
    result = kind.run(io.BytesIO(preview.content), by=user_of(request), dry_run=False)
    if not result.saved:
        messages.error(request, "Nothing was imported: the data has changed since the preview.")
        return _page(admin, request, kind, form=ImportFileForm(), result=result, status=409)
    cache.delete(key)
    message = f"Imported: {result.summary}."
    if result.summary != preview.summary:
        message += f" The data had changed since the preview ({preview.summary})."
    messages.success(request, message)
    return redirect("admin:workorders_workorder_changelist")


def import_file(
    admin: ModelAdmin[WorkOrder], request: HttpRequest, kind: Import, name_of_file: str, ending: str
) -> HttpResponseBase:
    """Send the template, which is empty, or the sample."""
    if not kind.is_open_to(admin, request):
        raise PermissionDenied
    rows = [list(kind.columns)] if name_of_file == TEMPLATE else sample_rows(kind.name)
    return sent_few(rows, f"{kind.name}-{name_of_file}", ending, to=user_of(request))


def _previewed(kind: Import, change: RowChange) -> PreviewedRow:
    values = {field.field: field.new for field in change.fields} if change.created else {}
    found = [_told(label, values.get(field, "")) for field, label in kind.told.items()]
    return PreviewedRow(change, [told for told in found if told.label or told.text])


def _told(label: str, value: str) -> Told:
    if not label:
        return Told("", value)
    return Told(label, "" if value else "none yet", dt.date.fromisoformat(value) if value else None)


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
        "rows": [_previewed(kind, change) for change in changes[:SHOWN]],
        "notes": shown.notes,
        "columns": list(import_columns(kind.name, kind.columns)),
        "files": IMPORT_FILES,
        "more_changes": max(0, len(changes) - SHOWN),
    }
    page = admin.admin_site.each_context(request) | own
    return TemplateResponse(request, "admin/import.html", page, status=status)
