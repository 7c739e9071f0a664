"""How the form of a staff action gives its values to its service.

Each function takes the work order, the valid form, and `who`: the person and the version they saw.
"""

from collections.abc import Callable
from typing import Any

from workorders import services
from workorders.fieldwork.returns_and_reports import unnumbered
from workorders.forms import shipments
from workorders.forms import staff as forms
from workorders.models import WorkOrder

Save = Callable[[WorkOrder, Any, dict[str, Any]], object]


def fields_to(service: Callable[..., object]) -> Save:
    """Make a function that calls the service with the form's fields as arguments."""
    return lambda work_order, form, who: service(work_order, **form.cleaned_data | who)


def enter_shipment(
    work_order: WorkOrder, form: shipments.ShipmentActionForm, who: dict[str, Any]
) -> object:
    number, parts = form.shipment_number(), form.entered_parts()
    return services.enter_shipment(work_order, number, form.details(), parts=parts, **who)


def send_replacement(
    work_order: WorkOrder, form: shipments.ReplacementForm, who: dict[str, Any]
) -> object:
    return services.send_replacement(
        work_order,
        form.shipment_number(),
        form.details(),
        parts=form.entered_parts(),
        reports=form.cleaned_data["reports"],
        **who,
    )


def waive_return(work_order: WorkOrder, form: forms.NoteForm, who: dict[str, Any]) -> object:
    shipment = form.shipment or unnumbered(work_order, work_order.shipments.all())
    number = shipment.number if shipment else work_order.number
    return services.waive_return(work_order, number=number, note=form.cleaned_data["note"], **who)


def claim_return(work_order: WorkOrder, form: forms.NoteForm, who: dict[str, Any]) -> object:
    number = form.shipment.number if form.shipment else ""
    return services.claim_return(work_order, number=number, note=form.cleaned_data["note"], **who)


def comment(work_order: WorkOrder, form: forms.StaffCommentForm, who: dict[str, Any]) -> object:
    return services.comment(work_order, body=form.cleaned_data["body"], by=who["by"])


def internal_note(
    work_order: WorkOrder, form: forms.InternalNoteForm, who: dict[str, Any]
) -> object:
    return services.comment(work_order, body=form.cleaned_data["body"], internal=True, by=who["by"])


def issue_follow_on(work_order: WorkOrder, form: forms.FollowOnForm, who: dict[str, Any]) -> object:
    names = ("number", "partner", "assigned_on", "confirmed")
    values = {name: form.cleaned_data[name] for name in names}
    return services.issue_follow_on(work_order, **values, **who)


def add_second_poc(
    work_order: WorkOrder, form: forms.StaffSecondPocForm, who: dict[str, Any]
) -> object:
    poc = services.POC(*(form.cleaned_data[name] for name in services.POC._fields))
    return services.add_second_poc(work_order, poc, **who)
