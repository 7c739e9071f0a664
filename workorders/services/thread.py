"""The thread between partner and staff, requests for assistance, and the partner's requirements."""

import datetime as dt
from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from portal.people.models import User
from workorders.dates import day_text
from workorders.models import Comment, ThreadRead, WorkOrder
from workorders.models.ledger import Event
from workorders.services.errors import DomainError, NotAllowed, is_blank
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
    """Add a comment; an internal one is for staff only.

    A comment by staff to the partner answers the partner's requests for assistance. `files` are the
    upload keys of this person's files to send with it, which are stored before.
    """
    if internal and not by.is_staff:
        raise NotAllowed(f"{by} may not write internal notes")
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
    """Add an urgent comment, open until staff answer it; the status stays as it is.

    A request for a hold needs `until`, the day until which it should last.
    """
    with unit_of_work(work_order, Verb.REQUEST_ASSISTANCE, by=by) as work:
        if reason == AssistanceReason.HOLD and (until is None or until <= work.today):
            raise DomainError("Enter the last day of the hold, after today.", "until")
        until = until if reason == AssistanceReason.HOLD else None
        posted = add_comment(work, body, by, urgent=True, assistance=reason, until=until)
        note = f"{reason.label} ({day_text(until)})" if until else reason.label
        work.log(Event.ASSISTANCE_REQUESTED, note=note)
    return posted


def open_requests(work_order: WorkOrder) -> QuerySet[Comment]:
    """The requests for assistance that staff have not answered."""
    return work_order.comments.filter(urgent=True, answered_at=None)


def read_thread(work_order: WorkOrder, *, by: User) -> None:
    """Record that this person has read the thread up to its last comment."""
    latest = work_order.comments.order_by("-at").values_list("at", flat=True).first()
    if latest:
        ThreadRead.objects.update_or_create(work_order=work_order, user=by, defaults={"at": latest})


def note_requirements(
    work_order: WorkOrder, *, text: str, by: User, version: int | None = None
) -> WorkOrder:
    """Save what the partner needs for this work, in their own words."""
    with unit_of_work(work_order, Verb.NOTE_REQUIREMENTS, by=by, version=version) as work:
        if text != work.work_order.partner_notes:
            work.set(partner_notes=text)
            work.log(Event.REQUIREMENTS_NOTED)
    return work.work_order


def add_comment(work: UnitOfWork, body: str, by: User, **more: Any) -> Comment:
    if is_blank(body):
        raise DomainError("Enter a comment.", "body")
    return Comment.objects.create(
        work_order=work.work_order, author=by, body=body, at=work.now, **more
    )
