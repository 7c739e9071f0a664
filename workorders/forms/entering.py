"""The form with which staff enter and edit a work order."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from workorders.forms.fields import ISODateField
from workorders.forms.staff import LinesField, NumberField
from workorders.models import ServiceTerritory, Site, WorkOrder
from workorders.services.flow.doubts import listed_regions, territory_of


class LookupField(forms.ModelChoiceField[Any]):
    """A row that is looked up by its key.

    An invalid key is not looked up again when the form is shown with its error.
    """

    def prepare_value(self, value: Any) -> Any:
        key = super().prepare_value(value)
        return key if re.fullmatch(r"[0-9]{1,18}", str(key)) else None


class WorkOrderForm(forms.ModelForm[WorkOrder]):
    """The facts of a work order. The services take its values; it is never saved itself."""

    number = NumberField(label="Work Order Number")
    assigned_on = ISODateField(
        label="Assigned on", required=False, help_text="Leave empty for today at the site."
    )
    line_items = LinesField(
        label="Line items",
        required=False,
        line_length=300,
        help_text="In order, one per line. Put [serial] or [photo] at the end of a line to require"
        " one.",
    )
    version = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)
    confirmed = forms.CharField(max_length=16, required=False, widget=forms.HiddenInput)

    class Meta:
        model = WorkOrder
        fields = [
            "number",
            "case_number",
            "subject",
            "description",
            "work_type",
            "partner",
            "site",
            "station",
            "territory",
            "entitlement",
            "parts_required",
            "images_required",
            "return_parts_required",
            "poc_name",
            "poc_phone",
            "poc_email",
            "access_notes",
            "assigned_on",
            "second_poc_name",
            "second_poc_phone",
            "second_poc_email",
        ]
        field_classes = {"partner": LookupField, "site": LookupField, "station": LookupField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].required = False
        self.fields["site"].help_text = "Leave empty for the station's own site."
        self.fields["territory"].required = False
        self.fields["territory"].help_text = "Leave empty for the one that the site is in."
        self.fields["access_notes"].widget = forms.Textarea(attrs={"rows": 2, "cols": 60})
        if self.instance.pk:
            self.fields["number"].disabled = True
            self.fields["partner"].disabled = self.instance.accepted_on is not None
            self.fields["version"].required = True

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        station = data.get("station")
        data["site"] = data.get("site") or (station.site if station else None)
        if data["site"] and not data.get("assigned_on"):
            data["assigned_on"] = WorkOrder(site=data["site"]).site_today()
        if data["site"] is None and "station" not in self.errors:
            self.add_error("site", ValidationError("Choose a site."))
        if data.get("territory") is None and "territory" not in self.errors:
            data["territory"] = self._territory_of(data["site"])
        return data

    def _territory_of(self, site: Site | None) -> ServiceTerritory | None:
        rows = ServiceTerritory.objects.all()
        found: ServiceTerritory | None = (
            territory_of(site, rows, listed_regions()) if site else None
        )
        if found is None:
            self.add_error("territory", ValidationError("Choose a service territory."))
        return found
