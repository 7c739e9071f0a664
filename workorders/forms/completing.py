"""The form of Completed: when the work began, if no visit was started in the portal."""

from typing import Any, cast

from django import forms

from workorders.forms.delays import LateForm
from workorders.forms.fields import SiteDateTimeField
from workorders.models import WorkOrder


class CompleteForm(LateForm):
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
