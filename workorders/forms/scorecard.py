"""The filters of the scorecard and its lists, which turn a query string into a query."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, cast

from dateutil.relativedelta import relativedelta
from django import forms
from django.utils.datastructures import MultiValueDict

from workorders.forms.filters import UNKNOWN
from workorders.scorecard.scope import BREAKDOWNS, FIGURES, NO_REASON, ScorecardQuery
from workorders.scorecard.time_in_status import SPENT, UNSPECIFIED
from workorders.states import Cause, DelayReason, WorkType

OF_LISTS = ("figure", "reason", "spent", "waited", "after")
MONTHS = ("first", "last")
OFFERED, SHOWN = 36, 12  # months, up to the current one


def _choice(label: str, **more: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, error_messages=UNKNOWN, **more)


class ScorecardForm(forms.Form):
    """The filters. A value that does not exist is reported and ignored; the rest applies."""

    first = _choice("From")
    last = _choice("To")
    territory = _choice("Service Territory")
    entitlement = _choice("Entitlement")
    work_type = _choice("Work Type", choices=[("", "All"), *WorkType.choices])
    partner = _choice("Partner")
    by = _choice(
        "Break down by", choices=[(name, label) for name, (label, _) in BREAKDOWNS.items()]
    )
    figure = _choice("Figure", choices=[(name, name) for name in FIGURES])
    reason = _choice("Reason for Delay", choices=[(NO_REASON, NO_REASON), *DelayReason.choices])
    spent = _choice("Status", choices=[(status, status.label) for status in SPENT])
    waited = _choice("Cause", choices=[*Cause.choices, (UNSPECIFIED, UNSPECIFIED)])
    after = forms.CharField(required=False, max_length=100, strip=False)

    def __init__(
        self,
        data: MultiValueDict[str, str],
        names: Mapping[str, Sequence[str]],
        today: dt.date,
        *,
        partners: bool,
    ) -> None:
        """Make the form.

        `names` are those of territories, entitlements and partners. `partners` says whether a
        partner can be chosen.
        """
        super().__init__(data, auto_id="filter_%s", label_suffix="")
        self.months = [today.replace(day=1) - relativedelta(months=back) for back in range(OFFERED)]
        for name in MONTHS:
            self._offer(name, [(f"{month:%Y-%m}", f"{month:%b %Y}") for month in self.months])
        for name, offered in names.items():
            self._offer(name, [("", "All"), *((each, each) for each in offered)])
        if not partners:
            del self.fields["partner"]
            labels = {name: label for name, (label, _) in BREAKDOWNS.items() if name != "partner"}
            self._offer("by", list(labels.items()))
        for field in self.selects:
            field.field.widget.attrs["class"] = "form-select"
        first = f"{self.months[SHOWN - 1]:%Y-%m}"
        given = {name: values for name, values in data.lists() if any(values)}
        self.data = MultiValueDict({"first": [first], "last": [f"{today:%Y-%m}"]} | given)

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = choices

    @property
    def selects(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name not in OF_LISTS]

    @property
    def narrowing(self) -> list[forms.BoundField]:
        """What stands in the menu Filter."""
        return [field for field in self.selects if field.name not in (*MONTHS, "by")]

    @property
    def breakdowns(self) -> list[tuple[str, str]]:
        """The names and labels of those that this person may choose."""
        return cast(list[tuple[str, str]], cast(forms.ChoiceField, self.fields["by"]).choices)

    def query(self) -> ScorecardQuery:
        """Return the query. The months can be given in either order."""
        self.full_clean()
        given = {name: value for name, value in self.cleaned_data.items() if value}
        months = {f"{month:%Y-%m}": month for month in self.months}
        first = months.get(given.pop("first", ""), self.months[SHOWN - 1])
        last = months.get(given.pop("last", ""), self.months[0])
        return ScorecardQuery(min(first, last), max(first, last), **given)
