"""What waits for a partner, by name: each is counted above the list, and is a list."""

from typing import NamedTuple

from django.db.models import Exists, F, IntegerField, OuterRef, Q, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from workorders.models.ledger import Event, LedgerEntry
from workorders.models.line_items import LineItem
from workorders.models.queries import (
    CLOCK_RUNS,
    IS_OPEN,
    LATE,
    after_target,
    not_said_how_it_went,
)
from workorders.models.reasons import asked_again
from workorders.models.shipments import Shipment
from workorders.models.spans import Span
from workorders.models.todos import (
    COMMENTS,
    DUE_TO_RESUME,
    REQUESTS,
    WaitRule,
    last_of,
    with_one_of,
)
from workorders.models.visits import IN_VAIN, Visit
from workorders.states import (
    AT_WORK,
    ENDED,
    RULES,
    Direction,
    ShipmentStatus,
    Status,
    Verb,
)


class Need(NamedTuple):
    """Work that waits for people whose role may do `verb`; `action` is the label in its list."""

    label: str
    action: str
    verb: Verb
    rule: WaitRule


def _to_be_booked() -> list[Span]:
    """Work that needs an appointment: its target is known, or it can begin.

    It has none, or one that passed before the parts arrived, or its last visit needs another one.
    Work on hold does not count, nor work that asks for no visit.
    """
    going_on = Q(status__in=RULES[Verb.BOOK].sources - {Status.ON_HOLD})
    when_is_known = Q(target_on__isnull=False) | Q(status=Status.IN_PROGRESS)
    never_there = Q(visited_on=None) & asks_for_a_visit()
    booked = Q(appointment__isnull=False) & ~Q(status=Status.IN_PROGRESS)
    needed = going_on & when_is_known
    return [
        Span(needed & (never_there & Q(appointment=None) | _visited_in_vain())),
        Span(needed & never_there & booked, from_instant=F("appointment__at")),
    ]


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


def _reason_missing() -> Span:
    """`needs_reason(...)` for open work, in SQL."""
    unjudged = Q(appointment__judged_by=None, appointment__is_return=False)
    found_late = after_target("appointment__on") & unjudged
    not_visited_in_time = Q(visited_on=None) | after_target("visited_on")
    return Span(IS_OPEN & CLOCK_RUNS & found_late & not_visited_in_time)


def _hold_over() -> Span:
    """`DUE_TO_RESUME`, and no request is open."""
    return DUE_TO_RESUME._replace(condition=DUE_TO_RESUME.condition & ~with_one_of(REQUESTS))


def _verdict_unanswered() -> list[Span]:
    """`reasons.wanting_an_answer` for one work order."""
    of_cycle = Q(Exists(asked_again(OuterRef("pk"), OuterRef("cycle"))))
    of_outcome = Q(Exists(asked_again(OuterRef("pk"), 1)))
    return [
        *(late._replace(condition=late.condition & of_cycle) for late in LATE),
        Span(of_outcome & Q(outcome_on__gt=F("outcome_target_on"))),
    ]


def _visit_outcome_missing() -> Span:
    could_start = Q(status__in=RULES[Verb.START_VISIT].sources)
    return Span(could_start & not_said_how_it_went(), from_instant=F("appointment__at"))


def _to_be_returned() -> Span:
    """A return is to be sent, and the parts are at hand or it has a due date.

    They are at hand when the work has ended or the site was visited.
    """
    to_be_sent = Shipment.objects.filter(
        direction=Direction.RETURN, is_void=False, status=ShipmentStatus.ORDERED
    )
    at_hand = Q(status__in=ENDED) | Q(visited_on__isnull=False)
    to_send = at_hand & with_one_of(to_be_sent)
    due = with_one_of(to_be_sent.filter(return_due_on__isnull=False))
    sendable = Q(status__in=RULES[Verb.PARTS_SENT_BACK].sources)
    return Span(sendable & (to_send | due) | old_parts_at_hand())


def old_parts_at_hand() -> Q:
    """Work in progress whose old parts must go back after a visit, without a return for them."""
    returns = Shipment.objects.filter(work_order=OuterRef("pk"), direction=Direction.RETURN)
    settled = returns.filter(Q(is_void=False) | Q(is_unused=False) & ~Q(waived_note=""))
    return Q(status__in=AT_WORK, return_parts_required=True, visited_on__isnull=False) & Q(
        ~Exists(settled)
    )


# what staff wrote last, since the partner has had the work
_REPLIES = COMMENTS.filter(
    work_order=OuterRef("work_order"), author__partner__isnull=False, pk__gt=OuterRef("pk")
)
_SAID_BY_STAFF = COMMENTS.filter(
    Q(work_order__partner_since=None) | Q(at__gte=F("work_order__partner_since")),
    ~Exists(_REPLIES),
    author__partner=None,
)
NEEDS = {
    "accept": Need(
        "Accept", "Accept", Verb.ACCEPT, WaitRule([Span(Q(status__in=RULES[Verb.ACCEPT].sources))])
    ),
    "book": Need("Book", "Book", Verb.BOOK, WaitRule(_to_be_booked())),
    "reason": Need("Give a reason", "Give the reason", Verb.BOOK, WaitRule([_reason_missing()])),
    "answer": Need(
        "Answer",
        "Answer",
        Verb.REQUEST_ASSISTANCE,
        WaitRule(
            [Span(IS_OPEN & with_one_of(_SAID_BY_STAFF))],
            last_of(_SAID_BY_STAFF, "at"),
            is_message=True,
        ),
    ),
    "verdict": Need(
        "Answer a verdict", "Answer", Verb.ANSWER_VERDICT, WaitRule(_verdict_unanswered())
    ),
    "resume": Need(
        "Hold is over", "Ask to resume", Verb.REQUEST_ASSISTANCE, WaitRule([_hold_over()])
    ),
    "visit": Need(
        "How did it go?", "How did it go?", Verb.START_VISIT, WaitRule([_visit_outcome_missing()])
    ),
    "return": Need(
        "Return a part", "Send back", Verb.PARTS_SENT_BACK, WaitRule([_to_be_returned()])
    ),
}
