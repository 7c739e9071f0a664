"""When a person is notified of what, and the mailbox that a partner shares."""

import zoneinfo
from collections.abc import Iterator
from typing import NamedTuple

from django import forms
from django.forms import BoundField

from portal.people.models import Partner, Separator, User
from workorders.models.notifications import Kind, Timing, kinds_for, timing_for

AREAS = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


class Choice(NamedTuple):
    kind: Kind
    field: BoundField


class ChoicesForm(forms.Form):
    """A field for each kind of notification that this person gets, named after the kind, and what
    their exported files are like.
    """

    csv_separator = forms.ChoiceField(
        label="Separator in CSV files",
        choices=Separator,
        help_text="Choose the one with which your spreadsheet opens a file in columns.",
        widget=forms.Select({"class": "form-select", "id": "csv_separator"}),
    )

    def __init__(self, data: dict[str, str] | None = None, *, user: User) -> None:
        super().__init__(data, initial={"csv_separator": user.csv_separator})
        self.fields["csv_separator"].required = data is None or "csv_separator" in data
        self.kinds = kinds_for(user.role)
        self.fields["time_zone"] = forms.ChoiceField(
            label="Time zone of the digest",
            required=False,
            choices=[("", "Each site’s time zone"), *_zones()],
            initial=user.time_zone,
            widget=forms.Select({"class": "form-select", "id": "time_zone"}),
        )
        for kind in self.kinds:
            self.fields[kind.value] = forms.ChoiceField(
                label=kind.label,
                choices=Timing,
                widget=forms.RadioSelect,
                initial=timing_for(user, kind),
            )

    def choices(self) -> Iterator[Choice]:
        for kind in self.kinds:
            yield Choice(kind, self[kind.value])

    def notification_preferences(self) -> dict[str, str]:
        return {kind.value: self.cleaned_data[kind.value] for kind in self.kinds}


class MailboxForm(forms.Form):
    shared_mailbox = forms.EmailField(label="Shared mailbox", max_length=254, required=False)

    def __init__(self, data: dict[str, str] | None = None, *, partner: Partner) -> None:
        super().__init__(data, initial={"shared_mailbox": partner.shared_mailbox})
        field = self.fields["shared_mailbox"]
        field.help_text = f"At {partner.email_domain}." if partner.email_domain else ""
        field.widget.attrs |= {
            "class": "form-control",
            "id": "shared_mailbox",
            "autocomplete": "off",
        }


def _zones() -> list[tuple[str, str]]:
    names = sorted(
        name for name in zoneinfo.available_timezones() if name.partition("/")[0] in AREAS
    )
    return [(name, name.replace("_", " ")) for name in names]
