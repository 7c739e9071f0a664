"""What waits for someone, each as a condition of work orders: it is counted, and the same condition
is a list.

TODOS are staff's, for the admin's day; NEEDS are a partner's, above the list of work orders.
"""

import datetime as dt
from collections.abc import Callable
from typing import NamedTuple

from django.db.models import Exists, F, IntegerField, OuterRef, Q, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce

from portal.people.models import User
from workorders.models.ledger import Event, LedgerEntry
from workorders.models.queries import (
    by_site_date,
    missed,
    overdue,
    past_without_a_visit,
    visit_outcome_missing,
)
from workorders.models.reasons import asked_again
from workorders.models.shipments import PartReport, Shipment
from workorders.models.thread import Comment, ThreadRead
from workorders.models.visits import IN_VAIN, Visit
from workorders.models.work_orders import Hold, LineItem
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
    label: str
    condition: Callable[[dt.datetime], Q]


def _requests(reason: Q) -> Q:
    waiting = Comment.objects.filter(
        reason, work_order=OuterRef("pk"), urgent=True, answered_at=None
    )
    return Q(Exists(waiting), status__in=OPEN)


def _unbooked(now: dt.datetime) -> Q:
    """Past its target without an appointment, and not for want of parts (docs/rules.md, rule 2)."""
    return Q(status__in=OPEN, outcome_days_late=None) & past_without_a_visit(now)


def _resumable(now: dt.datetime) -> Q:
    """On hold, and the day that it was to be resumed on has come."""
    open_holds = Hold.objects.filter(work_order=OuterRef("pk"), last=None)
    over = by_site_date(now, lambda today: Q(Exists(open_holds.filter(resume_on__lte=today))))
    return Q(status=Status.ON_HOLD) & over


def _unread(now: dt.datetime) -> Q:
    """The partner had the last word, asks for nothing that counts by itself, and nobody of staff
    has read it.
    """
    comments = Comment.objects.filter(internal=False)
    theirs = comments.filter(work_order=OuterRef("pk"), author__partner__isnull=False, urgent=False)
    reading = ThreadRead.objects.filter(
        work_order=OuterRef("work_order"), user__partner=None, at__gte=OuterRef("at")
    )
    replies = comments.filter(
        work_order=OuterRef("work_order"), author__partner=None, pk__gt=OuterRef("pk")
    )
    return Q(status__in=OPEN | {Status.COMPLETED}) & Q(
        Exists(theirs.filter(~Exists(reading), ~Exists(replies)))
    )


HOLD_ASKED = Q(assistance=AssistanceReason.HOLD)
REPORTED = Shipment.objects.filter(work_order=OuterRef("pk"), reported_by_partner=True)
UNSETTLED = PartReport.objects.filter(work_order=OuterRef("pk"), settled_at=None)
TODOS = {
    "to-order": Todo("Parts to order", lambda now: Q(status=Status.SHIP_TO_RECEIVED)),
    "overdue": Todo("Parts overdue", overdue),
    "received": Todo("Received, to confirm", lambda now: Q(Exists(REPORTED))),
    "damaged": Todo("Damaged or missing", lambda now: Q(Exists(UNSETTLED))),
    "declined": Todo(
        "Declined",
        lambda now: Q(status=Status.COULD_NOT_COMPLETE, accepted_on=None, followed_by=None),
    ),
    "assistance": Todo("Assistance asked for", lambda now: _requests(~HOLD_ASKED)),
    "hold": Todo("Hold asked for", lambda now: _requests(HOLD_ASKED)),
    "messages": Todo("Messages to read", _unread),
    "resume": Todo("Hold to be resumed", _resumable),
    "completed": Todo("Completed, to close", lambda now: Q(status=Status.COMPLETED)),
    "unbooked": Todo("Past target, no appointment", _unbooked),
}


# --- What waits for a partner


class Need(NamedTuple):
    """Waits for those whose role may do `verb`. `action` is what a row of its list says."""

    label: str
    action: str
    verb: Verb
    condition: Callable[[User, dt.datetime], Q]
    of_open: bool = True  # whether it holds for open work alone


def _to_be_accepted(reader: User, now: dt.datetime) -> Q:
    return Q(status__in=RULES[Verb.ACCEPT].sources)


def _to_be_booked(reader: User, now: dt.datetime) -> Q:
    """The target is known or the work can begin, and there is no appointment; or it passed before
    the parts were there; or the last visit was in vain. Not while it is on hold, nor where no visit
    is asked for.
    """
    going_on = Q(status__in=RULES[Verb.BOOK].sources - {Status.ON_HOLD})
    when_is_known = Q(target_on__isnull=False) | Q(status=Status.IN_PROGRESS)
    passed = Q(appointment__at__lt=now) & ~Q(status=Status.IN_PROGRESS)
    never_there = Q(visited_on=None) & (Q(appointment=None) | passed) & asks_for_a_visit()
    return going_on & when_is_known & (never_there | _visited_in_vain())


def asks_for_a_visit() -> Q:
    """The first cycle does; a later one where staff have set a target, or where there is work in
    it: a line item that is open, or was done since it was sent back. Work that came back for its
    paperwork alone does not.
    """
    cycles = LedgerEntry.objects.annotate(to_cycle=Cast(KT("changes__cycle__1"), IntegerField()))
    cycles = cycles.filter(event=Event.SENT_BACK, to_cycle=OuterRef("work_order__cycle"))
    sent_back = cycles.filter(work_order=OuterRef("work_order")).order_by("-pk").values("pk")[:1]
    done = LedgerEntry.objects.filter(
        work_order=OuterRef("pk"), event=Event.LINE_ITEM_DONE, pk__gt=Subquery(sent_back)
    )
    to_do = LineItem.objects.filter(work_order=OuterRef("pk"), done_at=None)
    return Q(cycle=1) | ~Q(target_reason="") | Q(Exists(to_do)) | Q(Exists(done))


def _visited_in_vain() -> Q:
    """The last visit of this cycle needs another one, and nothing has been booked since."""
    visits = Visit.objects.filter(cycle=OuterRef("cycle"))
    later = visits.filter(work_order=OuterRef("work_order"), began_at__gt=OuterRef("began_at"))
    unbooked = Q(appointment=OuterRef("appointment")) | Q(work_order__appointment=None)
    in_vain = visits.filter(unbooked, work_order=OuterRef("pk"), outcome__in=IN_VAIN)
    return Q(status=Status.IN_PROGRESS, visited_on__isnull=False) & Q(
        Exists(in_vain.filter(~Exists(later)))
    )


def _reason_missing(reader: User, now: dt.datetime) -> Q:
    """`targets.needs_reason(...)` of open work, in SQL."""
    has_target = Q(cycle=1) | ~Q(target_reason="")
    found_late = Q(
        appointment__on__gt=F("target_on"),
        appointment__judged_by=None,
        appointment__is_return=False,
    )
    not_visited_in_time = Q(visited_on=None) | Q(
        visited_on__gt=F("target_on"), visit_judged_by=None
    )
    return Q(status__in=OPEN) & has_target & found_late & not_visited_in_time


def _unanswered(reader: User, now: dt.datetime) -> Q:
    """Staff had the last word in open work, and the reader has not read it.

    Nothing of what stood before this partner got the work.
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
    return Q(status__in=OPEN) & Q(Exists(theirs.filter(~Exists(read), ~Exists(replies))))


def _hold_over(reader: User, now: dt.datetime) -> Q:
    """`_resumable`, and nobody has asked since."""
    asked = Comment.objects.filter(work_order=OuterRef("pk"), urgent=True, answered_at=None)
    return _resumable(now) & Q(~Exists(asked))


def _verdict_unanswered(reader: User, now: dt.datetime) -> Q:
    """`reasons.wanting_an_answer` of one work order."""
    return Q(Exists(asked_again(OuterRef("pk")))) & missed(now)


def _visit_outcome_missing(reader: User, now: dt.datetime) -> Q:
    return Q(status__in=RULES[Verb.START_VISIT].sources) & visit_outcome_missing(now)


def _to_be_returned(reader: User, now: dt.datetime) -> Q:
    """A return is to be sent, and the parts are at hand: the work is over, the site was visited, or
    a day is set.
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
    """Of work that goes on: its old parts go back, the site was visited, and nobody has entered
    their return.
    """
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
