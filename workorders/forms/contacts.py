"""The forms about the POC: an attempt to reach them, a second POC, and a call for help."""

from typing import Any

from django import forms

from workorders.forms.actions import VersionedForm, WordsForm
from workorders.forms.fields import ISODateField, PhoneField
from workorders.services import POC
from workorders.states import AssistanceReason, Channel

ATTEMPTS = {  # one button each: the channel, and whether it reached anybody
    "call-in-vain": (Channel.CALL, False, "Called: no answer"),
    "call-reached": (Channel.CALL, True, "Called: reached"),
    "mail": (Channel.MAIL, False, "E-mail sent"),
    "text": (Channel.TEXT, False, "Text sent"),
}


class ContactForm(forms.Form):
    attempt_kind = forms.ChoiceField(
        choices=[(name, label) for name, (_, _, label) in ATTEMPTS.items()]
    )
    remark = forms.CharField(
        label="Remark",
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )

    def attempt_values(self) -> dict[str, Any]:
        channel, reached, _ = ATTEMPTS[self.cleaned_data["attempt_kind"]]
        return {"channel": channel, "reached": reached, "note": self.cleaned_data["remark"]}

    @property
    def buttons(self) -> list[tuple[str, str]]:
        return [(name, label) for name, (_, _, label) in ATTEMPTS.items()]


class SecondPocForm(VersionedForm):
    name = forms.CharField(label="Name", max_length=120)
    phone = PhoneField(label="Phone", max_length=32, required=False)
    email = forms.EmailField(label="E-mail", max_length=254, required=False)

    def poc(self) -> POC:
        return POC(*(self.cleaned_data[name] for name in POC._fields))


class AssistanceForm(WordsForm):
    reason = forms.ChoiceField(
        label="What is it about?",
        choices=[("", "Choose a reason"), *AssistanceReason.choices],
        required=False,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    until = ISODateField(label="On hold until", required=False, help_text="Only for a hold.")
    field_order = ["reason", "until", "body"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"].widget.attrs["class"] = "form-control"

    def clean(self) -> dict[str, Any]:
        """Treat a date without a reason as a request for a hold. Other reasons have no date."""
        data = super().clean() or self.cleaned_data
        if data.get("until") and not data.get("reason"):
            data["reason"] = AssistanceReason.HOLD
        elif data.get("until") and data.get("reason") not in (None, AssistanceReason.HOLD):
            self.add_error(
                "until",
                f"A date goes only with “{AssistanceReason.HOLD.label}”: choose that reason, or"
                " clear the date.",
            )
        return data

    def request_values(self) -> dict[str, Any]:
        return self.cleaned_data | {
            "reason": AssistanceReason(self.cleaned_data["reason"] or AssistanceReason.OTHER)
        }
