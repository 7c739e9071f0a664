"""The forms of staff's actions on a work order and its shipments."""

from contextlib import suppress
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import slug_re

from portal.people.models import Partner
from sla import CalendarError
from workorders.dates import day_text
from workorders.fieldwork.late_visits import late_visits
from workorders.forms.fields import ISODateField, PhoneField, SiteDateTimeField
from workorders.history.wording import cause_label
from workorders.models import Hold, Shipment, WorkOrder
from workorders.services import next_number, open_requests
from workorders.services.importing.reading import MAX_BYTES as UPLOAD_LIMIT
from workorders.states import AssistanceReason, Cause
from workorders.targets.computing import target_after_hold
from workorders.targets.terms import business_calendar


class NumberField(forms.RegexField):
    """The number of a work order or shipment, which becomes part of URLs."""

    def __init__(self, **kwargs: Any) -> None:
        wrong = {"invalid": "Use only letters, digits, - and _ in a number."}
        super().__init__(regex=slug_re, max_length=30, error_messages=wrong, **kwargs)


def text_area(label: str, max_length: int, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=max_length,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 60}),
    )


class LinesField(forms.CharField):
    """Texts, one per line. Empty lines are ignored."""

    widget = forms.Textarea(attrs={"rows": 4, "cols": 60})

    def __init__(self, *, line_length: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.line_length = line_length

    def clean(self, value: Any) -> list[Any]:
        lines = [line.strip() for line in super().clean(value).splitlines()]
        return [self.parsed(number, line) for number, line in enumerate(lines, start=1) if line]

    def parsed(self, number: int, line: str) -> Any:
        if len(line) > self.line_length:
            raise ValidationError(
                f"Line {number} has {len(line)} characters; the limit is {self.line_length}."
            )
        return line

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str | None) else "\n".join(map(self.written, value))

    def written(self, item: Any) -> str:
        return str(item)


class StaffForm(forms.Form):
    """A form that remembers the version of the work order it was made from.

    Used as it is, it asks for nothing.
    """

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(
        self, work_order: WorkOrder, shipment: Shipment | None = None, data: Any = None
    ) -> None:
        self.work_order, self.shipment = work_order, shipment
        super().__init__(
            data, initial={"version": work_order.version} | self.initial_values(), auto_id="id_%s"
        )

    def initial_values(self) -> dict[str, Any]:
        """Return the fields' initial values, by name."""
        return {}


class LateVisitForm(StaffForm):
    """The first visit that was entered late and that nobody has looked at."""

    visit = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    began_at = SiteDateTimeField(
        label="Work began", help_text="Leave it as it is to mark the visit as seen."
    )

    def __init__(self, work_order: WorkOrder, *args: Any) -> None:
        super().__init__(work_order, *args)
        cast(SiteDateTimeField, self.fields["began_at"]).zone = work_order.site.zone

    def initial_values(self) -> dict[str, Any]:
        visit = late_visits(self.work_order).first()
        return {"visit": visit.pk, "began_at": visit.began_at} if visit else {}


STOPS_CLOCK = "The days of this hold, first and last included, do not count toward the Target SLA."


def cause_field(empty_value: str | None) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label="Waits for",
        required=False,
        choices=[("", "Not specified"), *((cause, cause_label(cause)) for cause in Cause)],
        coerce=Cause,
        empty_value=empty_value,
        help_text="The scorecard attributes the days on hold to it.",
    )


class HoldForm(StaffForm):
    cause = cause_field("")
    reason = text_area("Reason", 500)
    stops_clock = forms.BooleanField(label="Stops the clock", required=False, help_text=STOPS_CLOCK)
    resume_on = ISODateField(
        label="To be resumed on",
        required=False,
        help_text="Both sides are reminded; nothing resumes by itself.",
    )

    def initial_values(self) -> dict[str, Any]:
        """Take what the partner has requested, if that has not been answered yet."""
        requests = open_requests(self.work_order).filter(assistance=AssistanceReason.HOLD)
        request = requests.order_by("at").last()
        if request is None:
            return {}
        is_ahead = request.until and request.until > self.work_order.site_today()
        return {"reason": request.body[:500], "resume_on": request.until if is_ahead else None}


class HoldCorrectionForm(StaffForm):
    first = ISODateField(label="First day")
    last = ISODateField(label="Last day", help_text="The last day on which the work waited.")
    stops_clock = forms.BooleanField(label="Stops the clock", required=False, help_text=STOPS_CLOCK)
    cause = cause_field(None)  # nothing chosen leaves it as it is

    def __init__(self, work_order: WorkOrder, hold: Hold, data: Any = None) -> None:
        self.hold = hold
        super().__init__(work_order, None, data)
        if hold.last is None:
            del self.fields["last"]  # Resume ends it

    def initial_values(self) -> dict[str, Any]:
        names = ("first", "last", "stops_clock", "cause")
        return {name: getattr(self.hold, name) for name in names}

    def values(self) -> dict[str, Any]:
        return {"last": None} | self.cleaned_data


class NoteForm(StaffForm):
    note = text_area("Note", 1000, "The partner reads it in History.")


class SendBackForm(NoteForm):
    again = forms.TypedMultipleChoiceField(
        label="To be done again",
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="These line items are open again, and any photo that one of them requires must be"
        " new.",
    )
    new_photos = forms.BooleanField(
        label="New photos of the work",
        required=False,
        help_text="Existing photos no longer count.",
    )
    next_target_on = ISODateField(
        label="Target SLA of the new cycle",
        required=False,
        help_text="Leave empty for a cycle without a target.",
    )
    next_target_reason = forms.CharField(
        label="Reason for this target", max_length=300, required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        line_items = [(item.number, str(item)) for item in self.work_order.line_items.all()]
        cast(forms.TypedMultipleChoiceField, self.fields["again"]).choices = line_items
        if not line_items:
            del self.fields["again"]
        if not self.work_order.images_required:
            del self.fields["new_photos"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("next_target_on") and not data.get("next_target_reason"):
            self.add_error("next_target_reason", "Explain why in a sentence.")
        return data


class CycleTargetForm(StaffForm):
    """The target of a later cycle.

    If parts have come since the target was set, it proposes the day that follows from them.
    """

    target_on = ISODateField(label="Target SLA")
    target_reason = forms.CharField(
        label="Reason", max_length=300, help_text="The partner reads it."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row = self.work_order
        if row.proposed_target_on and row.target_on:
            self.fields["target_on"].help_text = (
                "The parts have come, and this is the day that follows from their delivery."
                f" To keep the target, enter {row.target_on}."
            )

    def initial_values(self) -> dict[str, Any]:
        row = self.work_order
        proposed = row.proposed_target_on or row.target_on
        return {"target_on": proposed, "target_reason": row.target_reason}


class ResumeForm(StaffForm):
    """Resume. Where staff have set a target, it proposes the target moved by the hold."""

    target_on = ISODateField(
        label="Target SLA from now on",
        required=False,
        help_text="Moved by the business days on hold. Leave empty to keep the target as it is.",
    )
    target_reason = forms.CharField(label="Reason for it", max_length=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.initial.get("target_on"):
            del self.fields["target_on"], self.fields["target_reason"]

    def initial_values(self) -> dict[str, Any]:
        row = self.work_order
        with suppress(CalendarError):
            calendar, today = business_calendar(row.territory), row.site_today()
            proposed = target_after_hold(row, row.holds.all(), today, calendar)
            if proposed and row.target_on:
                reason = f"On hold; it was {day_text(row.target_on)}. {row.target_reason}"
                return {"target_on": proposed, "target_reason": reason[:300]}
        return {}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("target_on") and not data.get("target_reason"):
            self.add_error("target_reason", "Explain why in a sentence.")
        return data


class CancelForm(StaffForm):
    comment = text_area("Comment", 2000, "The partner reads it in Collaborate.")


class StaffCommentForm(StaffForm):
    body = text_area(
        "Comment",
        5000,
        "The partner reads it in Collaborate; it also answers their requests for assistance.",
    )


class InternalNoteForm(StaffForm):
    body = text_area("Internal note", 5000, "For staff only: the partner never sees it.")


class ReassignForm(StaffForm):
    partner = forms.ModelChoiceField(label="Partner", queryset=Partner.objects.all())
    assigned_on = ISODateField(
        label="Assigned on",
        help_text="The day that counting starts from if no parts are required.",
    )
    note = forms.CharField(label="Note", max_length=1000, required=False)

    def initial_values(self) -> dict[str, Any]:
        return {"assigned_on": max(self.work_order.site_today(), self.work_order.assigned_on)}


class FollowOnForm(StaffForm):
    confirmed = forms.CharField(max_length=16, required=False, widget=forms.HiddenInput)
    number = NumberField(label="Number", help_text="For the new work order.")
    partner = forms.ModelChoiceField(label="Partner", queryset=Partner.objects.all())
    assigned_on = ISODateField(label="Assigned on")

    def initial_values(self) -> dict[str, Any]:
        row = self.work_order
        return {"number": next_number(), "partner": row.partner, "assigned_on": row.site_today()}


class StaffSecondPocForm(StaffForm):
    name = forms.CharField(label="Name", max_length=120)
    phone = PhoneField(label="Phone", max_length=32, required=False)
    email = forms.EmailField(label="E-mail", max_length=254, required=False)


class ImportFileForm(forms.Form):
    file = forms.FileField(
        label="File",
        help_text="A workbook (.xlsx) or CSV, with the columns below in any order. Nothing is saved"
        " yet.",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt,.tsv,text/csv"}),
    )

    def clean_file(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > UPLOAD_LIMIT:
            raise ValidationError(
                f"The file is larger than {UPLOAD_LIMIT // 1_000_000} MB: split it."
            )
        return file
