"""What waits for staff, by name: each is counted on the admin's first page, and has a list."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from workorders.models.holds import Hold
from workorders.models.ledger import LedgerEntry
from workorders.models.queries import IS_OPEN, OVERDUE, PAST_WITHOUT_A_VISIT
from workorders.models.shipments import PartReport, Shipment
from workorders.models.spans import Span
from workorders.models.thread import Comment
from workorders.models.visits import Visit
from workorders.states import OPEN, AssistanceReason, Status


class WaitRule(NamedTuple):
    """What the rows of `Wait` with one name are kept from.

    `since` is a day or an instant: that of what it waits with. Messages wait for those who have not
    read them.
    """

    spans: Sequence[Span]
    since: Any = None
    is_message: bool = False


class Todo(NamedTuple):
    """What waits for staff."""

    label: str
    rule: WaitRule


def with_one_of(rows: QuerySet[Any]) -> Q:
    """Work that has one of these rows."""
    return Q(Exists(rows.filter(work_order=OuterRef("pk"))))


def _first(rows: QuerySet[Any], field: str) -> Subquery:
    return last_of(rows, field, order=field)


def last_of(rows: QuerySet[Any], field: str, order: str = "") -> Subquery:
    theirs = rows.filter(work_order=OuterRef("pk"))
    return Subquery(theirs.order_by(order or f"-{field}").values(field)[:1])


def of_status(status: Status) -> Span:
    return Span(Q(status=status))


HOLD_ASKED = Q(assistance=AssistanceReason.HOLD)
DELIVERED = Shipment.objects.filter(delivered_on__isnull=False, is_void=False)
REPORTED = Shipment.objects.filter(reported_by_partner=True)
UNSETTLED = PartReport.objects.filter(settled_at=None)
LATE_VISITS = Visit.objects.filter(entered_late=True, seen_at=None)
REQUESTS = Comment.objects.filter(urgent=True, answered_at=None)
HOLD_REQUESTS, OTHER_REQUESTS = REQUESTS.filter(HOLD_ASKED), REQUESTS.filter(~HOLD_ASKED)
COMMENTS = Comment.objects.filter(internal=False)
# what the partner wrote last, other than a Request for Assistance
_REPLIES = COMMENTS.filter(
    work_order=OuterRef("work_order"), author__partner=None, pk__gt=OuterRef("pk")
)
SAID = COMMENTS.filter(~Exists(_REPLIES), author__partner__isnull=False, urgent=False)
STATUS_CHANGES = LedgerEntry.objects.filter(changes__has_key="status")
SINCE_STATUS = last_of(STATUS_CHANGES, "at", order="-pk")
NOT_FOLLOWED = Q(status=Status.COULD_NOT_COMPLETE, followed_by=None)
DUE_TO_RESUME = Span(
    Q(status=Status.ON_HOLD), from_day=_first(Hold.objects.filter(last=None), "resume_on")
)
TODOS = {
    "to-order": Todo(
        "Parts to order", WaitRule([of_status(Status.SHIP_TO_RECEIVED)], F("accepted_on"))
    ),
    "overdue": Todo("Parts overdue", WaitRule([OVERDUE])),
    "target": Todo(
        "Parts came, target to confirm",
        WaitRule(
            [Span(IS_OPEN & Q(proposed_target_on__isnull=False))],
            last_of(DELIVERED, "delivered_on"),
        ),
    ),
    "received": Todo(
        "Received, to confirm",
        WaitRule([Span(with_one_of(REPORTED))], _first(REPORTED, "delivered_on")),
    ),
    "damaged": Todo(
        "Damaged or missing",
        WaitRule([Span(with_one_of(UNSETTLED))], _first(UNSETTLED, "reported_at")),
    ),
    "declined": Todo(
        "Declined", WaitRule([Span(NOT_FOLLOWED & Q(accepted_on=None))], SINCE_STATUS)
    ),
    "given-up": Todo(
        "Could Not Complete, to follow up",
        WaitRule([Span(NOT_FOLLOWED & Q(accepted_on__isnull=False))], SINCE_STATUS),
    ),
    "assistance": Todo(
        "Assistance requested",
        WaitRule([Span(IS_OPEN & with_one_of(OTHER_REQUESTS))], _first(OTHER_REQUESTS, "at")),
    ),
    "hold": Todo(
        "Hold requested",
        WaitRule([Span(IS_OPEN & with_one_of(HOLD_REQUESTS))], _first(HOLD_REQUESTS, "at")),
    ),
    "messages": Todo(
        "Unread messages",
        WaitRule(
            [Span(Q(status__in=OPEN | {Status.COMPLETED}) & with_one_of(SAID))],
            last_of(SAID, "at"),
            is_message=True,
        ),
    ),
    "resume": Todo("Hold to resume", WaitRule([DUE_TO_RESUME])),
    "completed": Todo(
        "Completed, to close", WaitRule([of_status(Status.COMPLETED)], F("completed_at"))
    ),
    "late-visits": Todo(
        "Visits entered late",
        WaitRule([Span(with_one_of(LATE_VISITS))], _first(LATE_VISITS, "entered_on")),
    ),
    "unbooked": Todo("Past target, no appointment", WaitRule([PAST_WITHOUT_A_VISIT])),
}
