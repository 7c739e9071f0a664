"""What a Target SLA is computed from: territories with their calendars, entitlements, carrier services."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from portal.people.requests import user_of
from sla.calendars import HOLIDAYS_SET_BY_PARTS, WEEKDAYS
from workorders.admin.places import CountryForm, DeletedWhenUnused
from workorders.models import CalendarDay, CarrierService, Entitlement, ServiceTerritory
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


class CalendarDayInline(admin.TabularInline):
    """From this year on: the days of earlier years stand as work orders were judged by them."""

    model = CalendarDay
    fields = ["day", "name", "worked"]
    extra = 1
    verbose_name_plural = "days that differ from the week, from this year on"

    def get_queryset(self, request: HttpRequest) -> QuerySet[CalendarDay]:
        return super().get_queryset(request).filter(day__gte=_new_year())


def _new_year() -> dt.date:
    return timezone.now().date().replace(month=1, day=1)


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
    inlines = [CalendarDayInline]

    def save_model(self, request: HttpRequest, obj: ServiceTerritory, form: Any, change: bool) -> None:
        if not change:  # its days need its key; a change is saved together with them
            save_territory(obj, by=user_of(request))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        days: list[CalendarDay] = []
        removed: list[CalendarDay] = []
        for formset in formsets:
            days += formset.save(commit=False)
            removed += formset.deleted_objects
        save_territory(form.instance, days=days, removed=removed, by=user_of(request))

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
