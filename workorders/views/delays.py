"""Asking why a day is late, on the pages Completed and Could Not Complete."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from portal.people.requests import Request
from workorders import services
from workorders.forms.delays import DelayForm
from workorders.forms.refusals import add_refusal
from workorders.history.evidence import Finding, findings
from workorders.models import WorkOrder
from workorders.targets.due import late_text
from workorders.views.questions import Group, reason_groups


class WhyLate(NamedTuple):
    """What is late, what the portal knows about it, and the nine reasons.

    Without a day, only the reasons are shown again, because another field was wrong.
    """

    findings: Sequence[Finding]
    reason: str  # the one that is chosen
    groups: Sequence[Group]
    on: dt.date | None = None
    target_on: dt.date | None = None
    gap: str = ""  # how late, in words


def ask_why(form: DelayForm, conflict: services.ReasonNeeded) -> int:
    """Make the form ask why, and return the HTTP status.

    If it has asked before and got no answer, that is an error.
    """
    form.ask(conflict)
    return add_refusal(form, services.ReasonMissing()) if form.is_unanswered(conflict) else 200


def delay_context(request: Request, work_order: WorkOrder, form: DelayForm) -> dict[str, Any]:
    """Build the question, if the form asks it."""
    if not form.is_asked:
        return {}
    found, conflict = findings(work_order, request.user), form.conflict
    reason = form.chosen or services.reason_to_repeat(work_order)
    question = WhyLate(found, reason, list(reason_groups(reason, focus_first=False)))
    if conflict:
        late_by = late_text(conflict.days_late)
        target_on = conflict.work_order.judging_target_on
        question = question._replace(on=conflict.on, target_on=target_on, gap=late_by)
    return {"question": question}
