"""Staff's actions on a work order and its shipments, as data.

Each has an address, a button, and a page whose form gives a service its values.
"""

from collections.abc import Callable
from typing import NamedTuple

from workorders import services
from workorders.admin import saving
from workorders.admin.saving import Save, fields_to
from workorders.fieldwork.late_visits import late_visits
from workorders.fieldwork.returns_and_reports import open_reports, unnumbered
from workorders.forms import shipments
from workorders.forms import staff as forms
from workorders.models import WorkOrder
from workorders.services.flow.undoing import instead_of_undoing
from workorders.states import Verb


def _nothing_else(work_order: WorkOrder) -> str:
    """Only the rules of the flow can block the action."""
    return ""


def _nothing_reported(work_order: WorkOrder) -> str:
    if open_reports(work_order).exists():
        return ""
    return "No part is reported as damaged or missing."


def _every_return_has_a_number(work_order: WorkOrder) -> str:
    if unnumbered(work_order, work_order.shipments.all()):
        return ""
    return "Every return of old parts already has a number."


def _not_undoable(work_order: WorkOrder) -> str:
    step = services.last_step(work_order)
    return instead_of_undoing(work_order, step) if step else "There is no step to undo."


def _no_late_visit(work_order: WorkOrder) -> str:
    return "" if late_visits(work_order).exists() else "No visit was entered late."


class StaffAction(NamedTuple):
    """An action of staff.

    `blocked_reason` explains in a sentence what blocks it besides the rules of the flow.
    """

    name: str  # in addresses
    verb: Verb
    label: str
    form: type[forms.StaffForm]
    save: Save
    saved_message: str
    about: str = ""
    submit: str = ""  # on the button of its form; else the label
    then_add_shipment: str = ""  # on another button, which goes on to a shipment
    blocked_reason: Callable[[WorkOrder], str] = _nothing_else


ADD_SHIPMENT = StaffAction(
    "add-shipment",
    Verb.ENTER_SHIPMENT,
    "Add shipment",
    form=shipments.ShipmentForm,
    save=saving.enter_shipment,
    saved_message="The shipment is added.",
    about="Status and Target SLA follow the required outbound shipments.",
    submit="Save",
    then_add_shipment="Save and add another",
)
ACTIONS = [  # the first that is possible is the main one, unless the partner waits for another
    StaffAction(
        "order-parts",
        Verb.ORDER_PARTS,
        "Order the parts",
        form=forms.StaffForm,
        save=fields_to(services.order_parts),
        saved_message="The parts are ordered.",
        about="The ship-to is fixed from now on.",
        then_add_shipment="Order the parts, then add a shipment",
    ),
    StaffAction(
        "resume",
        Verb.RESUME,
        "Resume",
        form=forms.ResumeForm,
        save=fields_to(services.resume),
        saved_message="The work is resumed.",
        about="The work order returns to its status before the hold, or to the one that its"
        " shipments have reached since.",
    ),
    StaffAction(
        "close",
        Verb.CLOSE,
        "Close the work order",
        form=forms.StaffForm,
        save=fields_to(services.close),
        saved_message="The work order is closed.",
        about="The work is confirmed. This is final.",
    ),
    StaffAction(
        "send-back",
        Verb.SEND_BACK,
        "Send back",
        form=forms.SendBackForm,
        save=fields_to(services.send_back),
        saved_message="The work is sent back.",
        about="Back to In Progress, for another cycle. The outcome that was frozen at completion"
        " does not change.",
    ),
    StaffAction(
        "set-target",
        Verb.SET_TARGET,
        "Set a target for this cycle",
        form=forms.CycleTargetForm,
        save=fields_to(services.set_target),
        saved_message="The target is set.",
        about="Bookings and visits of this cycle are judged by it. The first cycle's outcome"
        " does not change.",
    ),
    ADD_SHIPMENT,
    StaffAction(
        "replacement",
        Verb.ENTER_SHIPMENT,
        "Send a replacement",
        form=shipments.ReplacementForm,
        save=saving.send_replacement,
        saved_message="The replacement is on the work order.",
        about="A new required shipment for parts that came damaged or did not come; the Target"
        " SLA follows it.",
        blocked_reason=_nothing_reported,
    ),
    StaffAction(
        "settle-parts",
        Verb.SETTLE_PARTS,
        "Settle reported parts",
        form=shipments.SettleForm,
        save=fields_to(services.settle_reports),
        saved_message="The reports are settled.",
        about="Nothing is sent to replace the reported parts.",
        blocked_reason=_nothing_reported,
    ),
    StaffAction(
        "waive-return",
        Verb.WAIVE_RETURN,
        "Old parts not needed back",
        form=forms.NoteForm,
        save=saving.waive_return,
        saved_message="The partner does not have to send the old parts back.",
        about="Nobody has entered a return for them yet. They are no longer needed for Completed.",
        blocked_reason=_every_return_has_a_number,
    ),
    StaffAction(
        "reassign",
        Verb.REASSIGN,
        "Reassign",
        form=forms.ReassignForm,
        save=fields_to(services.reassign),
        saved_message="The work order is reassigned.",
        about="To another partner, as long as nobody has accepted it. They see nothing that was"
        " entered before.",
    ),
    StaffAction(
        "follow-on",
        Verb.ISSUE_FOLLOW_ON,
        "Issue a follow-on",
        form=forms.FollowOnForm,
        save=saving.issue_follow_on,
        saved_message="The follow-on work order is issued.",
        about="The same task as a new work order. Each refers to the other.",
    ),
    StaffAction(
        "comment",
        Verb.COMMENT,
        "Comment",
        form=forms.StaffCommentForm,
        save=saving.comment,
        saved_message="The comment is in Collaborate.",
    ),
    StaffAction(
        "note",
        Verb.COMMENT,
        "Internal note",
        form=forms.InternalNoteForm,
        save=saving.internal_note,
        saved_message="The internal note is saved.",
    ),
    StaffAction(
        "second-poc",
        Verb.ADD_SECOND_POC,
        "Add a second POC",
        form=forms.StaffSecondPocForm,
        save=saving.add_second_poc,
        saved_message="The POC is added.",
    ),
    StaffAction(
        "hold",
        Verb.HOLD,
        "Put on hold",
        form=forms.HoldForm,
        save=fields_to(services.hold),
        saved_message="The work is on hold.",
        about="From today on, until it is resumed.",
    ),
    StaffAction(
        "undo",
        Verb.UNDO,
        "Undo the last step",
        form=forms.NoteForm,
        save=fields_to(services.undo_last_step),
        saved_message="The last step is undone.",
        about="History keeps the step and shows that it was undone.",
        blocked_reason=_not_undoable,
    ),
    StaffAction(
        "check-visit",
        Verb.CHECK_VISIT,
        "Check the visit entered late",
        form=forms.LateVisitForm,
        save=fields_to(services.check_late_visit),
        saved_message="The visit is checked.",
        about="It was entered more than two business days later. Mark it as seen, or correct when"
        " the work began.",
        submit="Save",
        blocked_reason=_no_late_visit,
    ),
    StaffAction(
        "cancel",
        Verb.CANCEL,
        "Cancel the work order",
        form=forms.CancelForm,
        save=fields_to(services.cancel),
        saved_message="The work order is canceled.",
        about="The work is withdrawn. This is final.",
    ),
]
SHIPMENT_ACTIONS = [
    StaffAction(
        "shipped",
        Verb.ENTER_SHIPMENT,
        "Mark shipped",
        form=shipments.ShippedForm,
        save=saving.enter_shipment,
        saved_message="It is on its way.",
    ),
    StaffAction(
        "delivered",
        Verb.ENTER_SHIPMENT,
        "Mark delivered",
        form=shipments.DeliveredForm,
        save=saving.enter_shipment,
        saved_message="It is delivered.",
    ),
    StaffAction(
        "edd",
        Verb.ENTER_SHIPMENT,
        "Correct the EDD",
        form=shipments.EddForm,
        save=saving.enter_shipment,
        saved_message="The date is corrected.",
        submit="Save",
    ),
    StaffAction(
        "edit",
        Verb.ENTER_SHIPMENT,
        "Edit",
        form=shipments.ShipmentForm,
        save=saving.enter_shipment,
        saved_message="The shipment is saved.",
        submit="Save",
    ),
    StaffAction(
        "waive",
        Verb.WAIVE_RETURN,
        "Not needed back",
        form=forms.NoteForm,
        save=saving.waive_return,
        saved_message="It is no longer owed.",
        about="The partner does not have to send it, and it is no longer needed for Completed.",
    ),
    StaffAction(
        "claim",
        Verb.WAIVE_RETURN,
        "Needed back after all",
        form=forms.NoteForm,
        save=saving.claim_return,
        saved_message="It is owed again.",
        about="The partner has to send it back, as if it had never been waived.",
    ),
]
