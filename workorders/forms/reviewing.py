"""The form with which staff review a reason for delay."""

from django import forms

from workorders.states import VerdictKind


class VerdictForm(forms.Form):
    kind = forms.TypedChoiceField(
        label="Verdict",
        choices=VerdictKind,
        coerce=VerdictKind,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a verdict."},
    )
    note = forms.CharField(
        label="Note",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
        help_text="The partner will read this. Required unless the delay is excused.",
    )
    seen = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)
