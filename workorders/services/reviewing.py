"""Reasons for delay reviewed by staff, and answered by the partner, once for each verdict."""

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db import transaction

from portal.people.models import User
from workorders.models import Comment, MissedSLAReason, Verdict, WorkOrder
from workorders.models.ledger import Event
from workorders.models.verdicts import ANSWERABLE
from workorders.services.errors import DomainError, InvalidState
from workorders.services.files.uploads import unattached_files
from workorders.services.thread import add_comment
from workorders.services.unit_of_work import unit_of_work
from workorders.states import Verb, VerdictKind


def review_reason(
    reason: MissedSLAReason, *, kind: VerdictKind, note: str = "", seen: int | None = None, by: User
) -> Verdict:
    """Another verdict; the last one stands.

    `seen` is the key of the last one that the person saw, 0 for none.

    Raises DomainError without a note where the partner has to read why, InvalidState when someone
    else was faster.
    """
    note = note.strip()
    if kind in ANSWERABLE and not note:
        raise DomainError("Say why: the partner reads it.", "note")
    with unit_of_work(reason.work_order, Verb.REVIEW_REASON, by=by) as work:
        last = last_verdict(reason)
        if seen is not None and seen != (last.pk if last else 0):
            raise InvalidState(
                f"{last.by} has reviewed it meanwhile: {last}."
                if last
                else "It was reviewed meanwhile."
            )
        verdict = Verdict.objects.create(
            missed_sla=reason, kind=kind, note=note, by=by, at=work.now
        )
        work.log(
            Event.REASON_REVIEWED,
            changes={"verdict": [last.kind if last else "", kind]},
            note=verdict_text(verdict),
        )
    return verdict


def verdict_text(verdict: Verdict) -> str:
    """The verdict in words, as history tells it."""
    text = f"{verdict.missed_sla.get_reason_display()}: {verdict}"
    return f"{text}. {verdict.note}" if verdict.note else text


def review_reasons(
    reasons: Iterable[MissedSLAReason],
    *,
    kind: VerdictKind,
    note: str = "",
    seen: int | None = None,
    by: User,
) -> int:
    """The same verdict on each, all or none.

    `seen` is the key of the newest verdict on any of them that the person saw, 0 for none. Raises
    DomainError unless they are for the same reason, InvalidState when someone else was faster.
    """
    rows = sorted(reasons, key=lambda row: row.work_order_id)
    if len({row.reason for row in rows}) > 1:
        raise DomainError(
            "Choose work orders with the same reason for delay: each reason is reviewed by itself."
        )
    with transaction.atomic():
        if seen is not None and seen != newest_verdict(rows):
            raise InvalidState("Someone has reviewed one of them meanwhile.")
        for row in rows:
            review_reason(row, kind=kind, note=note, by=by)
    return len(rows)


def newest_verdict(reasons: Collection[MissedSLAReason]) -> int:
    """The key of the newest verdict on any of them; 0 for none."""
    newest = (
        Verdict.objects.filter(missed_sla__in=reasons).order_by("-pk").values_list("pk", flat=True)
    )
    return newest.first() or 0


def answer_verdict(
    verdict: Verdict, *, body: str, files: Collection[UUID] = (), by: User
) -> Comment:
    """The partner's answer, in Collaborate: staff review it again.

    `files` are upload keys as for a comment.
    """
    with unit_of_work(verdict.missed_sla.work_order, Verb.ANSWER_VERDICT, by=by) as work:
        if refusal := _not_answerable(verdict):
            raise InvalidState(refusal)
        answer = add_comment(work, body, by, answers=verdict)
        unattached_files(work.work_order, files, by).update(comment=answer)
        work.log(Event.VERDICT_ANSWERED)
    return answer


def last_reason(work_order: WorkOrder) -> MissedSLAReason | None:
    """The one that counts, as long as the work is late."""
    return work_order.missed_sla_reasons.order_by("pk").last()


def last_verdict(reason: MissedSLAReason) -> Verdict | None:
    return reason.verdicts.select_related("by", "answer").last()


def _not_answerable(verdict: Verdict) -> str:
    if verdict != last_verdict(verdict.missed_sla):
        return "There is a new verdict since: reload the page."
    if verdict.kind not in ANSWERABLE:
        return "An excused delay needs no answer."
    return "It is answered already." if Comment.objects.filter(answers=verdict).exists() else ""
