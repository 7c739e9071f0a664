"""The forms about a partner's parts: sent back, and reported as damaged or missing."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms

from portal.people.models import Partner
from workorders.fieldwork.returns_and_reports import Reportable
from workorders.forms.actions import VersionedForm
from workorders.forms.fields import ISODateField
from workorders.forms.files import WithFilesForm
from workorders.models import Shipment
from workorders.states import PartProblem

DESCRIPTIONS = {
    PartProblem.DAMAGED: "It came, but it cannot be used.",
    PartProblem.MISSING: "It was not in the parcel.",
}


class SentBackForm(VersionedForm):
    shipment = forms.ChoiceField(
        label="What you sent back",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose what you sent back.",
            "invalid_choice": "Choose one that is still owed.",
        },
    )
    carrier = forms.CharField(
        label="Carrier", max_length=40, widget=forms.TextInput(attrs={"list": "carriers"})
    )
    tracking_number = forms.CharField(
        label="Tracking Number",
        max_length=60,
        required=False,
        help_text="As on the label or the receipt, if you have it.",
    )
    sent_on = ISODateField(label="Day it was handed over")

    def __init__(self, returns: Iterable[Shipment], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["shipment"]).choices = [
            (s.number, s.number) for s in returns
        ]


class PartReportForm(VersionedForm, WithFilesForm):
    part = forms.TypedChoiceField(
        label="Which part",
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose the part.",
            "invalid_choice": "Choose one of these parts.",
        },
    )
    problem = forms.TypedChoiceField(
        label="What is wrong",
        choices=PartProblem,
        coerce=PartProblem,
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether it is damaged or missing."},
    )
    quantity = forms.IntegerField(label="How many", min_value=1)
    note = forms.CharField(
        label="Note", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, offered: Iterable[Reportable], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = list(offered)
        self.fields["uploads"].label = "Photos of it"
        cast(forms.ChoiceField, self.fields["part"]).choices = [
            (each.part.pk, str(each.part)) for each in self.offered
        ]

    @property
    def parts(self) -> list[tuple[Reportable, bool]]:
        """List what can be reported, and whether it is chosen."""
        chosen = str(self["part"].value())
        return [(each, str(each.part.pk) == chosen) for each in self.offered]

    @property
    def problems(self) -> list[tuple[PartProblem, str, bool]]:
        """List the problems, each with its description and whether it is chosen."""
        chosen = self["problem"].value()
        return [(problem, DESCRIPTIONS[problem], problem == chosen) for problem in PartProblem]

    def report_values(self) -> dict[str, Any]:
        """Return the report as arguments of the service."""
        return {
            name: self.cleaned_data[name]
            for name in ("part", "problem", "quantity", "note", "version")
        }


class OwedForm(forms.Form):
    """The partner whose parts are listed; only staff can choose one."""

    partner = forms.ModelChoiceField(
        label="Partner", queryset=Partner.objects.all(), required=False, empty_label="All"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["partner"].widget.attrs["class"] = "form-select"

    def chosen(self) -> Partner | None:
        return self.cleaned_data.get("partner") if self.is_valid() else None
