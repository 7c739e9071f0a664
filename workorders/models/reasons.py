"""Reads of reasons for delay: which of them count, their verdicts, and what the portal knows."""

import datetime as dt
from typing import Any

from django.db.models import (
    Case,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from workorders.models.appointments import MissedSLAReason
from workorders.models.assignments import PastAssignment
from workorders.models.ledger import Event, LedgerEntry
from workorders.models.shipments import PartReport, Shipment
from workorders.models.thread import Comment, ContactAttempt
from workorders.models.verdicts import ANSWERABLE, Verdict
from workorders.models.waits import MISSED, Wait, of_todo
from workorders.states import DelayReason, Direction

Reasons = QuerySet[Any]  # of MissedSLAReason, with additional columns

EDD = "estimated_delivery_on"


def with_verdict(rows: Reasons) -> Reasons:
    """Add `verdict`, `answered` and `waiting_since`.

    They are the kind of the last verdict, whether the partner has answered it, and when the partner
    last gave staff something to review.
    """
    last = Verdict.objects.filter(missed_sla=OuterRef("pk")).order_by("-pk")
    rows = rows.annotate(
        verdict=Subquery(last.values("kind")[:1]), last_verdict=Subquery(last.values("pk")[:1])
    )
    answers = Comment.objects.filter(answers=OuterRef("last_verdict"))
    found: Reasons = rows.annotate(
        answered=Exists(answers),
        waiting_since=Coalesce(Subquery(answers.values("at")[:1]), F("given_at")),
    )
    return found


def that_count(now: dt.datetime) -> Reasons:
    """The reasons that count for work that is late, for first outcomes that were missed, and for
    late declines of work that another partner got since.
    """
    late_now = Wait.objects.at(now).filter(name=MISSED).values("work_order")
    of_cycle = Q(work_order__in=late_now, cycle=F("work_order__cycle"))
    of_outcome = Q(cycle=1, work_order__outcome_on__gt=F("work_order__outcome_target_on"))
    counting = Q(of_cycle | of_outcome, counts=True)
    declined = PastAssignment.objects.filter(missed_sla__isnull=False).values("missed_sla")
    return with_verdict(MissedSLAReason.objects.filter(counting | Q(pk__in=declined)))


def waiting(now: dt.datetime) -> Reasons:
    """Reasons that staff have to review, oldest first: with no verdict, or with an answer to it."""
    return that_count(now).filter(is_unreviewed=True).order_by("waiting_since", "pk")


def wanting_an_answer(now: dt.datetime) -> Reasons:
    """Reasons whose last verdict the partner may still answer."""
    return that_count(now).filter(verdict__in=ANSWERABLE, answered=False)


def asked_again(work_order: Any, cycle: Any) -> Reasons:
    """The reason that counts in this cycle, if its last verdict may still be answered by the
    partner that gave it.
    """
    own = MissedSLAReason.objects.filter(given_by__partner=F("work_order__partner"))
    rows = own.filter(work_order=work_order, cycle=cycle, counts=True)
    return with_verdict(rows).filter(verdict__in=ANSWERABLE, answered=False)


# --- What the portal itself knows
def later_edds() -> QuerySet[LedgerEntry]:
    """Entries in which an Estimated Delivery Date moved later."""
    moved = LedgerEntry.objects.filter(
        event__in=[Event.SHIPMENT_UPDATED, Event.EDD_FOLLOWED], changes__has_key=EDD
    )
    old, new = (
        Cast(KeyTextTransform(at, KeyTransform(EDD, "changes")), TextField()) for at in (0, 1)
    )
    return moved.alias(old=old, new=new).filter(new__gt=F("old"))


def came_late() -> QuerySet[Shipment]:
    """Required parts that arrived after their Estimated Delivery Date."""
    deciding = Shipment.objects.filter(direction=Direction.OUTBOUND, required=True, is_void=False)
    return deciding.filter(delivered_on__gt=F("estimated_delivery_on"))


def with_facts(rows: Reasons, now: dt.datetime | None = None) -> Reasons:
    """Add `facts`: 1 if what the portal knows supports the reason, -1 if it contradicts it.

    If the portal knows nothing about it, `facts` is 0.
    """
    agreeing = _agreeing(now or timezone.now())
    cases = [
        When(given(reason) & condition, then=Value(1)) for reason, condition in agreeing.items()
    ]
    cases += [
        When(given(reason) & condition, then=Value(-1))
        for reason, condition in _contradicting().items()
    ]
    found: Reasons = rows.annotate(
        facts=Case(*cases, default=Value(0), output_field=IntegerField())
    )
    return found


def given(reason: DelayReason) -> Q:
    return Q(reason=reason)


def _agreeing(now: dt.datetime) -> dict[DelayReason, Q]:
    same = {"work_order": OuterRef("work_order")}
    before = same | {"at__lte": OuterRef("given_at")}
    attempts = ContactAttempt.objects.filter(**before)
    waits = Wait.objects.at(now)
    return {
        DelayReason.UNRESPONSIVE_POC: Q(Exists(attempts.filter(reached=False)))
        & ~Q(Exists(attempts.filter(reached=True))),
        DelayReason.PART_LATE: Q(Exists(later_edds().filter(**same)))
        | Q(Exists(came_late().filter(**same)))
        | Q(work_order__in=waits.filter(name=of_todo("overdue")).values("work_order")),
        DelayReason.PARTS_DAMAGED: Q(Exists(PartReport.objects.filter(**same))),
        DelayReason.WORK_ORDER_MANAGEMENT: Q(Exists(Comment.objects.filter(urgent=True, **before))),
    }


def _contradicting() -> dict[DelayReason, Q]:
    reached = ContactAttempt.objects.filter(
        work_order=OuterRef("work_order"), at__lte=OuterRef("given_at"), reached=True
    )
    without_parts = Q(work_order__parts_required=False)
    return {
        DelayReason.UNRESPONSIVE_POC: Q(Exists(reached)),
        DelayReason.PART_LATE: without_parts,
        DelayReason.PARTS_DAMAGED: without_parts,
    }
