"""What waits for someone, as conditions on work orders that both a count and its list use.

TODOS are for staff, on the admin's first page; NEEDS are a partner's, above their list.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any, NamedTuple

from django.db.models import Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce

from portal.people.models import User
from workorders.models.holds import Hold
from workorders.models.ledger import Event, LedgerEntry
from workorders.models.line_items import LineItem
from workorders.models.queries import (
    CLOCK_RUNS,
    IS_OPEN,
    after_target,
    by_site_date,
    late,
    overdue,
    past_without_a_visit,
    visit_outcome_missing,
)
from workorders.models.reasons import asked_again
from workorders.models.shipments import PartReport, Shipment
from workorders.models.thread import Comment, ThreadRead
from workorders.models.visits import IN_VAIN, Visit
from workorders.states import (
    AT_WORK,
    ENDED,
    OPEN,
    RULES,
    AssistanceReason,
    Direction,
    ShipmentStatus,
    Status,
    Verb,
)


class Todo(NamedTuple):
    """What waits for staff; `since` sorts by how long it has, the longest first."""

    label: str
    condition: Callable[[User, dt.datetime], Q]
    since: F | Subquery


def _with_one_of(rows: QuerySet[Any]) -> Q:
    """Work that has one of these rows, which are few: it is found by way of them."""
    return Q(pk__in=rows.order_by().values("work_order"))


def _requests(reason: Q) -> Q:
    return IS_OPEN & _with_one_of(REQUESTS.filter(reason))


def _unbooked(reader: User, now: dt.datetime) -> Q:
    """Past its target without an appointment or overdue parts (docs/rules.md, rule 2)."""
    return IS_OPEN & past_without_a_visit(now)


def _resumable(reader: User, now: dt.datetime) -> Q:
    """On hold, and due to be resumed."""
    open_holds = Hold.objects.filter(work_order=OuterRef("pk"), last=None)
    over = by_site_date(now, lambda today: Q(Exists(open_holds.filter(resume_on__lte=today))))
    return Q(status=Status.ON_HOLD) & over


def _unread(reader: User, now: dt.datetime) -> Q:
    """The partner wrote last, other than a Request for Assistance, and this person has not read
    it.
    """
    comments = Comment.objects.filter(internal=False)
    theirs = comments.filter(work_order=OuterRef("pk"), author__partner__isnull=False, urgent=False)
    reading = ThreadRead.objects.filter(
        work_order=OuterRef("work_order"), user=reader, at__gte=OuterRef("at")
    )
    replies = comments.filter(
        work_order=OuterRef("work_order"), author__partner=None, pk__gt=OuterRef("pk")
    )
    return Q(status__in=OPEN | {Status.COMPLETED}) & Q(
        Exists(theirs.filter(~Exists(reading), ~Exists(replies)))
    )


HOLD_ASKED = Q(assistance=AssistanceReason.HOLD)
REPORTED = Shipment.objects.filter(reported_by_partner=True)
UNSETTLED = PartReport.objects.filter(settled_at=None)
LATE_VISITS = Visit.objects.filter(entered_late=True, seen_at=None)
REQUESTS = Comment.objects.filter(urgent=True, answered_at=None)
SAID = Comment.objects.filter(
    work_order=OuterRef("pk"), internal=False, urgent=False, author__partner__isnull=False
)
STATUS_CHANGES = LedgerEntry.objects.filter(work_order=OuterRef("pk"), changes__has_key="status")


def _first(rows: QuerySet[Any], field: str) -> Subquery:
    theirs = rows.filter(work_order=OuterRef("pk"))
    return Subquery(theirs.order_by(field).values(field)[:1])


SINCE_STATUS = Subquery(STATUS_CHANGES.order_by("-pk").values("at")[:1])
TODOS = {
    "to-order": Todo(
        "Parts to order",
        lambda reader, now: Q(status=Status.SHIP_TO_RECEIVED),
        F("accepted_on"),
    ),
    "overdue": Todo("Parts overdue", lambda reader, now: overdue(now), F("parts_due_on")),
    "target": Todo(
        "Parts came, target to confirm",
        lambda reader, now: Q(counts_as_open=True, proposed_target_on__isnull=False),
        F("proposed_target_on"),
    ),
    "received": Todo(
        "Received, to confirm",
        lambda reader, now: _with_one_of(REPORTED),
        _first(REPORTED, "delivered_on"),
    ),
    "damaged": Todo(
        "Damaged or missing",
        lambda reader, now: _with_one_of(UNSETTLED),
        _first(UNSETTLED, "reported_at"),
    ),
    "declined": Todo(
        "Declined",
        lambda reader, now: Q(status=Status.COULD_NOT_COMPLETE, accepted_on=None, followed_by=None),
        SINCE_STATUS,
    ),
    "given-up": Todo(
        "Could Not Complete, to follow up",
        lambda reader, now: Q(
            status=Status.COULD_NOT_COMPLETE, accepted_on__isnull=False, followed_by=None
        ),
        SINCE_STATUS,
    ),
    "assistance": Todo(
        "Assistance requested",
        lambda reader, now: _requests(~HOLD_ASKED),
        _first(REQUESTS.filter(~HOLD_ASKED), "at"),
    ),
    "hold": Todo(
        "Hold requested",
        lambda reader, now: _requests(HOLD_ASKED),
        _first(REQUESTS.filter(HOLD_ASKED), "at"),
    ),
    "messages": Todo("Unread messages", _unread, Subquery(SAID.order_by("-at").values("at")[:1])),
    "resume": Todo(
        "Hold to resume",
        _resumable,
        _first(Hold.objects.filter(last=None), "resume_on"),
    ),
    "completed": Todo(
        "Completed, to close",
        lambda reader, now: Q(status=Status.COMPLETED),
        F("completed_at"),
    ),
    "late-visits": Todo(
        "Visits entered late",
        lambda user, now: _with_one_of(LATE_VISITS),
        _first(LATE_VISITS, "entered_on"),
    ),
    "unbooked": Todo("Past target, no appointment", _unbooked, F("target_on")),
}


# --- What waits for a partner


class Need(NamedTuple):
    """Work that waits for people whose role may do `verb`; `action` is the label in its list."""

    label: str
    action: str
    verb: Verb
    condition: Callable[[User, dt.datetime], Q]
    of_open: bool = True  # whether it holds for open work only


def _to_be_accepted(reader: User, now: dt.datetime) -> Q:
    return Q(status__in=RULES[Verb.ACCEPT].sources)


def _to_be_booked(reader: User, now: dt.datetime) -> Q:
    """Work that needs an appointment: its target is known, or it can begin.

    It has none, or one that passed before the parts arrived, or its last visit needs another one.
    Work on hold does not count, nor work that asks for no visit.
    """
    going_on = Q(status__in=RULES[Verb.BOOK].sources - {Status.ON_HOLD})
    when_is_known = Q(target_on__isnull=False) | Q(status=Status.IN_PROGRESS)
    passed = Q(appointment__at__lt=now) & ~Q(status=Status.IN_PROGRESS)
    never_there = Q(visited_on=None) & (Q(appointment=None) | passed) & asks_for_a_visit()
    return going_on & when_is_known & (never_there | _visited_in_vain())


def asks_for_a_visit() -> Q:
    """Whether the cycle asks for a visit: the first one does, later ones with work or parts.

    Work is a line item that is open, or that was done since the work was sent back; parts are a
    shipment that has been entered or has got on since then. Paperwork alone asks for no visit
    (docs/rules.md, rule 6).
    """
    cycles = LedgerEntry.objects.annotate(to_cycle=Cast(KT("changes__cycle__1"), IntegerField()))
    cycles = cycles.filter(event=Event.SENT_BACK, to_cycle=OuterRef("work_order__cycle"))
    sent_back = cycles.filter(work_order=OuterRef("work_order")).order_by("-pk").values("pk")[:1]
    since = LedgerEntry.objects.filter(work_order=OuterRef("pk"), pk__gt=Subquery(sent_back))
    gets_on = Q(event=Event.SHIPMENT_ADDED) | Q(changes__has_key="status")
    parts = since.filter(gets_on, shipment__direction=Direction.OUTBOUND)
    done = since.filter(event=Event.LINE_ITEM_DONE)
    to_do = LineItem.objects.filter(work_order=OuterRef("pk"), done_at=None)
    return Q(cycle=1) | Q(Exists(to_do)) | Q(Exists(done)) | Q(Exists(parts))


def _visited_in_vain() -> Q:
    """The last visit of this cycle needs another one, which nobody has booked."""
    visits = Visit.objects.filter(cycle=OuterRef("cycle"))
    later = visits.filter(work_order=OuterRef("work_order"), began_at__gt=OuterRef("began_at"))
    unbooked = Q(appointment=OuterRef("appointment")) | Q(work_order__appointment=None)
    in_vain = visits.filter(unbooked, work_order=OuterRef("pk"), outcome__in=IN_VAIN)
    return Q(status=Status.IN_PROGRESS, visited_on__isnull=False) & Q(
        Exists(in_vain.filter(~Exists(later)))
    )


def _reason_missing(reader: User, now: dt.datetime) -> Q:
    """`needs_reason(...)` for open work, in SQL."""
    unjudged = Q(appointment__judged_by=None, appointment__is_return=False)
    found_late = after_target("appointment__on") & unjudged
    not_visited_in_time = Q(visited_on=None) | after_target("visited_on")
    return IS_OPEN & CLOCK_RUNS & found_late & not_visited_in_time


def _unanswered(reader: User, now: dt.datetime) -> Q:
    """Staff wrote last in open work, and the reader has not read it.

    Comments from before the partner got the work do not count.
    """
    comments = Comment.objects.filter(internal=False)
    theirs = comments.filter(work_order=OuterRef("pk"), author__partner=None)
    theirs = theirs.filter(at__gte=Coalesce(OuterRef("partner_since"), F("at")))
    read = ThreadRead.objects.filter(
        work_order=OuterRef("work_order"), user=reader, at__gte=OuterRef("at")
    )
    replies = comments.filter(
        work_order=OuterRef("work_order"), author__partner__isnull=False, pk__gt=OuterRef("pk")
    )
    return IS_OPEN & Q(Exists(theirs.filter(~Exists(read), ~Exists(replies))))


def _hold_over(reader: User, now: dt.datetime) -> Q:
    """`_resumable`, and no request is open."""
    asked = REQUESTS.filter(work_order=OuterRef("pk"))
    return _resumable(reader, now) & Q(~Exists(asked))


def _verdict_unanswered(reader: User, now: dt.datetime) -> Q:
    """`reasons.wanting_an_answer` for one work order."""
    of_cycle = Q(Exists(asked_again(OuterRef("pk"), OuterRef("cycle")))) & late(now)
    of_outcome = Q(Exists(asked_again(OuterRef("pk"), 1)))
    return of_cycle | of_outcome & Q(outcome_on__gt=F("outcome_target_on"))


def _visit_outcome_missing(reader: User, now: dt.datetime) -> Q:
    return Q(status__in=RULES[Verb.START_VISIT].sources) & visit_outcome_missing(now)


def _to_be_returned(reader: User, now: dt.datetime) -> Q:
    """A return is to be sent, and the parts are at hand or it has a due date.

    They are at hand when the work has ended or the site was visited.
    """
    to_be_sent = Shipment.objects.filter(
        direction=Direction.RETURN, is_void=False, status=ShipmentStatus.ORDERED
    )
    theirs = Q(
        work_order__partner=reader.partner_id,
        work_order__status__in=RULES[Verb.PARTS_SENT_BACK].sources,
    )
    at_hand = Q(work_order__status__in=ENDED) | Q(work_order__visited_on__isnull=False)
    due = to_be_sent.filter(theirs, at_hand | Q(return_due_on__isnull=False))
    return Q(pk__in=due.order_by().values("work_order")) | old_parts_at_hand()


def old_parts_at_hand() -> Q:
    """Work in progress whose old parts must go back after a visit, without a return for them."""
    returns = Shipment.objects.filter(work_order=OuterRef("pk"), direction=Direction.RETURN)
    settled = returns.filter(Q(is_void=False) | Q(is_unused=False) & ~Q(waived_note=""))
    return Q(status__in=AT_WORK, return_parts_required=True, visited_on__isnull=False) & Q(
        ~Exists(settled)
    )


NEEDS = {
    "accept": Need("Accept", "Accept", Verb.ACCEPT, _to_be_accepted),
    "book": Need("Book", "Book", Verb.BOOK, _to_be_booked),
    "reason": Need("Give a reason", "Give the reason", Verb.BOOK, _reason_missing),
    "answer": Need("Answer", "Answer", Verb.REQUEST_ASSISTANCE, _unanswered),
    "verdict": Need(
        "Answer a verdict", "Answer", Verb.ANSWER_VERDICT, _verdict_unanswered, of_open=False
    ),
    "resume": Need("Hold is over", "Ask to resume", Verb.REQUEST_ASSISTANCE, _hold_over),
    "visit": Need("How did it go?", "How did it go?", Verb.START_VISIT, _visit_outcome_missing),
    "return": Need(
        "Return a part", "Send back", Verb.PARTS_SENT_BACK, _to_be_returned, of_open=False
    ),
}
