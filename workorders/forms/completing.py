"""The forms of Completed and of Could Not Complete."""

from typing import Any, cast

from django import forms

from workorders.forms.delays import LateForm
from workorders.forms.fields import SiteDateTimeField
from workorders.models import WorkOrder
from workorders.states import CouldNotCompleteReason


class CompleteForm(LateForm):
    """When the work began, if nobody started a visit in the portal."""

    began_at = SiteDateTimeField(
        label="Work began",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )

    def __init__(self, work_order: WorkOrder, data: Any = None, **kwargs: Any) -> None:
        """Make the form. Once `began_at` has been asked for, it cannot be left empty."""
        super().__init__(data, **kwargs)
        began_at = cast(SiteDateTimeField, self.fields["began_at"])
        began_at.required = self.is_bound and "began_at" in self.data
        began_at.zone = work_order.site.zone


class CouldNotCompleteForm(LateForm):
    delay_prefix = "delay"
    reason = forms.ChoiceField(
        label="Reason", choices=[("", "Choose a reason"), *CouldNotCompleteReason.choices]
    )
    note = forms.CharField(label="Note", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
