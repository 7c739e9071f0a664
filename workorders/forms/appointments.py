"""The appointment form, and the answers to the missed-SLA question."""

import datetime as dt
from typing import Any, cast

from django import forms
from django.http import QueryDict

from workorders.forms.fields import PhoneField, SiteDateTimeField
from workorders.models import WorkOrder
from workorders.services import Booking, ReasonNeeded, Stale
from workorders.states import DelayReason


class AppointmentForm(forms.Form):
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    appointment_at = SiteDateTimeField(label="Appointment Date")
    technician_name = forms.CharField(label="Technician Name", max_length=120)
    contact_phone = PhoneField(label="Contact Details: technician’s phone", max_length=32, required=False)
    contact_email = forms.EmailField(
        label="Contact Details: technician’s e-mail",
        max_length=254,
        required=False,
        help_text="One of the two is needed.",
    )
    reason = forms.ChoiceField(
        label="Reason for Delay",
        choices=DelayReason,
        required=False,
        error_messages={"invalid_choice": "Choose one of the nine reasons."},
    )
    note = forms.CharField(label="Note", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    confirmed_target = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, work_order: WorkOrder, data: Any = None) -> None:
        super().__init__(data, initial=_initial(work_order))
        cast(SiteDateTimeField, self.fields["appointment_at"]).zone = work_order.site.zone
        cast(PhoneField, self.fields["contact_phone"]).region = work_order.site.country
        for name, field in self.fields.items():
            field.widget.attrs |= {"class": "form-control", "id": name}

    def clean_confirmed_target(self) -> dt.date | None:
        """The target that missing was confirmed for; anything but a date confirms nothing."""
        try:
            return dt.date.fromisoformat(self.cleaned_data["confirmed_target"])
        except ValueError:
            return None

    def clean(self) -> None:
        typed = [self.data.get(name, "").strip() for name in ("contact_phone", "contact_email")]
        if not any(typed):
            self.add_error("contact_phone", "Give the technician’s phone or e-mail.")

    def answer(self, again: ReasonNeeded | Stale) -> None:
        """Make the form one of the work order as it stands now: its version, and the target the question is about."""
        current = again.work_order
        target = current.target_on.isoformat() if isinstance(again, ReasonNeeded) and current.target_on else ""
        data = cast(QueryDict, self.data).copy()
        data["version"], data["confirmed_target"] = str(current.version), target
        self.data = data

    def booking(self) -> Booking:
        values = self.cleaned_data
        return Booking(
            at=values["appointment_at"],
            technician_name=values["technician_name"],
            contact_phone=values["contact_phone"],
            contact_email=values["contact_email"],
            reason=DelayReason(values["reason"]) if values["reason"] else None,
            note=values["note"],
            confirmed_target=values["confirmed_target"],
        )


def _initial(work_order: WorkOrder) -> dict[str, Any]:
    initial: dict[str, Any] = {"version": work_order.version}
    if standing := work_order.appointment:
        initial["appointment_at"] = standing.at
        initial |= {name: getattr(standing, name) for name in ("technician_name", "contact_phone", "contact_email")}
    return initial
