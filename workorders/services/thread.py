"""Words between partner and staff: the thread, requests for assistance, the partner's own note, who
has read what.
"""

import datetime as dt
from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from portal.people.models import User
from workorders.dates import day_text
from workorders.models import Comment, ThreadRead, WorkOrder
from workorders.models.ledger import Event
from workorders.services.errors import DomainError, NotAllowed
from workorders.services.files.uploads import unattached_files
from workorders.services.unit_of_work import UnitOfWork, unit_of_work
from workorders.states import AssistanceReason, Verb


def comment(
    work_order: WorkOrder,
    *,
    body: str,
    internal: bool = False,
    files: Collection[UUID] = (),
    by: User,
) -> Comment:
    """Say something; internal, among staff.

    What staff say to the partner answers his requests for assistance.

    `files` are upload keys of files of this person that go with it: they are stored before, one by
    one.
    """
    if internal and not by.is_staff:
        raise NotAllowed(f"{by} writes no internal notes")
    with unit_of_work(work_order, Verb.COMMENT, by=by) as work:
        posted = add_comment(work, body, by, internal=internal)
        among_staff = {"internal": True} if internal else {}
        unattached_files(work.work_order, files, by).update(comment=posted, **among_staff)
        work.log(Event.NOTED_INTERNALLY if internal else Event.COMMENTED)
        if by.is_staff and not internal:
            open_requests(work.work_order).update(answered_at=work.now)
    return posted


def request_assistance(
    work_order: WorkOrder,
    *,
    body: str,
    reason: AssistanceReason = AssistanceReason.OTHER,
    until: dt.date | None = None,
    by: User,
) -> Comment:
    """An urgent entry in the thread, open until staff answer; the status stays.

    A hold is asked for with its day.
    """
    with unit_of_work(work_order, Verb.REQUEST_ASSISTANCE, by=by) as work:
        if reason == AssistanceReason.HOLD and (until is None or until <= work.today):
            raise DomainError("Say until which day, after today, it is to be on hold.", "until")
        until = until if reason == AssistanceReason.HOLD else None
        posted = add_comment(work, body, by, urgent=True, assistance=reason, until=until)
        work.log(
            Event.ASSISTANCE_REQUESTED,
            note=f"{reason.label} ({day_text(until)})" if until else reason.label,
        )
    return posted


def open_requests(work_order: WorkOrder) -> QuerySet[Comment]:
    """The requests for assistance that staff have not answered."""
    return work_order.comments.filter(urgent=True, answered_at=None)


def read_thread(work_order: WorkOrder, *, by: User) -> None:
    """This person has read the thread up to now."""
    latest = work_order.comments.order_by("-at").values_list("at", flat=True).first()
    if latest:
        ThreadRead.objects.update_or_create(work_order=work_order, user=by, defaults={"at": latest})


def note_requirements(
    work_order: WorkOrder, *, text: str, by: User, version: int | None = None
) -> WorkOrder:
    """What the partner needs for this work, in his own words."""
    with unit_of_work(work_order, Verb.NOTE_REQUIREMENTS, by=by, version=version) as work:
        if text != work.work_order.partner_notes:
            work.set(partner_notes=text)
            work.log(Event.REQUIREMENTS_NOTED)
    return work.work_order


def add_comment(work: UnitOfWork, body: str, by: User, **more: Any) -> Comment:
    if not body.strip():
        raise DomainError("Write something first.", "body")
    return Comment.objects.create(
        work_order=work.work_order, author=by, body=body, at=work.now, **more
    )
