"""Words between partner and staff, and the partner's own note on a work order."""

from portal.people.models import User
from workorders.models import Comment, WorkOrder
from workorders.models.ledger import Event
from workorders.services.errors import Refused
from workorders.services.writing import writing
from workorders.states import Verb


def comment(work_order: WorkOrder, *, body: str, by: User) -> Comment:
    return _say(work_order, Verb.COMMENT, Event.COMMENTED, body, by)


def request_assistance(work_order: WorkOrder, *, body: str, by: User) -> Comment:
    """An urgent entry in the thread; the status stays."""
    return _say(work_order, Verb.REQUEST_ASSISTANCE, Event.ASSISTANCE_REQUESTED, body, by)


def note_requirements(work_order: WorkOrder, *, text: str, by: User, version: int | None = None) -> WorkOrder:
    """What the partner needs for this work, in his own words."""
    with writing(work_order, Verb.NOTE, by=by, version=version) as write:
        if text != write.work_order.partner_notes:
            write.set(partner_notes=text)
            write.log(Event.NOTED)
    return write.work_order


def _say(work_order: WorkOrder, verb: Verb, event: Event, body: str, by: User) -> Comment:
    if not body.strip():
        raise Refused("Write something first.", "body")
    with writing(work_order, verb, by=by) as write:
        urgent = verb == Verb.REQUEST_ASSISTANCE
        said = Comment.objects.create(work_order=work_order, author=by, body=body, urgent=urgent, at=write.now)
        write.log(event)
    return said
