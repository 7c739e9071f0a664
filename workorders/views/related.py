"""The Related tab: line items, the partner's requirements, and files."""

from typing import Any

from django.db.models import Prefetch, prefetch_related_objects

from portal.people.requests import Request
from workorders.fieldwork.completion_blockers import next_of
from workorders.forms.actions import RequirementsForm
from workorders.models import LineItem, WorkOrder
from workorders.permissions import can_now
from workorders.states import Verb
from workorders.views.line_item_rows import RefusedTick, line_item_rows
from workorders.views.page_context import page_context
from workorders.views.shown_files import files_section


def line_items(
    request: Request, work_order: WorkOrder, refused: RefusedTick | None = None
) -> dict[str, Any]:
    """Build the section Line items."""
    items = Prefetch(
        "line_items", LineItem.objects.with_photos_for(request.user).select_related("done_by")
    )
    prefetch_related_objects([work_order], items)
    return {
        "line_items": line_item_rows(work_order, refused),
        "next_item": next_of(work_order.line_items.all()),
        "may_tick": can_now(request.user, Verb.TICK_LINE_ITEM, work_order),
        "may_add": can_now(request.user, Verb.ADD_FILE, work_order),
    }


def related_context(
    request: Request, work_order: WorkOrder, *, refused_tick: RefusedTick | None = None, **more: Any
) -> dict[str, Any]:
    """Build the whole tab. `more` holds what one of its forms says, or the form itself."""
    initial = {"version": work_order.version, "text": work_order.partner_notes}
    own = {
        "tab": "related",
        "form": RequirementsForm(initial=initial),
        "may_note": can_now(request.user, Verb.NOTE_REQUIREMENTS, work_order),
        **line_items(request, work_order, refused_tick),
        **files_section(request, work_order),
    }
    return page_context(request, work_order, **(own | more))
