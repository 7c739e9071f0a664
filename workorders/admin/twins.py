"""Twins: names that differ in case, blanks or invisible characters alone, from before that was
refused. They stay until staff rename one of them.
"""

from typing import Any, NamedTuple

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from workorders.models import Account, Shipment, Site, Station, WorkOrder
from workorders.models.folded import twins

SHOWN = 50  # groups of each kind
NUMBER = "folded_number"


class TwinKind(NamedTuple):
    label: str
    rows: Any
    keys: tuple[str, ...]
    name: str  # the field that makes them twins


class Twin(NamedTuple):
    name: str
    about: str
    url: str


KINDS = [
    TwinKind("Accounts", Account.objects.all(), ("folded",), "name"),
    TwinKind("Sites", Site.objects.select_related("account"), ("account", "folded"), "name"),
    TwinKind("Stations", Station.objects.select_related("site"), ("folded",), "serial"),
    TwinKind("Work orders", WorkOrder.objects.all(), (NUMBER,), "number"),
    TwinKind("Shipments", Shipment.objects.select_related("work_order"), (NUMBER,), "number"),
]


def twins_page(admin: ModelAdmin[WorkOrder], request: HttpRequest) -> HttpResponse:
    if not admin.has_view_permission(request):
        raise PermissionDenied
    found = [(kind.label, _groups(kind)) for kind in KINDS]
    own: dict[str, Any] = {
        "title": "Twins",
        "opts": admin.opts,
        "media": admin.media,
        "kinds": [(label, groups) for label, groups in found if groups],
    }
    page = admin.admin_site.each_context(request) | own
    return TemplateResponse(request, "admin/twins.html", page)


def _groups(kind: TwinKind) -> list[list[Twin]]:
    return [
        [Twin(getattr(row, kind.name), _about(row), _url(row)) for row in group]
        for group in twins(kind.rows.all(), *kind.keys, most=SHOWN)
    ]


def _about(row: Any) -> str:
    match row:
        case Site():
            return f"{row.account}, {row.city}"
        case Station():
            return f"{row.model}, {row.site}"
        case WorkOrder():
            return row.subject
        case Shipment():
            return f"of {row.work_order.number}"
    return ""


def _url(row: Any) -> str:
    """The page of the row in the admin; of a shipment, that of its work order."""
    shown = row.work_order if isinstance(row, Shipment) else row
    return reverse(f"admin:workorders_{shown._meta.model_name}_change", args=[shown.pk])
