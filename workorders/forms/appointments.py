"""The appointment form, and the answers to the questions about its date."""

import datetime as dt
from typing import Any, cast

from django import forms
from django.http import QueryDict

from workorders.forms.fields import AnsweredField, PhoneField, SiteDateTimeField
from workorders.models import WorkOrder
from workorders.services import Booking, PartsNotThere, ReasonNeeded, Stale
from workorders.states import DelayReason

NINE = dt.time(9)


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
    confirmed_target = AnsweredField(required=False)
    confirmed_parts = AnsweredField(required=False)

    def __init__(self, work_order: WorkOrder, data: Any = None, *, day: dt.date | None = None) -> None:
        """With a day its fields hold that day in place of the appointment's, at the same hour, or at nine."""
        super().__init__(data, initial=_initial(work_order, day))
        cast(SiteDateTimeField, self.fields["appointment_at"]).zone = work_order.site.zone
        cast(PhoneField, self.fields["contact_phone"]).region = work_order.site.country
        for name, field in self.fields.items():
            field.widget.attrs |= {"class": "form-control", "id": name}

    @property
    def day(self) -> str:
        """The day that stands in Appointment Date, as YYYY-MM-DD; empty or nonsense while there is none."""
        return str(self["appointment_at"].value() or "")[:10]

    def clean(self) -> None:
        typed = [self.data.get(name, "").strip() for name in ("contact_phone", "contact_email")]
        if not any(typed):
            self.add_error("contact_phone", "Give the technician’s phone or e-mail.")

    def answer(self, again: ReasonNeeded | PartsNotThere | Stale) -> None:
        """Make the form one of the work order as it stands now: its version, and the day the question is about.

        What was answered to the other question stands: it is asked again where it does not hold any more.
        """
        data = cast(QueryDict, self.data).copy()
        data["version"] = str(again.work_order.version)
        if isinstance(again, ReasonNeeded):
            data["confirmed_target"] = str(again.work_order.current_target_on)
        elif isinstance(again, PartsNotThere):
            data["confirmed_parts"] = str(again.arrive_on)
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
            confirmed_parts=values["confirmed_parts"],
        )


def _initial(work_order: WorkOrder, day: dt.date | None) -> dict[str, Any]:
    initial: dict[str, Any] = {"version": work_order.version}
    time = NINE
    if standing := work_order.appointment:
        time = standing.at.astimezone(work_order.site.zone).time()
        initial["appointment_at"] = standing.at
        initial |= {name: getattr(standing, name) for name in ("technician_name", "contact_phone", "contact_email")}
    return initial | ({"appointment_at": f"{day}T{time:%H:%M}"} if day else {})
