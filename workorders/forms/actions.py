"""The forms of a partner's other actions: accept, parts received, could not complete, comments."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms

from portal.people.models import Partner
from portal.people.ship_to import ShipTo
from workorders.forms.fields import ISODateField, PhoneField
from workorders.models import Depot, Shipment


class VersionedForm(forms.Form):
    """A form that remembers the version of the work order it was made from."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            widget = field.widget
            if isinstance(widget, forms.Select):
                widget.attrs.setdefault("class", "form-select")
            elif not isinstance(widget, forms.CheckboxSelectMultiple | forms.HiddenInput):
                widget.attrs.setdefault("class", "form-control")


class AcceptForm(VersionedForm):
    """The form of Accept. Without parts it holds only the version."""


class ShipToForm(VersionedForm):
    name = forms.CharField(label="Name", max_length=120)
    phone = PhoneField(label="Phone Number", max_length=32)
    street = forms.CharField(label="Shipping Address: street", max_length=200)
    city = forms.CharField(label="City", max_length=120)
    region = forms.CharField(label="State or region", max_length=60, required=False)
    postal_code = forms.CharField(label="Postal code", max_length=20)
    country = forms.RegexField(
        label="Country",
        regex=r"^[A-Za-z]{2}$",
        max_length=2,
        help_text="Two letters, such as US.",
        error_messages={"invalid": "Enter two letters, such as US."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        country = self.data.get("country", "") if self.is_bound else ""
        cast(PhoneField, self.fields["phone"]).region = country.upper() or "US"

    def ship_to(self) -> ShipTo:
        values = {field: self.cleaned_data[field] for field in ShipTo._fields}
        return ShipTo(**values | {"country": values["country"].upper()})


class DepotForm(forms.Form):
    """The depot that was pressed above the ship-to."""

    depot = forms.IntegerField(required=False, min_value=1, max_value=2**31)

    def depot_of(self, partner: Partner) -> Depot | None:
        key = self.cleaned_data["depot"] if self.is_valid() else None
        return Depot.objects.of(partner).filter(pk=key).first() if key else None


class PartsReceivedForm(VersionedForm):
    shipments = forms.MultipleChoiceField(
        label="What arrived",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Choose the shipments that arrived.",
            "invalid_choice": "%(value)s is not one of the shipments under way.",
        },
    )
    delivered_on = ISODateField(label="Delivered date")

    def __init__(self, under_way: Iterable[Shipment], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["shipments"]).choices = [
            (s.number, s.number) for s in under_way
        ]


class WordsForm(forms.Form):
    """A comment, or the text of a Request for Assistance."""

    body = forms.CharField(
        label="Message",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3, "class": "form-control"}),
    )


class RequirementsForm(VersionedForm):
    text = forms.CharField(
        label="Requirements of your own",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
