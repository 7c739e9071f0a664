"""Imports by upload: a preview of every difference first, on a page of its own that can be left and
found again, and then the import of what was previewed.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse

from portal.people.models import User
from portal.people.requests import after_saving, user_of
from portal.people.roles import Right
from workorders.admin.import_columns import import_columns, sample_rows
from workorders.exports.files import sent_few, sent_rows
from workorders.forms.staff import ImportFileForm
from workorders.models import Import, WorkOrder
from workorders.models.imports import UNDER_WAY, ImportKind
from workorders.services.errors import DomainError, InvalidState
from workorders.services.importing import (
    CertificationTable,
    Parser,
    RowChange,
    ShipmentTable,
    WorkOrderTable,
    rejected_rows,
)
from workorders.services.importing.imports import (
    confirm_import,
    enter_import,
    go_on,
    is_short,
    rejected_of,
    result_of,
)
from workorders.services.importing.queue import leave_to_worker

SHOWN = 200  # rows and errors of a preview
LATEST = 10  # imports beside the upload
TEMPLATE = "template"
IMPORT_FILES = [("template", "xlsx"), ("template", "csv"), ("sample", "xlsx"), ("sample", "csv")]


class ImportPages(NamedTuple):
    """The pages of one kind of import."""

    kind: ImportKind
    rights: tuple[Right, ...]
    columns: Mapping[str, Parser]
    told: Mapping[str, str]  # what the preview says of what is new: fields and their labels

    @property
    def name(self) -> str:
        """In addresses."""
        return self.kind.value

    @property
    def label(self) -> str:
        return str(self.kind.label)

    @property
    def url(self) -> str:
        return reverse(f"admin:workorders_workorder_import_{self.name}")

    def url_of(self, entered: Import) -> str:
        return f"{self.url}{entered.key}/"

    def is_open_to(self, user: User) -> bool:
        return all(map(user.may, self.rights))

    def check_rights(self, request: HttpRequest) -> None:
        if not self.is_open_to(user_of(request)):
            raise PermissionDenied

    def get_or_404(self, request: HttpRequest, key: UUID) -> Import:
        """The person's own import of this kind. Its report, which may be long, is read when asked
        for.
        """
        self.check_rights(request)
        own = Import.objects.visible_to(user_of(request)).defer("report")
        return get_object_or_404(own, key=key, kind=self.kind)


IMPORTS = [
    ImportPages(
        ImportKind.WORK_ORDERS,
        (Right.ACT, Right.ENTER),
        WorkOrderTable.columns,
        {"subject": "", "partner": "", "site": "", "target_on": "Target SLA"},
    ),
    ImportPages(
        ImportKind.SHIPMENTS,
        (Right.ACT,),
        ShipmentTable.columns,
        {
            "work_order": "",
            "status": "",
            "estimated_delivery_on": "Estimated Delivery Date",
            "work order's target_on": "Target SLA",
        },
    ),
    ImportPages(
        ImportKind.CERTIFICATIONS,
        (Right.CERTIFY,),
        CertificationTable.columns,
        {"certification": "", "expires_on": "Expires"},
    ),
]


def import_urls(page: Callable[..., URLPattern]) -> Iterator[URLPattern]:
    for pages in IMPORTS:
        route, name = f"import/{pages.name}/", f"import_{pages.name}"
        yield page(route, upload_page, name, pages=pages)
        for name_of_file, ending in IMPORT_FILES:
            choice = {"pages": pages, "name_of_file": name_of_file, "ending": ending}
            yield page(
                f"{route}{name_of_file}.{ending}",
                import_file,
                f"{name}_{name_of_file}_{ending}",
                **choice,
            )
        yield page(f"{route}<uuid:key>/", import_page, f"{name}_page", pages=pages)
        for ending in ("xlsx", "csv"):
            yield page(
                f"{route}<uuid:key>/rejected.{ending}",
                rejected_file,
                f"{name}_rejected_{ending}",
                pages=pages,
                ending=ending,
            )


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


def upload_page(
    admin: ModelAdmin[WorkOrder], request: HttpRequest, pages: ImportPages
) -> HttpResponse:
    """Take a file, which has a page of its own from there on."""
    pages.check_rights(request)
    form = (
        ImportFileForm(request.POST, request.FILES)
        if request.method == "POST"
        else ImportFileForm()
    )
    if form.is_bound and form.is_valid():
        try:
            entered = enter_import(pages.kind, form.cleaned_data["file"], by=user_of(request))
        except DomainError as refusal:
            form.add_error("file", refusal.message)
        else:
            return _start(request, pages, entered)
    own: dict[str, Any] = {
        "form": form,
        "columns": list(import_columns(pages.name, pages.columns)),
        "files": IMPORT_FILES,
        "latest": _latest(pages, user_of(request)),
    }
    return _page(admin, request, pages, own, status=422 if form.is_bound else 200)


def _latest(pages: ImportPages, user: User) -> list[Import]:
    """A person's newest files of this kind, and all that are under way."""
    files = Import.objects.visible_to(user).filter(kind=pages.kind).defer("report")
    newest = list(files[:LATEST])
    older = files.exclude(pk__in=[each.pk for each in newest])
    return newest + list(older.filter(state__in=UNDER_WAY))


def import_page(
    admin: ModelAdmin[WorkOrder], request: HttpRequest, pages: ImportPages, key: UUID
) -> HttpResponse:
    """Show how far an import is, its preview and its end, and begin to write."""
    entered = pages.get_or_404(request, key)
    if request.method == "POST":
        try:
            good_rows_only = "good_rows_only" in request.POST
            confirm_import(key, good_rows_only=good_rows_only, by=user_of(request))
        except InvalidState as refusal:
            messages.error(request, refusal.message)
            return redirect(request.path)
        return _start(request, pages, entered)
    if "HX-Request" in request.headers:
        if entered.is_under_way:
            known = {"entered": entered, "pages": pages}
            return TemplateResponse(request, "admin/_import_progress.html", known)
        return HttpResponse(headers={"HX-Refresh": "true"})
    told = {} if entered.is_under_way else _told_of(pages, entered)
    return _page(admin, request, pages, {"entered": entered} | told)


def _start(request: HttpRequest, pages: ImportPages, entered: Import) -> HttpResponse:
    """Go on with it: at once if it is short, so that its person finds it done."""
    after_saving(request, partial(go_on, entered.key) if is_short(entered) else leave_to_worker)
    return redirect(pages.url_of(entered))


def import_file(
    admin: ModelAdmin[WorkOrder],
    request: HttpRequest,
    pages: ImportPages,
    name_of_file: str,
    ending: str,
) -> HttpResponseBase:
    """Send the template, which is empty, or the sample."""
    pages.check_rights(request)
    rows = [list(pages.columns)] if name_of_file == TEMPLATE else sample_rows(pages.name)
    return sent_few(rows, f"{pages.name}-{name_of_file}", ending, to=user_of(request))


def rejected_file(
    admin: ModelAdmin[WorkOrder], request: HttpRequest, pages: ImportPages, key: UUID, ending: str
) -> HttpResponseBase:
    """Send the rows that were refused, each with its reason, to be corrected and imported."""
    entered = pages.get_or_404(request, key)
    if not entered.report.get("columns"):
        raise Http404("None of its rows could be read, or not yet.")
    rows = rejected_rows(*rejected_of(entered))
    return sent_rows(rows, f"{pages.name}-rejected", ending, to=user_of(request))


def _told_of(pages: ImportPages, entered: Import) -> dict[str, Any]:
    result = result_of(entered)
    errors, warnings = result.errors, result.warnings
    changed = result.created + result.updated
    refused = {error.line for error in errors}
    return {
        "result": result,
        "errors": errors[:SHOWN],
        "more_errors": max(0, len(errors) - SHOWN),
        "refused": len(refused) if result.columns else 0,
        "warnings": warnings[:SHOWN],
        "more_warnings": max(0, len(warnings) - SHOWN),
        "rows": [_previewed(pages, change) for change in result.changes],
        "more_changes": changed - len(result.changes),
        "may_import": entered.is_checked and changed and not errors,
        "may_import_good_rows": entered.is_checked and changed and errors,
        "has_changed": entered.report.get("has_changed"),
        "differs": entered.previewed if entered.previewed != result.summary else "",
    }


def _previewed(pages: ImportPages, change: RowChange) -> PreviewedRow:
    values = {field.field: field.new for field in change.fields} if change.created else {}
    found = [_told(label, values.get(field, "")) for field, label in pages.told.items()]
    return PreviewedRow(change, [told for told in found if told.label or told.text])


def _told(label: str, value: str) -> Told:
    if not label:
        return Told("", value)
    return Told(label, "" if value else "none yet", dt.date.fromisoformat(value) if value else None)


def _page(
    admin: ModelAdmin[WorkOrder],
    request: HttpRequest,
    pages: ImportPages,
    own: dict[str, Any],
    status: int = 200,
) -> HttpResponse:
    known: dict[str, Any] = {
        "title": pages.label,
        "opts": admin.opts,
        "media": admin.media,
        "pages": pages,
    }
    template = "admin/import.html" if "entered" in own else "admin/import_upload.html"
    page = admin.admin_site.each_context(request) | known | own
    return TemplateResponse(request, template, page, status=status)
