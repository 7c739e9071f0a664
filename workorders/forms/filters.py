"""The filters above the list, which turn a query string into a query."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from django import forms
from django.utils.datastructures import MultiValueDict

from workorders.filters import ALL_OPEN, ANY, COLUMNS, ORDERS, SLA, WorkOrderQuery
from workorders.forms.widgets import PlainCheckboxes, PlainSelect
from workorders.models.queries import SEARCH_LENGTH
from workorders.states import Status, WorkType

UNKNOWN = {"invalid_choice": "This value does not exist, so it was ignored."}
SORT_CHOICES = [
    (f"{sign}{name}", label + words) for name, label in COLUMNS.items() for sign, words in ORDERS
]


class ListForm(forms.Form):
    """The filters. A value that does not exist is reported and ignored; the rest still applies."""

    q = forms.CharField(
        label="Search", required=False, max_length=SEARCH_LENGTH, widget=forms.HiddenInput
    )
    needs = forms.ChoiceField(
        label="Needs you", required=False, widget=forms.HiddenInput, error_messages=UNKNOWN
    )
    status = forms.MultipleChoiceField(
        label="Status",
        required=False,
        choices=[(ALL_OPEN, "All open"), (ANY, "Any status"), *Status.choices],
        widget=PlainCheckboxes,
        error_messages=UNKNOWN,
    )
    work_type = forms.ChoiceField(
        label="Work Type",
        required=False,
        choices=[("", "All"), *WorkType.choices],
        widget=PlainSelect,
        error_messages=UNKNOWN,
    )
    territory = forms.ChoiceField(
        label="Service Territory", required=False, widget=PlainSelect, error_messages=UNKNOWN
    )
    sla = forms.ChoiceField(
        label="Target SLA",
        required=False,
        choices=[("", "Any date"), *SLA.items()],
        widget=PlainSelect,
        error_messages=UNKNOWN,
    )
    sort = forms.ChoiceField(
        label="Sort by",
        required=False,
        choices=SORT_CHOICES,
        widget=PlainSelect,
        error_messages=UNKNOWN,
    )
    after = forms.CharField(required=False, max_length=500, strip=False, widget=forms.HiddenInput)

    def __init__(
        self, data: MultiValueDict[str, str], territories: Iterable[str], needs: Mapping[str, Any]
    ) -> None:
        """Make the form. `needs` are the needs of the person who asks, by name."""
        super().__init__(data, auto_id="filter_%s", label_suffix="")
        cast(forms.ChoiceField, self.fields["needs"]).choices = [(name, name) for name in needs]
        names = [("", "All"), *((name, name) for name in territories)]
        cast(forms.ChoiceField, self.fields["territory"]).choices = names
        for field in self.selects:
            field.field.widget.attrs["class"] = "form-select"

    @property
    def selects(self) -> list[forms.BoundField]:
        return [self[name] for name in ("work_type", "territory", "sla", "sort")]

    def query(self) -> WorkOrderQuery:
        self.full_clean()
        given = {
            name: self.cleaned_data[name]
            for name in WorkOrderQuery._fields
            if self.cleaned_data.get(name)
        }
        offered = {ALL_OPEN, ANY, *Status.values}
        return WorkOrderQuery(
            **given | {"status": tuple(slug for slug in self["status"].data if slug in offered)}
        )
