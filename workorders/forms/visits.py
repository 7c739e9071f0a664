"""The forms about work at the site: how a visit ended, when it began, a line item done."""

import datetime as dt
import re
from typing import Any, cast

from django import forms

from workorders.forms.fields import SiteDateTimeField
from workorders.models import WorkOrder
from workorders.states import VisitOutcome


class NoForm(forms.Form):
    """A form that asks for nothing: one tap."""


class EndVisitForm(forms.Form):
    """How the visit ended. Its buttons are the outcomes."""

    outcome = forms.TypedChoiceField(
        choices=VisitOutcome.choices,
        coerce=VisitOutcome,
        error_messages={
            "required": "Say how the visit ended.",
            "invalid_choice": "Say how the visit ended.",
        },
    )
    note = forms.CharField(
        label="Note",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "form-control"}),
    )


class _BeganForm(forms.Form):
    began_at = SiteDateTimeField(
        label="Work began",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "class": "form-control"}),
    )

    def __init__(self, work_order: WorkOrder, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(SiteDateTimeField, self.fields["began_at"]).zone = work_order.site.zone


class CorrectVisitForm(_BeganForm):
    pass


class EnterVisitForm(_BeganForm, EndVisitForm):
    field_order = ["began_at", "note", "outcome"]


class AgoField(forms.Field):
    """How many seconds ago, measured by the phone's clock at both ends.

    Only the difference counts, so a wrong clock does no harm. An invalid value is treated as
    unknown.
    """

    def clean(self, value: Any) -> dt.timedelta | None:
        return (
            dt.timedelta(seconds=int(value)) if re.fullmatch(r"[0-9]{1,9}", value or "") else None
        )


class TickForm(forms.Form):
    note = forms.CharField(max_length=500, required=False)
    serial = forms.CharField(max_length=60, required=False)
    seen_done = forms.BooleanField(required=False)
    made_ago = AgoField(required=False)  # of a tick that has waited for a connection
