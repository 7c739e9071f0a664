"""What a Target SLA is computed from: territories with their calendars, entitlements, carrier services."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from portal.people.requests import user_of
from sla.calendars import HOLIDAYS_SET_BY_PARTS, WEEKDAYS
from workorders.admin.places import CountryForm, DeletedWhenUnused
from workorders.models import CarrierService, Entitlement, ServiceTerritory
from workorders.services import Refused
from workorders.services.calendars import save_territory


class TerritoryForm(CountryForm):
    weekend = forms.TypedMultipleChoiceField(
        choices=list(enumerate(WEEKDAYS)), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )

    def clean_weekend(self) -> list[int]:
        days: list[int] = sorted(self.cleaned_data["weekend"])
        if len(days) == len(WEEKDAYS):
            raise forms.ValidationError("Leave a day to work on.")
        return days

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("country") in HOLIDAYS_SET_BY_PARTS and not data.get("subdivision"):
            self.add_error("subdivision", "The parts of this country set their own holidays: name one, such as ENG.")
        return data


@admin.register(ServiceTerritory)
class ServiceTerritoryAdmin(DeletedWhenUnused):
    form = TerritoryForm
    fieldsets = [
        (None, {"fields": ["name", "country", "subdivision"]}),
        (
            "Business calendar",
            {
                "fields": ["weekend", "first", "last", "revision"],
                "description": "A change holds for every Target SLA computed from now on. Work orders that have one"
                " keep it until they are written again: recomputing them all is not done here.",
            },
        ),
    ]
    readonly_fields = ["revision"]
    list_display = ["name", "country", "subdivision", "first", "last", "revision"]
    search_fields = ["name"]

    def save_model(self, request: HttpRequest, obj: ServiceTerritory, form: Any, change: bool) -> None:
        save_territory(obj, by=user_of(request))

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except Refused as refusal:
            self.message_user(request, refusal.message, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())


@admin.register(Entitlement)
class EntitlementAdmin(DeletedWhenUnused):
    fields = ["name", "business_days", "start_without_parts"]
    list_display = ["name", "business_days", "start_without_parts"]
    search_fields = ["name"]


@admin.register(CarrierService)
class CarrierServiceAdmin(admin.ModelAdmin):
    fields = ["carrier", "service", "transit_business_days", "tracking_url"]
    list_display = ["carrier", "service", "transit_business_days"]
    search_fields = ["carrier", "service"]
