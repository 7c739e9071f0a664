"""Accounts, sites and stations: looked up when a work order is entered, or added there."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import PROTECT, Model
from django.http import HttpRequest

from portal.people.requests import user_of
from workorders.admin.site import LookingUp
from workorders.forms.calendars import CountryForm
from workorders.forms.entering import LookupField
from workorders.models import Account, Site, Station
from workorders.services.flow.doubts import misplaced_at
from workorders.services.places import Place, save_place


class DeletedWhenUnused(admin.ModelAdmin[Any]):
    """Rows that can be deleted, one at a time, if nothing refers to them."""

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return obj is not None and super().has_delete_permission(request, obj) and not _is_used(obj)


def _is_used(row: Model) -> bool:
    protecting = [
        r.get_accessor_name() for r in row._meta.related_objects if r.on_delete is PROTECT
    ]
    return any(getattr(row, name).exists() for name in protecting if name)


class PlaceAdmin(DeletedWhenUnused, LookingUp):
    def save_model(self, request: HttpRequest, obj: Place, form: Any, change: bool) -> None:
        save_place(obj, by=user_of(request))


class SiteForm(CountryForm):
    class Meta:
        field_classes = {"account": LookupField}


class StationForm(forms.ModelForm[Station]):
    class Meta:
        field_classes = {"site": LookupField}


@admin.register(Account)
class AccountAdmin(PlaceAdmin):
    fields = ["name"]
    list_display = ["name"]
    search_fields = ["name"]
    show_full_result_count = False


@admin.register(Site)
class SiteAdmin(PlaceAdmin):
    form = SiteForm
    fields = ["account", "name", "street", "city", "region", "postal_code", "country", "time_zone"]
    list_display = ["name", "account", "city", "region", "country", "time_zone"]
    list_select_related = ["account"]
    search_fields = ["name", "city", "account__name"]
    autocomplete_fields = ["account"]
    show_full_result_count = False

    def save_model(self, request: HttpRequest, obj: Place, form: Any, change: bool) -> None:
        save_place(obj, by=user_of(request))
        if isinstance(obj, Site) and {"country", "region"} & {*form.changed_data}:
            for doubt in misplaced_at(obj):
                self.message_user(request, f"Open work there: {doubt}", messages.WARNING)

    def looked_up(self, site: Site) -> str:
        return f"{site} · {site.account}"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("account")


@admin.register(Station)
class StationAdmin(PlaceAdmin):
    form = StationForm
    fields = ["site", "serial", "model", "location_note"]
    list_display = ["serial", "model", "site", "location_note"]
    search_fields = ["serial", "model", "site__name"]
    autocomplete_fields = ["site"]
    show_full_result_count = False

    def looked_up(self, station: Station) -> str:
        return f"{station} · {station.site}"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("site__account")
