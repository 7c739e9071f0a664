"""Why a day misses the target, asked after the service has found the day late.

The question is on the page of the action that was taken.
"""

from typing import Any, cast

from django import forms
from django.http import QueryDict

from workorders.forms.actions import VersionedForm
from workorders.forms.fields import AnsweredField
from workorders.services import Delay, ReasonNeeded
from workorders.states import DelayReason


class DelayForm(forms.Form):
    reason = forms.ChoiceField(
        label="Reason for Delay",
        choices=DelayReason,
        required=False,
        error_messages={"invalid_choice": "Choose one of the nine reasons."},
    )
    note = forms.CharField(max_length=1000, required=False)
    confirmed_target = AnsweredField(required=False)
    conflict: ReasonNeeded | None = None

    @property
    def is_asked(self) -> bool:
        return self.is_bound and bool(self["confirmed_target"].value() or self.errors)

    @property
    def takes_proposal(self) -> bool:
        """Whether a proposed reason was chosen with a button, and is still to be confirmed."""
        return "take" in self.data

    @property
    def chosen(self) -> str:
        return str(self.data.get("take") or self["reason"].value() or "")

    def is_unanswered(self, conflict: ReasonNeeded) -> bool:
        """Whether the reason was already asked for, about this very target."""
        same = conflict.answered == conflict.work_order.judging_target_on
        return same and not self.takes_proposal

    def ask(self, conflict: ReasonNeeded) -> None:
        """Ask for the reason why this day is late."""
        data = cast(QueryDict, self.data).copy()
        target_on = conflict.work_order.judging_target_on
        data[self.add_prefix("confirmed_target")] = str(target_on)
        self.data, self.conflict = data, conflict

    def given(self) -> Delay:
        values = self.cleaned_data
        reason = None if self.takes_proposal else values["reason"]
        return Delay(
            DelayReason(reason) if reason else None, values["note"], values["confirmed_target"]
        )


class LateForm(VersionedForm):
    """A form whose page asks for a reason if what it says is late."""

    delay_prefix: str | None = None

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.delay = DelayForm(data, prefix=self.delay_prefix)

    def is_valid(self) -> bool:
        return super().is_valid() and (not self.is_bound or self.delay.is_valid())
