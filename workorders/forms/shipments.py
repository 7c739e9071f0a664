"""The forms of staff's actions on shipments and on reported parts."""

import re
from collections import Counter
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import escape

from workorders.dates import day_text
from workorders.fieldwork.returns_and_reports import open_reports
from workorders.forms.fields import ISODateField
from workorders.forms.staff import LinesField, NumberField, StaffForm, text_area
from workorders.models import CarrierService, PartReport, Shipment
from workorders.services import Part, ShipmentDetails
from workorders.states import Direction, ShipmentKind, ShipmentStatus

PART = re.compile(r"([^*]*[^*\s][^*]*)(?:\*\s*([0-9]{1,4})\s*(?:\*(.*))?)?")


class PartsField(LinesField):
    """Parts, one per line, written as in imports: part number*quantity*description."""

    def parsed(self, number: int, line: str) -> Part:
        match = PART.fullmatch(line)
        if not match or not int(match[2] or 1):
            raise ValidationError(
                f"Line {number}: write part number*quantity*description, such as CBL-23*1*Cable."
            )
        part = Part(match[1].strip(), int(match[2] or 1), (match[3] or "").strip())
        if len(part.part_number) > 60 or len(part.description) > self.line_length:
            raise ValidationError(
                f"Line {number}: a part number can have up to 60 characters, and a description"
                f" {self.line_length}."
            )
        return part

    def written(self, item: Part) -> str:
        return "*".join(filter(None, [item.part_number, str(item.quantity), item.description]))


COMPUTED = (
    "Leave empty if the carrier gives none: pick-up date + the carrier service's business days."
)


class ShipmentActionForm(StaffForm):
    """An action on one shipment. What the form does not ask for does not change."""

    shipment: Shipment

    def initial_values(self) -> dict[str, Any]:
        return details_of(self.shipment)._asdict() if self.shipment else {}

    def shipment_number(self) -> str:
        return self.shipment.number

    def details(self) -> ShipmentDetails:
        return details_of(self.shipment)._replace(**self.given_details())

    def given_details(self) -> dict[str, Any]:
        """Return the shipment's own fields that the form asks for."""
        values = self.cleaned_data
        return {field: values[field] for field in ShipmentDetails._fields if field in values}

    def entered_parts(self) -> list[Part] | None:
        return None


class EddForm(ShipmentActionForm):
    estimated_delivery_on = ISODateField(
        label="Estimated Delivery Date", required=False, help_text=COMPUTED
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.shipment and self.shipment.edd_is_computed and self.shipment.estimated_delivery_on:
            computed = day_text(self.shipment.estimated_delivery_on)
            service = escape(f"{self.shipment.carrier} {self.shipment.service}")
            field = self.fields["estimated_delivery_on"]
            field.help_text = f"{COMPUTED} Computed now for {service}: {computed}."


class ShippedForm(EddForm):
    tracking_number = forms.CharField(label="Tracking number", max_length=60, required=False)
    pick_up_on = ISODateField(label="Pick-up date", required=False)
    field_order = ["pick_up_on", "tracking_number", "estimated_delivery_on"]

    def initial_values(self) -> dict[str, Any]:
        values = super().initial_values()
        values["pick_up_on"] = values["pick_up_on"] or self.work_order.site_today()
        return values

    def details(self) -> ShipmentDetails:
        return super().details()._replace(status=ShipmentStatus.SHIPPED, delivered_on=None)


class DeliveredForm(ShipmentActionForm):
    delivered_on = ISODateField(label="Delivered date", help_text="The day the parts arrived.")

    def initial_values(self) -> dict[str, Any]:
        return {"delivered_on": self.shipment.delivered_on or self.work_order.site_today()}

    def details(self) -> ShipmentDetails:
        return super().details()._replace(status=ShipmentStatus.DELIVERED)


class ShipmentForm(EddForm):
    """A shipment with everything that staff know about it."""

    number = NumberField(label="Number", help_text="The number of the RMA or FSO.")
    kind = forms.TypedChoiceField(label="Kind", choices=ShipmentKind, coerce=ShipmentKind)
    direction = forms.TypedChoiceField(label="Direction", choices=Direction, coerce=Direction)
    required = forms.BooleanField(
        label="Required",
        required=False,
        initial=True,
        help_text="The work cannot begin without it.",
    )
    status = forms.TypedChoiceField(label="Status", choices=ShipmentStatus, coerce=ShipmentStatus)
    carrier = forms.CharField(
        label="Carrier",
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"list": "carriers"}),
    )
    service = forms.CharField(
        label="Carrier service",
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"list": "services"}),
    )
    tracking_number = forms.CharField(label="Tracking number", max_length=60, required=False)
    pick_up_on = ISODateField(label="Pick-up date", required=False)
    delivered_on = ISODateField(
        label="Delivered date", required=False, help_text="Only with the status Delivered."
    )
    return_due_on = ISODateField(
        label="Return due",
        required=False,
        help_text="For a return. Leave empty for ten business days after the work has ended.",
    )
    parts = PartsField(
        label="Parts",
        required=False,
        line_length=200,
        help_text="One per line: part number*quantity*description, such as CBL-23*1*Cable.",
    )
    field_order = [
        "number",
        "kind",
        "direction",
        "required",
        "status",
        "carrier",
        "service",
        "tracking_number",
        "pick_up_on",
        "estimated_delivery_on",
        "delivered_on",
        "return_due_on",
        "parts",
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["number"].disabled = self.shipment is not None
        self.suggested = {"carriers": _names("carrier"), "services": _names("service")}

    def initial_values(self) -> dict[str, Any]:
        if not self.shipment:
            return {"kind": ShipmentKind.FSO, "required": True}
        parts = [
            Part(part.part_number, part.quantity, part.description)
            for part in self.shipment.parts.all()
        ]
        return super().initial_values() | {"number": self.shipment.number, "parts": parts}

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"]
        if not self.shipment and self.work_order.shipments.filter(number=number).exists():
            raise ValidationError(f"{number} is already on this work order. Edit it instead.")
        return number

    def shipment_number(self) -> str:
        return str(self.cleaned_data["number"])

    def details(self) -> ShipmentDetails:
        return ShipmentDetails(**self.given_details())

    def entered_parts(self) -> list[Part]:
        return list(self.cleaned_data["parts"])


class ReportsField(forms.TypedMultipleChoiceField):
    """Which of the open reports; at first, all of them are checked."""

    widget = forms.CheckboxSelectMultiple

    def offer(self, reports: list[PartReport]) -> None:
        self.choices = [(report.pk, f"{report} ({report.shipment})") for report in reports]
        self.initial = [report.pk for report in reports]


class SettleForm(StaffForm):
    reports = ReportsField(label="Reports", coerce=int)
    note = text_area("Note", 1000, "Why nothing is sent. The partner reads it.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(ReportsField, self.fields["reports"]).offer(list(open_reports(self.work_order)))


class ReplacementForm(ShipmentForm):
    """A new required shipment, which starts with the reported parts."""

    reports = ReportsField(
        label="Replaces", coerce=int, help_text="The replacement settles these reports."
    )
    field_order = ["reports", *ShipmentForm.field_order]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reports = list(open_reports(self.work_order))
        cast(ReportsField, self.fields["reports"]).offer(reports)
        self.fields["parts"].initial = _parts_of(reports)
        for fixed in ("direction", "required", "delivered_on", "return_due_on"):
            del self.fields[fixed]


def _parts_of(reports: list[PartReport]) -> list[Part]:
    """Add up the reported parts: one line for each part."""
    quantities: Counter[tuple[str, str]] = Counter()
    for report in reports:
        quantities[report.part_number, report.description] += report.quantity
    return [
        Part(number, quantity, description)
        for (number, description), quantity in quantities.items()
    ]


def details_of(shipment: Shipment) -> ShipmentDetails:
    """Return a shipment as it was entered, without the computed dates."""
    values = {field: getattr(shipment, field) for field in ShipmentDetails._fields}
    if shipment.edd_is_computed:
        values["estimated_delivery_on"] = None
    if shipment.return_due_is_default:
        values["return_due_on"] = None
    return ShipmentDetails(**values)


def _names(field: str) -> list[str]:
    return list(CarrierService.objects.order_by(field).values_list(field, flat=True).distinct())
