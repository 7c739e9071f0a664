"""Accounts, sites and stations: looked up when a work order is entered, or added there."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import PROTECT, Model
from django.http import HttpRequest

from portal.people.requests import user_of
from workorders.admin.site import LookingUp
from workorders.countries import countries, places
from workorders.folding import fold
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


class NoTwinForm(forms.ModelForm[Any]):
    """Refuses a new name that differs from another one in case and blanks alone."""

    named: ClassVar[str]  # the field that must not
    within: ClassVar[str] = ""  # of the same one of these

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        name = data.get(self.named)
        if name and {self.named, self.within} & {*self.changed_data}:
            rows = self._meta.model._default_manager.filter(folded=fold(name))
            if self.within:
                rows = rows.filter(**{self.within: data.get(self.within)})
            if twin := rows.exclude(pk=self.instance.pk).first():
                self.add_error(self.named, f"“{getattr(twin, self.named)}” is there already.")
        return data


class AccountForm(NoTwinForm):
    named = "name"


class SiteForm(NoTwinForm, CountryForm):
    named, within = "name", "account"

    class Meta:
        field_classes = {"account": LookupField}

    def clean_country(self) -> str:
        country = super().clean_country()
        if "country" in self.changed_data and country not in countries():
            raise forms.ValidationError("Enter an ISO code that exists, such as US or GB.")
        return country

    def clean_time_zone(self) -> str:
        zone: str = self.cleaned_data["time_zone"]
        if "time_zone" in self.changed_data and zone not in places():
            raise forms.ValidationError("Name a place, such as America/Los_Angeles.")
        return zone


class StationForm(NoTwinForm):
    named = "serial"

    class Meta:
        field_classes = {"site": LookupField}


@admin.register(Account)
class AccountAdmin(PlaceAdmin):
    form = AccountForm
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
