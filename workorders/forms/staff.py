"""The forms of staff's actions on a work order and its shipments."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import slug_re
from django.utils.html import escape

from workorders.dates import day_text
from workorders.forms.fields import ISODateField
from workorders.models import CarrierService, Hold, Shipment, WorkOrder
from workorders.services import Part, ShipmentDetails
from workorders.states import Direction, ShipmentKind, ShipmentStatus

UPLOAD_LIMIT = 5_000_000  # bytes of a file: some 15,000 rows
PART = re.compile(r"([^*]*[^*\s][^*]*)(?:\*\s*([0-9]{1,4})\s*(?:\*(.*))?)?")


class NumberField(forms.RegexField):
    """The number of a work order or shipment: it stands in addresses of pages."""

    def __init__(self, **kwargs: Any) -> None:
        wrong = {"invalid": "A number has letters, digits, - and _ only."}
        super().__init__(regex=slug_re, max_length=30, error_messages=wrong, **kwargs)


def words(label: str, max_length: int, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label, max_length=max_length, help_text=help_text, widget=forms.Textarea(attrs={"rows": 4, "cols": 60})
    )


class LinesField(forms.CharField):
    """Texts, one a line; empty lines are left out."""

    widget = forms.Textarea(attrs={"rows": 4, "cols": 60})

    def __init__(self, *, line_length: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.line_length = line_length

    def clean(self, value: Any) -> list[Any]:
        lines = [line.strip() for line in super().clean(value).splitlines()]
        return [self.parsed(number, line) for number, line in enumerate(lines, start=1) if line]

    def parsed(self, number: int, line: str) -> Any:
        if len(line) > self.line_length:
            raise ValidationError(f"Line {number} has {len(line)} characters; {self.line_length} are possible.")
        return line

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str | None) else "\n".join(map(self.written, value))

    def written(self, item: Any) -> str:
        return str(item)


class PartsField(LinesField):
    """Parts, one a line, written as imports write them: part number*quantity*description."""

    def parsed(self, number: int, line: str) -> Part:
        match = PART.fullmatch(line)
        if not match or not int(match[2] or 1):
            raise ValidationError(f"Line {number}: write part number*quantity*description, such as CBL-23*1*Cable.")
        part = Part(match[1].strip(), int(match[2] or 1), (match[3] or "").strip())
        if len(part.part_number) > 60 or len(part.description) > self.line_length:
            raise ValidationError(
                f"Line {number}: a part number has up to 60 characters, a description {self.line_length}."
            )
        return part

    def written(self, item: Part) -> str:
        return "*".join(filter(None, [item.part_number, str(item.quantity), item.description]))


class StaffForm(forms.Form):
    """A form that remembers the version of the work order it was made from. As it is: a step that asks for nothing."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, work_order: WorkOrder, shipment: Shipment | None = None, data: Any = None) -> None:
        self.work_order, self.shipment = work_order, shipment
        super().__init__(data, initial={"version": work_order.version} | self.known(), auto_id="id_%s")

    def known(self) -> dict[str, Any]:
        """What the fields hold at first."""
        return {}


STOPS_CLOCK = "The days of this hold, first and last included, do not count towards the Target SLA."


class HoldForm(StaffForm):
    reason = words("Reason", 500)
    stops_clock = forms.BooleanField(label="Stops the clock", required=False, help_text=STOPS_CLOCK)


class HoldCorrectionForm(StaffForm):
    first = ISODateField(label="First day")
    last = ISODateField(label="Last day", help_text="The last day on which the work waited.")
    stops_clock = forms.BooleanField(label="Stops the clock", required=False, help_text=STOPS_CLOCK)

    def __init__(self, work_order: WorkOrder, hold: Hold, data: Any = None) -> None:
        self.hold = hold
        super().__init__(work_order, None, data)
        if hold.last is None:
            del self.fields["last"]  # Resume ends it

    def known(self) -> dict[str, Any]:
        return {"first": self.hold.first, "last": self.hold.last, "stops_clock": self.hold.stops_clock}

    def values(self) -> dict[str, Any]:
        return {"last": None} | self.cleaned_data


class NoteForm(StaffForm):
    note = words("Note", 1000, "The partner reads it in History.")


class CancelForm(StaffForm):
    comment = words("Comment", 2000, "The partner reads it in Collaborate.")


class CommentForm(StaffForm):
    body = words("Comment", 5000, "The partner reads it in Collaborate.")


COMPUTED = "Leave empty when the carrier names none: pick-up date + the carrier service's business days."


class ShipmentStepForm(StaffForm):
    """A step of one shipment; what it does not ask for stays as it is."""

    shipment: Shipment

    def known(self) -> dict[str, Any]:
        return details_of(self.shipment)._asdict() if self.shipment else {}

    def shipment_number(self) -> str:
        return self.shipment.number

    def details(self) -> ShipmentDetails:
        given = {field: self.cleaned_data[field] for field in ShipmentDetails._fields if field in self.cleaned_data}
        return details_of(self.shipment)._replace(**given)

    def entered_parts(self) -> list[Part] | None:
        return None


class EddForm(ShipmentStepForm):
    estimated_delivery_on = ISODateField(label="Estimated Delivery Date", required=False, help_text=COMPUTED)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.shipment and self.shipment.edd_is_computed and self.shipment.estimated_delivery_on:
            computed = day_text(self.shipment.estimated_delivery_on)
            service = escape(f"{self.shipment.carrier} {self.shipment.service}")
            self.fields["estimated_delivery_on"].help_text = f"{COMPUTED} Computed now for {service}: {computed}."


class ShippedForm(EddForm):
    tracking_number = forms.CharField(label="Tracking number", max_length=60, required=False)
    pick_up_on = ISODateField(label="Pick-up date", required=False)
    field_order = ["pick_up_on", "tracking_number", "estimated_delivery_on"]

    def known(self) -> dict[str, Any]:
        known = super().known()
        return known | {"pick_up_on": known["pick_up_on"] or self.work_order.site_today()}

    def details(self) -> ShipmentDetails:
        return super().details()._replace(status=ShipmentStatus.SHIPPED, delivered_on=None)


class DeliveredForm(ShipmentStepForm):
    delivered_on = ISODateField(label="Delivered date", help_text="The day at which the parts arrived.")

    def known(self) -> dict[str, Any]:
        return {"delivered_on": self.shipment.delivered_on or self.work_order.site_today()}

    def details(self) -> ShipmentDetails:
        return super().details()._replace(status=ShipmentStatus.DELIVERED)


class ShipmentForm(EddForm):
    """A shipment with all that staff know of it."""

    number = NumberField(label="Number", help_text="Of the RMA or FSO.")
    kind = forms.TypedChoiceField(label="Kind", choices=ShipmentKind, coerce=ShipmentKind)
    direction = forms.TypedChoiceField(label="Direction", choices=Direction, coerce=Direction)
    required = forms.BooleanField(
        label="Required", required=False, initial=True, help_text="The work cannot begin without it."
    )
    status = forms.TypedChoiceField(label="Status", choices=ShipmentStatus, coerce=ShipmentStatus)
    carrier = forms.CharField(
        label="Carrier", max_length=40, required=False, widget=forms.TextInput(attrs={"list": "carriers"})
    )
    service = forms.CharField(
        label="Carrier service", max_length=60, required=False, widget=forms.TextInput(attrs={"list": "services"})
    )
    tracking_number = forms.CharField(label="Tracking number", max_length=60, required=False)
    pick_up_on = ISODateField(label="Pick-up date", required=False)
    delivered_on = ISODateField(label="Delivered date", required=False, help_text="With the status Delivered only.")
    parts = PartsField(
        label="Parts",
        required=False,
        line_length=200,
        help_text="One a line: part number*quantity*description, such as CBL-23*1*Charging cable.",
    )
    field_order = [
        *("number", "kind", "direction", "required", "status", "carrier", "service", "tracking_number"),
        *("pick_up_on", "estimated_delivery_on", "delivered_on", "parts"),
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["number"].disabled = self.shipment is not None
        self.suggested = {"carriers": _names("carrier"), "services": _names("service")}

    def known(self) -> dict[str, Any]:
        if not self.shipment:
            return {"kind": ShipmentKind.FSO, "required": True}
        parts = [Part(part.part_number, part.quantity, part.description) for part in self.shipment.parts.all()]
        return super().known() | {"number": self.shipment.number, "parts": parts}

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"]
        if not self.shipment and self.work_order.shipments.filter(number=number).exists():
            raise ValidationError(f"{number} stands on this work order already: edit it instead.")
        return number

    def shipment_number(self) -> str:
        return str(self.cleaned_data["number"])

    def details(self) -> ShipmentDetails:
        return ShipmentDetails(**{field: self.cleaned_data[field] for field in ShipmentDetails._fields})

    def entered_parts(self) -> list[Part]:
        return list(self.cleaned_data["parts"])


class UploadForm(forms.Form):
    file = forms.FileField(
        label="CSV file",
        help_text="UTF-8, with the column names in the first line and dates as YYYY-MM-DD. Nothing is saved yet.",
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > UPLOAD_LIMIT:
            raise ValidationError(f"The file is larger than {UPLOAD_LIMIT // 1_000_000} MB: split it.")
        return file


def details_of(shipment: Shipment) -> ShipmentDetails:
    """A shipment as it was entered: without the estimated delivery date where that is computed."""
    details = ShipmentDetails(**{field: getattr(shipment, field) for field in ShipmentDetails._fields})
    return details._replace(estimated_delivery_on=None) if shipment.edd_is_computed else details


def _names(field: str) -> list[str]:
    return list(CarrierService.objects.order_by(field).values_list(field, flat=True).distinct())
