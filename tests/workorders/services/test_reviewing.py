"""Reasons reviewed and answered: the last verdict counts, each can be answered once, nothing can be
changed silently.
"""

import datetime as dt

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from tests.factories import fresh, make_accepted, make_carrier_service, ship
from workorders import services
from workorders.models import Comment, MissedSLAReason, Verdict
from workorders.models.reasons import that_count, waiting, wanting_an_answer, with_facts
from workorders.services import (
    Booking,
    DomainError,
    InvalidState,
    NotAllowed,
    answer_verdict,
    book_appointment,
    review_reason,
    review_reasons,
)
from workorders.states import Channel, DelayReason, PartProblem, VerdictKind

EXCUSED, NOT_EXCUSED, MORE = VerdictKind


def book_late(work_order, by, reason=DelayReason.WEATHER, day=9) -> MissedSLAReason:
    """On Mon, Mar 9 2026, two business days after the target, Thu, Mar 5."""
    when = dt.datetime(2026, 3, day, 17, tzinfo=dt.UTC)
    yes = {"reason": reason, "confirmed_target": fresh(work_order).target_on}
    book_appointment(fresh(work_order), Booking(when, "Robin", "+1 415 555 0111", **yes), by=by)
    return work_order.missed_sla_reasons.latest("pk")


@pytest.fixture
def reason(work_order, dana) -> MissedSLAReason:
    return book_late(work_order, dana)


def kinds(rows) -> list[str]:
    return [row.reason for row in rows]


def test_a_reason_waits_until_it_is_reviewed_and_again_once_the_partner_has_answered(
    reason, staff, dana
):
    now = timezone.now()
    assert (waiting(now).count(), wanting_an_answer(now).count()) == (1, 0)
    verdict = review_reason(reason, kind=MORE, note="Which storm?", by=staff)
    assert (waiting(now).count(), wanting_an_answer(now).count()) == (0, 1)
    answer_verdict(verdict, body="The one of Sunday", by=dana)
    assert (waiting(now).count(), wanting_an_answer(now).count()) == (1, 0)
    review_reason(reason, kind=EXCUSED, by=staff)
    assert (waiting(now).count(), wanting_an_answer(now).count()) == (0, 0)
    assert [verdict.kind for verdict in reason.verdicts.all()] == [MORE, EXCUSED]


def test_each_verdict_is_in_the_ledger_with_what_it_was_before(reason, work_order, staff):
    review_reason(reason, kind=NOT_EXCUSED, note="It was sunny", by=staff)
    review_reason(reason, kind=EXCUSED, by=staff)
    entries = work_order.ledger.filter(event="reason-judged")
    assert [entry.changes["verdict"] for entry in entries] == [
        ["", "not-excused"],
        ["not-excused", "excused"],
    ]
    assert entries[0].note == "Delay due to weather: Not excused. It was sunny"


@pytest.mark.parametrize("kind", [NOT_EXCUSED, MORE])
def test_without_a_note_only_excused_is_said(reason, staff, kind):
    with pytest.raises(DomainError, match="Explain why"):
        review_reason(reason, kind=kind, note="  ", by=staff)
    assert Verdict.objects.count() == 0


def test_two_reviewers_do_not_write_over_each_other(reason, staff, admin_user):
    review_reason(reason, kind=EXCUSED, seen=0, by=staff)
    with pytest.raises(InvalidState, match="Staff has already reviewed it: Excused"):
        review_reason(reason, kind=NOT_EXCUSED, note="No", seen=0, by=admin_user)


def test_partners_review_nothing_and_others_answer_nothing(reason, staff, dana, tess, omar):
    for someone in (dana, tess, omar):
        with pytest.raises(NotAllowed):
            review_reason(reason, kind=EXCUSED, by=someone)
    verdict = review_reason(reason, kind=MORE, note="Which?", by=staff)
    for someone in (staff, tess, omar):
        with pytest.raises(NotAllowed):
            answer_verdict(verdict, body="This one", by=someone)


def test_a_verdict_is_answered_once_and_only_the_last_one(reason, staff, dana):
    excused = review_reason(reason, kind=EXCUSED, by=staff)
    with pytest.raises(InvalidState, match="needs no answer"):
        answer_verdict(excused, body="Thanks", by=dana)
    first = review_reason(reason, kind=MORE, note="Which?", by=staff)
    last = review_reason(reason, kind=NOT_EXCUSED, note="It was sunny", by=staff)
    with pytest.raises(InvalidState, match="a newer verdict"):
        answer_verdict(first, body="Late", by=dana)
    answer_verdict(last, body="It was not", by=dana)
    with pytest.raises(InvalidState, match="already been answered"):
        answer_verdict(last, body="Really not", by=dana)
    assert Comment.objects.count() == 1


def test_several_of_one_reason_are_reviewed_at_once_and_mixed_ones_not_at_all(
    work_order, reason, dana, staff
):
    twin = make_accepted(dana, parts_required=False)
    same = book_late(twin, dana)
    other = book_late(make_accepted(dana, parts_required=False), dana, DelayReason.TECHNICIAN)
    with pytest.raises(DomainError, match="the same reason"):
        review_reasons([reason, same, other], kind=EXCUSED, by=staff)
    assert Verdict.objects.count() == 0
    assert review_reasons([reason, same], kind=EXCUSED, by=staff) == 2


def test_only_the_last_reason_of_what_is_late_counts(work_order, reason, dana):
    again = book_late(work_order, dana, DelayReason.TECHNICIAN, day=10)
    assert list(that_count(timezone.now())) == [again]
    book_appointment(
        fresh(work_order),
        Booking(dt.datetime(2026, 3, 5, 17, tzinfo=dt.UTC), "Robin", "1"),
        by=dana,
    )
    assert list(that_count(timezone.now())) == []


def test_the_database_refuses_to_change_or_delete_a_verdict(guarded_ledger, reason, staff):
    review_reason(reason, kind=EXCUSED, by=staff)
    for change in (
        lambda: Verdict.objects.update(kind=NOT_EXCUSED, note="x"),
        lambda: Verdict.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()
    assert Verdict.objects.get().kind == EXCUSED


# --- What the portal knows
def facts_of(reason: MissedSLAReason) -> int:
    return with_facts(MissedSLAReason.objects.filter(pk=reason.pk)).get().facts


def test_a_later_edd_agrees_with_late_parts_and_work_without_parts_contradicts(
    clock, dana, work_order
):
    reason = book_late(work_order, dana, DelayReason.PART_LATE)
    assert facts_of(reason) == 0
    make_carrier_service()
    ship(work_order, carrier="", service="", estimated_delivery_on=dt.date(2026, 3, 5))
    assert facts_of(reason) == 1
    without = book_late(make_accepted(dana, parts_required=False), dana, DelayReason.PART_LATE)
    assert facts_of(without) == -1


def test_a_part_that_is_overdue_or_came_late_agrees_with_late_parts(clock, dana, work_order):
    reason = book_late(work_order, dana, DelayReason.PART_LATE)
    clock.move_to(
        dt.datetime(2026, 3, 5, 7, tzinfo=dt.UTC)
    )  # still the day it is expected on, at the site
    assert facts_of(reason) == 0
    clock.move_to(dt.datetime(2026, 3, 5, 9, tzinfo=dt.UTC))
    assert facts_of(reason) == 1
    services.parts_received(fresh(work_order), numbers=["FSO-1"], on=dt.date(2026, 3, 5), by=dana)
    assert facts_of(reason) == 1


def test_it_waits_since_the_partner_has_answered(reason, work_order, clock, staff, dana):
    clock.shift(dt.timedelta(days=3))
    other = book_late(make_accepted(dana, parts_required=False), dana)
    verdict = review_reason(reason, kind=MORE, note="Which storm?", by=staff)
    clock.shift(dt.timedelta(days=1))
    said = answer_verdict(verdict, body="The one of Sunday", by=dana)
    assert [(row.pk, row.waiting_since) for row in waiting(timezone.now())] == [
        (other.pk, other.given_at),
        (reason.pk, said.at),
    ]


def test_attempts_in_vain_agree_and_one_that_reached_contradicts(clock, work_order, dana):
    services.log_contact(work_order, channel=Channel.CALL, reached=False, by=dana)
    reason = book_late(work_order, dana, DelayReason.UNRESPONSIVE_POC)
    assert facts_of(reason) == 1
    clock.shift(60)
    services.log_contact(work_order, channel=Channel.CALL, reached=True, by=dana)
    again = book_late(work_order, dana, DelayReason.UNRESPONSIVE_POC, day=10)
    assert [facts_of(row) for row in (reason, again)] == [1, -1]


@pytest.mark.no_waits
def test_a_report_agrees_with_damaged_parts(work_order, dana):
    reason = book_late(work_order, dana, DelayReason.PARTS_DAMAGED)
    work_order.part_reports.create(
        shipment=work_order.shipments.get(),
        part_number="C",
        problem=PartProblem.DAMAGED,
        quantity=1,
        reported_by=dana,
        reported_at=timezone.now(),
    )
    assert facts_of(reason) == 1
