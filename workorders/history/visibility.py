"""What a person may read of a work order's past: staff everything, a partner's people its own."""

from typing import Any

from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce

from portal.people.models import User
from workorders.models import (
    Appointment,
    Comment,
    ContactAttempt,
    File,
    LedgerEntry,
    PartReport,
    Shipment,
    ThreadRead,
    Visit,
    WorkOrder,
)
from workorders.models.assignments import of_partner
from workorders.models.ledger import Event
from workorders.states import Status

AMONG_STAFF = (
    Event.NOTED_INTERNALLY,
    Event.REASSIGNED,
    Event.FOLLOW_ON_ISSUED,
    Event.VISIT_CHECKED,
)


def comments_for(reader: User, work_order: WorkOrder) -> QuerySet[Comment]:
    """The comments, with `is_own` for those of `reader`, and `is_new` for those by others since
    `reader` last read the thread.
    """
    files = Prefetch("files", File.objects.visible_to(reader))
    read = ThreadRead.objects.filter(
        work_order=OuterRef("work_order"), user=reader, at__gte=OuterRef("at")
    )
    comments = work_order.comments.select_related("author").prefetch_related(files)
    rows: QuerySet[Comment] = _readable(comments, reader, work_order, at="at", by="author")
    rows = rows.annotate(
        is_own=ExpressionWrapper(Q(author=reader), BooleanField()),
        is_new=ExpressionWrapper(~Q(author=reader) & ~Q(Exists(read)), BooleanField()),
    )
    return rows if reader.is_staff else rows.filter(internal=False)


def requests_for(reader: User, work_order: WorkOrder) -> list[Comment]:
    """The requests for assistance that have no answer yet."""
    return list(comments_for(reader, work_order).filter(urgent=True, answered_at=None))


def ledger_for(reader: User, work_order: WorkOrder) -> QuerySet[LedgerEntry]:
    entries = work_order.ledger.select_related("actor", "shipment", "file")
    rows = _readable(entries, reader, work_order, at="at", by="actor")
    if reader.is_staff:
        return rows
    of_files = Q(file__internal=True) | Q(event=Event.FILE_CHANGED, changes__has_key="internal")
    by_handing_over = Q(event=Event.TARGET_MOVED, note=Event.REASSIGNED.label)
    return rows.exclude(event__in=AMONG_STAFF).exclude(of_files).exclude(by_handing_over)


def with_subjects(entries: QuerySet[LedgerEntry]) -> QuerySet[LedgerEntry]:
    """Fetch who wrote each entry, and what its sentence is about."""
    return entries.select_related("actor", "shipment", "file", "appointment__missed_sla")


def note_of_status(reader: User, work_order: WorkOrder) -> str:
    """The note of the step that led here: Could Not Complete, or sent back for this cycle."""
    ledger = ledger_for(reader, work_order).order_by("-pk").values_list("note", flat=True)
    if work_order.status == Status.COULD_NOT_COMPLETE:
        return ledger.filter(event=Event.COULD_NOT_COMPLETE).first() or ""
    if work_order.cycle > 1 and work_order.is_open:
        sent_back = ledger.filter(event=Event.SENT_BACK, changes__cycle__1=work_order.cycle)
        return sent_back.first() or ""
    return ""


def contact_attempts_for(reader: User, work_order: WorkOrder) -> QuerySet[ContactAttempt]:
    attempts = work_order.contact_attempts.select_related("by")
    return _readable(attempts, reader, work_order, at="at", by="by")


def reports_for(reader: User, work_order: WorkOrder) -> QuerySet[PartReport]:
    reports = work_order.part_reports.all()
    return _readable(reports, reader, work_order, at="reported_at", by="reported_by")


def appointments_for(reader: User, work_order: WorkOrder) -> QuerySet[Appointment]:
    booked = work_order.appointments.select_related("missed_sla", "booked_by")
    return _readable(booked, reader, work_order, at="booked_at", by="booked_by")


def visits_for(reader: User, work_order: WorkOrder) -> QuerySet[Visit]:
    visits = work_order.visits.select_related("missed_sla")
    return _readable(visits, reader, work_order, at="entered_at", by="entered_by")


def comment_count(reader: User) -> Coalesce:
    """How many comments this person may read, for each work order."""
    rows = Comment.objects.all()
    if not reader.is_staff:
        rows = rows.filter(of_partner(reader.partner_id, at="at", by="author"), internal=False)
    return count_of(rows)


def request_count() -> Coalesce:
    """How many requests for assistance have no answer yet, for each work order."""
    return count_of(Comment.objects.filter(urgent=True, answered_at=None))


def shipment_count() -> Coalesce:
    return count_of(Shipment.objects.all())


def count_of(rows: QuerySet[Any]) -> Coalesce:
    """How many of these rows each work order has, in a query of work orders."""
    theirs = rows.filter(work_order=OuterRef("pk")).order_by().values("work_order")
    return Coalesce(Subquery(theirs.values(number=Count("pk"))), 0)


def has_unread(reader: User) -> Exists:
    """Whether someone else has written since this person last read the thread."""
    read = ThreadRead.objects.filter(work_order=OuterRef("work_order"), user=reader.pk)
    news = (
        Comment.objects.filter(work_order=OuterRef("pk"))
        .exclude(author=reader.pk)
        .exclude(Exists(read.filter(at__gte=OuterRef("at"))))
    )
    if reader.is_staff:
        return Exists(news)
    return Exists(news.filter(of_partner(reader.partner_id, at="at", by="author"), internal=False))


def _readable(
    rows: QuerySet[Any], reader: User, work_order: WorkOrder, *, at: str, by: str
) -> QuerySet[Any]:
    """Without what was written while another partner had the work."""
    if reader.is_staff or work_order.partner_since is None:
        return rows
    return rows.filter(of_partner(reader.partner_id, at=at, by=by))
