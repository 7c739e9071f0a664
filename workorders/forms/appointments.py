"""The appointment form, and the answers to the questions about its date."""

import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone

from portal.people.models import User
from workorders.dates import day_text
from workorders.fieldwork.technicians import Crew, certified_until
from workorders.forms.actions import VersionedForm
from workorders.forms.fields import AnsweredField, PhoneField, SiteDateTimeField
from workorders.models import Appointment, WorkOrder
from workorders.services import Booking, Clash, InThePast, PartsNotThere, ReasonNeeded, Stale
from workorders.states import DelayReason
from workorders.targets.days_ahead import next_hour

NINE = dt.time(9)
WHO = ("appointment_at", "technician", "technician_name")
NOBODY = Crew([], [])
Inputs = list[tuple[str, Any]]  # names and values of hidden inputs
SOMEONE_ELSE = "Someone else: type the name"


class TechnicianSelect(forms.Select):
    """The partner's technicians, with the contact details that the page fills in."""

    crew = NOBODY

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if person := self.crew.find(str(value)):
            option["attrs"] |= {
                "data-name": person.name,
                "data-phone": person.phone,
                "data-email": person.email,
            }
        return option


class AppointmentForm(forms.Form):
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    appointment_at = SiteDateTimeField(label="Appointment Date")
    technician = forms.CharField(label="Technician", required=False, widget=TechnicianSelect)
    technician_name = forms.CharField(label="Technician Name", max_length=120, required=False)
    contact_phone = PhoneField(
        label="Contact Details: technician’s phone", max_length=32, required=False
    )
    contact_email = forms.EmailField(
        label="Contact Details: technician’s e-mail",
        max_length=254,
        required=False,
        help_text="One of the two is required.",
    )
    reason = forms.ChoiceField(
        label="Reason for Delay",
        choices=DelayReason,
        required=False,
        error_messages={"invalid_choice": "Choose one of the nine reasons."},
    )
    note = forms.CharField(
        label="Note", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    along = forms.MultipleChoiceField(
        required=False, error_messages={"invalid_choice": "%(value)s is already booked."}
    )
    confirmed_target = AnsweredField(required=False)
    confirmed_parts = AnsweredField(required=False)
    confirmed_past = AnsweredField(required=False)
    confirmed_clash = AnsweredField(required=False)
    onward = forms.CharField(required=False, max_length=10)  # "Save and next" was pressed

    def __init__(
        self,
        work_order: WorkOrder,
        data: Any = None,
        *,
        day: dt.date | None = None,
        like: Appointment | None = None,
        usual: Appointment | None = None,
        crew: Crew = NOBODY,
        here: Sequence[WorkOrder] = (),
    ) -> None:
        """Make the form of the work order's appointment.

        `day` replaces the appointment's day; the time stays, or is 9:00 AM, unless that has already
        passed today. `like` is another appointment to start from; of `usual` only the hour and the
        technician are proposed. `crew` are the technicians to
        choose from, and `here` the work orders that can be booked for the same visit.
        """
        initial = _initial(work_order, like or work_order.appointment, day, usual, crew)
        super().__init__(data, initial=initial)
        self.crew, self.here = crew, here
        cast(SiteDateTimeField, self.fields["appointment_at"]).zone = work_order.site.zone
        cast(PhoneField, self.fields["contact_phone"]).region = work_order.site.country
        technician = cast(TechnicianSelect, self.fields["technician"].widget)
        technician.crew, technician.choices = crew, _choices(crew)
        cast(forms.MultipleChoiceField, self.fields["along"]).choices = [
            (row.number, row.subject) for row in here
        ]
        for name, field in self.fields.items():
            field.widget.attrs |= {"class": "form-control", "id": name}
        for name in ("technician_name", "contact_phone", "contact_email"):
            # the technician's, not those of whoever books
            self.fields[name].widget.attrs |= {"autocomplete": "off", "data-lpignore": "true"}
        if usual:
            at_the_site = usual.at.astimezone(usual.work_order.site.zone)
            self.fields["appointment_at"].widget.attrs["data-hour"] = f"{at_the_site:%H:%M}"
        self.fields["technician"].widget.attrs["class"] = "form-select"

    @property
    def day(self) -> str:
        """The day in Appointment Date, as YYYY-MM-DD; empty or invalid while there is none."""
        return str(self["appointment_at"].value() or "")[:10]

    def clean(self) -> None:
        """Match the technician who was chosen, or whose name was typed.

        Their contact details fill in what was left empty.
        """
        key = self.cleaned_data.get("technician", "")
        name = self.cleaned_data.get("technician_name", "")
        chosen = self.crew.find(key, name)
        self.cleaned_data["technician"] = chosen
        if key and chosen is None:
            self.add_error("technician", "Choose one of your technicians, or enter a name.")
        elif chosen and name and name.casefold() != chosen.name.casefold():
            other = f"{chosen.name} is chosen. For another name choose “{SOMEONE_ELSE}”."
            self.add_error("technician_name", other)
        elif not chosen and not name and "technician_name" not in self.errors:
            self.add_error("technician_name", "Enter the technician’s name.")
        if any(self.data.get(name, "").strip() for name in ("contact_phone", "contact_email")):
            return
        if chosen:
            self.cleaned_data |= {"contact_phone": chosen.phone, "contact_email": chosen.email}
        else:
            self.add_error("contact_phone", "Enter the technician’s phone or e-mail.")

    def prefill(self, typed: Mapping[str, str]) -> None:
        """Start from what has been typed so far."""
        self.initial.update({name: typed.get(name, "") for name in WHO})

    @property
    def person(self) -> User | None:
        """The technician who is chosen, or whose name is typed."""
        key, name = self["technician"].value(), self["technician_name"].value()
        return self.crew.find(str(key or ""), str(name or ""))

    @property
    def at(self) -> dt.datetime | None:
        """The Appointment Date in the form; None if it is not valid."""
        field, value = self.fields["appointment_at"], self["appointment_at"].value()
        with suppress(ValidationError):
            at: dt.datetime | None = field.clean(value)
            return at
        return None

    def answer(self, again: ReasonNeeded | PartsNotThere | InThePast | Clash | Stale) -> None:
        """Update the form to the work order as it is now: its version, and the day asked about.

        The answers to other questions are kept. If they no longer hold, the questions are asked
        again.
        """
        data = cast(QueryDict, self.data).copy()
        data["version"] = str(again.work_order.version)
        if isinstance(again, ReasonNeeded):
            data["confirmed_target"] = str(again.work_order.current_target_on)
        elif isinstance(again, PartsNotThere):
            data["confirmed_parts"] = str(again.arrive_on)
        elif isinstance(again, InThePast):
            data["confirmed_past"] = str(again.on)
        elif isinstance(again, Clash):
            data["confirmed_clash"] = str(again.on)
        self.data = data

    def typed(self, *, at: dt.datetime | None = None) -> Inputs:
        """Return what was typed about the visit, to be sent again with the answer to a question.

        `at` replaces the time.
        """
        site_time = self["appointment_at"].value() if at is None else _local_input(at)
        return [
            self._typed("version"),
            ("appointment_at", site_time),
            self._typed("technician"),
            *(("along", number) for number in self["along"].value() or ()),
            *map(self._typed, ("technician_name", "contact_phone", "contact_email", "onward")),
        ]

    def answered(self, *, with_reason: bool) -> Inputs:
        """Return the answers given so far. When the reason is being asked for, leave it out."""
        names = ["confirmed_target", "confirmed_parts", "confirmed_past", "confirmed_clash"]
        names += ["reason", "note"] if with_reason else []
        return [self._typed(name) for name in names]

    def _typed(self, name: str) -> tuple[str, Any]:
        return name, self[name].value() or ""

    def booking(self) -> Booking:
        values = self.cleaned_data
        chosen: User | None = values["technician"]
        return Booking(
            at=values["appointment_at"],
            technician_name=chosen.name if chosen else values["technician_name"],
            technician=chosen,
            contact_phone=values["contact_phone"],
            contact_email=values["contact_email"],
            reason=DelayReason(values["reason"]) if values["reason"] else None,
            note=values["note"],
            confirmed_target=values["confirmed_target"],
            confirmed_parts=values["confirmed_parts"],
            confirmed_past=values["confirmed_past"],
            confirmed_clash=values["confirmed_clash"],
        )


class SameVisitForm(forms.Form):
    """The work order whose visit is to be booked here too, by its number."""

    visit_of = forms.SlugField(required=False, max_length=30)

    def number(self) -> str:
        return str(self.cleaned_data["visit_of"]) if self.is_valid() else ""


class TakeBackForm(VersionedForm):
    note = forms.CharField(
        label="Note",
        max_length=1000,
        help_text="For example: the POC called it off.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why."},
    )


def _choices(crew: Crew) -> list[Any]:
    """List the technicians certified today first, each with the last day that they are."""
    untils = [(user, until) for user in crew.certified if (until := certified_until(user))]
    named = [(user.pk, f"{user.name} (until {day_text(until)})") for user, until in untils]
    others = [(user.pk, user.name) for user in crew.others]
    groups = [("Certified", named), ("Not certified", others)]
    return [("", SOMEONE_ELSE), *(group for group in groups if group[1])]


def as_booked(work_order: WorkOrder) -> Inputs:
    """Return the current appointment as the form would send it."""
    booked = work_order.appointment
    if booked is None:
        return []
    at = _local_input(booked.at.astimezone(work_order.site.zone))
    is_here = booked.technician and booked.technician.is_active
    return [
        ("version", work_order.version),
        ("appointment_at", at),
        *([("technician", booked.technician_id)] if is_here else []),
        ("technician_name", booked.technician_name),
        ("contact_phone", booked.contact_phone),
        ("contact_email", booked.contact_email),
    ]


def _local_input(at: dt.datetime) -> str:
    """Format a time as an appointment field takes it: 2026-03-02T09:00 at the site."""
    return f"{at:%Y-%m-%dT%H:%M}"


def _initial(
    work_order: WorkOrder,
    current: Appointment | None,
    day: dt.date | None,
    usual: Appointment | None,
    crew: Crew,
) -> dict[str, Any]:
    """Return the fields' initial values: the current appointment, on the requested day.

    Where nothing is booked, the hour and the technician of the `usual` one.
    """
    initial: dict[str, Any] = {"version": work_order.version}
    time = NINE
    if current:
        time = current.at.astimezone(work_order.site.zone).time()
        initial |= {"appointment_at": current.at} | _who(current)
    elif usual:
        time = usual.at.astimezone(usual.work_order.site.zone).time()
        if usual.technician_id is None or crew.find(str(usual.technician_id)):
            initial |= _who(usual)
    if day:
        time = _still_to_come(work_order, day, time)
        initial["appointment_at"] = f"{day}T{time:%H:%M}"
    return initial


def _who(appointment: Appointment) -> dict[str, Any]:
    return {
        "technician": appointment.technician_id,
        "technician_name": appointment.technician_name,
        "contact_phone": appointment.contact_phone,
        "contact_email": appointment.contact_email,
    }


def _still_to_come(work_order: WorkOrder, day: dt.date, time: dt.time) -> dt.time:
    """Return the time, or the next full hour if it has already passed today at the site."""
    now, zone = timezone.now(), work_order.site.zone
    if day == work_order.site_today(now) and dt.datetime.combine(day, time, zone) <= now:
        return next_hour(zone, now)
    return time
