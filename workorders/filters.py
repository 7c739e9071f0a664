"""What the list is asked for: the query string as values, and values as a query string again."""

from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django import forms
from django.db.models import Q
from django.utils.datastructures import MultiValueDict

from workorders.models.queries import SEARCH_LENGTH
from workorders.states import OPEN, WAITING_FOR_PARTS, Status, WorkType

COLUMNS = {
    "target": "Target SLA",
    "number": "Work Order Number",
    "subject": "Subject",
    "status": "Status",
    "appointment": "Appointment Date",
    "account": "Account",
    "territory": "Service Territory",
    "work_type": "Work Type",
    "entitlement": "Entitlement",
    "case": "Case",
    "assigned": "WO Assigned Date",
}
SLA = {"missed": "Missed SLA", "today": "Last day is today", "week": "This week", "none": "No date yet"}
ORDERS = [("", ""), ("-", ", descending")]
ALL_OPEN, ANY = "open", "any"  # besides the statuses themselves


class Asked(NamedTuple):
    """A list that someone asks for. `status` holds slugs; without any, open work is meant, in a search all work."""

    q: str = ""
    status: tuple[str, ...] = ()
    work_type: str = ""
    territory: str = ""
    sla: str = ""
    sort: str = "target"
    after: str = ""

    def query(self, **changes: Any) -> str:
        """The same list, or one that differs in the changes, as a query string without what goes without saying."""
        asked = self._replace(**changes)
        if asked.status == (ALL_OPEN,) and not asked.q:
            asked = asked._replace(status=())
        given = {name: value for name, value in asked._asdict().items() if value}
        if asked.sort == "target":
            del given["sort"]
        return urlencode(given, doseq=True)

    @property
    def statuses(self) -> frozenset[str]:
        """The statuses shown; every one of them for any."""
        chosen = self.status or ((ANY,) if self.q else (ALL_OPEN,))
        if ANY in chosen:
            return frozenset(Status)
        return frozenset(chosen) - {ALL_OPEN} | (OPEN if ALL_OPEN in chosen else frozenset())

    @property
    def shown(self) -> Q:
        """The condition of the statuses, none when it would hold for every row."""
        return Q() if self.statuses == frozenset(Status) else Q(status__in=sorted(self.statuses))

    @property
    def kind(self) -> dict[str, str]:
        """The filters that the counts obey too: they stay while one looks from status to status."""
        given = {"work_type": self.work_type, "territory__name": self.territory}
        return {name: value for name, value in given.items() if value}

    @property
    def status_in_words(self) -> str:
        if self.statuses == frozenset(Status):
            return "Any status"
        if self.statuses == OPEN:
            return "All open"
        if self.statuses == WAITING_FOR_PARTS:
            return "Waiting for parts"
        return Status(*self.statuses).label if len(self.statuses) == 1 else f"{len(self.statuses)} statuses"

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the order was asked for."""
        return bool(self._replace(sort="target", after="").query())


UNKNOWN = {"invalid_choice": "There is no such value; it was left out."}
SORT_CHOICES = [(f"{sign}{name}", label + words) for name, label in COLUMNS.items() for sign, words in ORDERS]


class ListForm(forms.Form):
    """The filters. A value that does not exist is left out and said to be wrong; the rest still holds."""

    q = forms.CharField(label="Search", required=False, max_length=SEARCH_LENGTH, widget=forms.HiddenInput)
    status = forms.MultipleChoiceField(
        label="Status",
        required=False,
        choices=[(ALL_OPEN, "All open"), (ANY, "Any status"), *Status.choices],
        widget=forms.CheckboxSelectMultiple,
        error_messages=UNKNOWN,
    )
    work_type = forms.ChoiceField(
        label="Work Type", required=False, choices=[("", "All"), *WorkType.choices], error_messages=UNKNOWN
    )
    territory = forms.ChoiceField(label="Service Territory", required=False, error_messages=UNKNOWN)
    sla = forms.ChoiceField(
        label="Target SLA", required=False, choices=[("", "Any date"), *SLA.items()], error_messages=UNKNOWN
    )
    sort = forms.ChoiceField(label="Sort by", required=False, choices=SORT_CHOICES, error_messages=UNKNOWN)
    after = forms.CharField(required=False, max_length=500, widget=forms.HiddenInput)

    def __init__(self, data: MultiValueDict[str, str], territories: Iterable[str]) -> None:
        super().__init__(data, auto_id="filter_%s")
        self.fields["territory"].choices = [("", "All"), *((name, name) for name in territories)]
        for field in self.selects:
            field.field.widget.attrs["class"] = "form-select"

    @property
    def selects(self) -> list[forms.BoundField]:
        return [self[name] for name in ("work_type", "territory", "sla", "sort")]

    def asked(self) -> Asked:
        self.full_clean()
        given = {name: self.cleaned_data[name] for name in Asked._fields if self.cleaned_data.get(name)}
        return Asked(**given | {"status": tuple(given.get("status", ()))})
