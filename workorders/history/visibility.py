"""What a person may read of a work order's past: staff everything, a partner's people its own."""

from typing import Any

from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
)

from portal.people.models import User
from workorders.models import (
    Comment,
    ContactAttempt,
    File,
    LedgerEntry,
    PartReport,
    ThreadRead,
    WorkOrder,
)
from workorders.models.ledger import Event
from workorders.states import Status

AMONG_STAFF = (Event.NOTED_INTERNALLY, Event.REASSIGNED)


def comments_for(reader: User, work_order: WorkOrder) -> QuerySet[Comment]:
    """The comments, with `is_own` for those of `reader`, and `is_new` for those by others since
    `reader` last read the thread.
    """
    files = Prefetch("files", File.objects.visible_to(reader))
    read = ThreadRead.objects.filter(
        work_order=OuterRef("work_order"), user=reader, at__gte=OuterRef("at")
    )
    rows: QuerySet[Comment] = _since(
        work_order.comments.select_related("author").prefetch_related(files), reader, work_order
    )
    rows = rows.annotate(
        is_own=ExpressionWrapper(Q(author=reader), BooleanField()),
        is_new=ExpressionWrapper(~Q(author=reader) & ~Q(Exists(read)), BooleanField()),
    )
    return rows if reader.is_staff else rows.filter(internal=False)


def requests_for(reader: User, work_order: WorkOrder) -> list[Comment]:
    """The requests for assistance that have no answer yet."""
    return list(comments_for(reader, work_order).filter(urgent=True, answered_at=None))


def ledger_for(reader: User, work_order: WorkOrder) -> QuerySet[LedgerEntry]:
    rows = _since(work_order.ledger.select_related("actor", "shipment", "file"), reader, work_order)
    if reader.is_staff:
        return rows
    of_files = Q(file__internal=True) | Q(event=Event.FILE_CHANGED, changes__has_key="internal")
    return rows.exclude(event__in=AMONG_STAFF).exclude(of_files)


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
    return _since(work_order.contact_attempts.select_related("by"), reader, work_order)


def reports_for(reader: User, work_order: WorkOrder) -> QuerySet[PartReport]:
    return _since(work_order.part_reports.all(), reader, work_order, at="reported_at")


def comment_count(reader: User) -> Count:
    """How many comments this person may read, for each work order."""
    if reader.is_staff:
        return Count("comments", distinct=True)
    mine = Q(partner_since=None) | Q(comments__at__gte=F("partner_since"))
    return Count("comments", filter=mine & Q(comments__internal=False), distinct=True)


def request_count() -> Count:
    """How many requests for assistance have no answer yet."""
    unanswered = Q(comments__urgent=True, comments__answered_at=None)
    return Count("comments", filter=unanswered, distinct=True)


def has_unread(reader: User) -> Exists:
    """Whether someone else has written since this person last read the thread."""
    read = ThreadRead.objects.filter(work_order=OuterRef("work_order"), user=reader)
    news = (
        Comment.objects.filter(work_order=OuterRef("pk"))
        .exclude(author=reader)
        .exclude(Exists(read.filter(at__gte=OuterRef("at"))))
    )
    if reader.is_staff:
        return Exists(news)
    partners_own = Q(at__gte=OuterRef("partner_since")) | Q(work_order__partner_since=None)
    return Exists(news.filter(partners_own, internal=False))


def _since(
    rows: QuerySet[Any], reader: User, work_order: WorkOrder, *, at: str = "at"
) -> QuerySet[Any]:
    """Without what came before the partner got the work: that concerns the earlier partner."""
    if reader.is_staff or work_order.partner_since is None:
        return rows
    return rows.filter(Q((f"{at}__gte", work_order.partner_since)))
