"""The Details tab, also shown after its appointment form was refused."""

from typing import Any

from portal.people.requests import Request
from workorders.forms.appointments import AppointmentForm
from workorders.history.visibility import visits_for
from workorders.models import WorkOrder
from workorders.permissions import can_now
from workorders.states import Verb
from workorders.targets.explaining import explain
from workorders.views.booking import customer_information
from workorders.views.contacts import contacts
from workorders.views.page_context import page_context, shipments_of


def details_context(
    request: Request, work_order: WorkOrder, form: AppointmentForm, **more: Any
) -> dict[str, Any]:
    """Build the whole tab. `more` holds what is shown beside the form."""
    shipments = shipments_of(work_order)
    has_visits = work_order.visited_on or work_order.cycle > 1
    own = {
        "tab": "work-order",
        "line_items": work_order.line_items.all(),
        "shipments": shipments,
        "visits": visits_for(request.user, work_order).order_by("-began_at") if has_visits else (),
        "why": explain(work_order, shipments, work_order.holds.all()),
        "may_change_ship_to": can_now(request.user, Verb.CHANGE_SHIP_TO, work_order),
        "may_add_poc": can_now(request.user, Verb.ADD_SECOND_POC, work_order),
        **customer_information(request, work_order, form),
        **contacts(request, work_order),
    }
    return page_context(request, work_order, **(own | more))
