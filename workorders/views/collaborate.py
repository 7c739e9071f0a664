"""The Collaborate tab: the thread, and the form for a new comment."""

from typing import Any

from portal.people.requests import Request
from workorders.history.visibility import comments_for
from workorders.models import WorkOrder
from workorders.permissions import can_now
from workorders.states import Verb
from workorders.views.page_context import page_context


def collaborate_context(request: Request, work_order: WorkOrder, **more: Any) -> dict[str, Any]:
    """Build the whole tab. `more` holds its form, with what was typed."""
    own = {
        "tab": "collaborate",
        "comments": comments_for(request.user, work_order),
        "may_comment": can_now(request.user, Verb.COMMENT, work_order),
        "may_add": can_now(request.user, Verb.ADD_FILE, work_order),
    }
    return page_context(request, work_order, **(own | more))
