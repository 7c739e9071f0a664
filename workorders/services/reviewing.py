"""Staff's verdicts on reasons for delay, and the partner's answers, one for each verdict."""

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db import transaction

from portal.people.models import User
from workorders.models import Comment, MissedSLAReason, Verdict, WorkOrder
from workorders.models.ledger import Event, LedgerChanges
from workorders.models.reasons import asked_again
from workorders.models.verdicts import ANSWERABLE
from workorders.services.errors import DomainError, InvalidState
from workorders.services.files.uploads import unattached_files
from workorders.services.thread import add_comment
from workorders.services.unit_of_work import unit_of_work
from workorders.states import Verb, VerdictKind


def review_reason(
    reason: MissedSLAReason, *, kind: VerdictKind, note: str = "", seen: int | None = None, by: User
) -> Verdict:
    """Add a verdict; the last one counts.

    `seen` is the key of the last verdict that the user saw, 0 for none. The partner who has the
    work now learns nothing of a reason that an earlier one gave.

    Raises DomainError without a note where the partner needs one, InvalidState when someone else
    was faster.
    """
    note = note.strip()
    if kind in ANSWERABLE and not note:
        raise DomainError("Explain why. The partner will read this.", "note")
    with unit_of_work(reason.work_order, Verb.REVIEW_REASON, by=by) as work:
        last = last_verdict(reason)
        if seen is not None and seen != (last.pk if last else 0):
            raise InvalidState(
                f"{last.by} has already reviewed it: {last}."
                if last
                else "It has already been reviewed."
            )
        verdict = Verdict.objects.create(
            missed_sla=reason, kind=kind, note=note, by=by, at=work.now
        )
        _mark(reason, is_unreviewed=False)
        changes: LedgerChanges = {"verdict": [last.kind if last else "", kind]}
        is_theirs = reason.partner == work.work_order.partner
        event = Event.REASON_REVIEWED if is_theirs else Event.NOTED_INTERNALLY
        work.log(event, changes=changes, note=verdict_text(verdict))
    return verdict


def verdict_text(verdict: Verdict) -> str:
    """The verdict in words, for the history."""
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
    """Add the same verdict to each, or to none.

    `seen` is the key of the newest verdict on any of them that the user saw, 0 for none.

    Raises DomainError unless they have the same reason, InvalidState when someone else was faster.
    """
    rows = sorted(reasons, key=lambda row: row.work_order_id)
    if len({row.reason for row in rows}) > 1:
        raise DomainError(
            "Choose work orders with the same reason for delay: reasons are reviewed one at a time."
        )
    with transaction.atomic():
        if seen is not None and seen != newest_verdict(rows):
            raise InvalidState("Someone else has reviewed one of them in the meantime.")
        for row in rows:
            review_reason(row, kind=kind, note=note, by=by)
    return len(rows)


def newest_verdict(reasons: Collection[MissedSLAReason]) -> int:
    """The key of the newest verdict on any of them; 0 for none."""
    verdicts = Verdict.objects.filter(missed_sla__in=reasons).order_by("-pk")
    return verdicts.values_list("pk", flat=True).first() or 0


def answer_verdict(
    verdict: Verdict, *, body: str, files: Collection[UUID] = (), by: User
) -> Comment:
    """Add the partner's answer to Collaborate; staff then review the reason again.

    `files` are upload keys as for a comment.
    """
    with unit_of_work(verdict.missed_sla.work_order, Verb.ANSWER_VERDICT, by=by) as work:
        if refusal := _not_answerable(verdict):
            raise InvalidState(refusal)
        answer = add_comment(work, body, by, answers=verdict)
        _mark(verdict.missed_sla, is_unreviewed=True)
        unattached_files(work.work_order, files, by).update(comment=answer)
        work.log(Event.VERDICT_ANSWERED)
    return answer


def _mark(reason: MissedSLAReason, *, is_unreviewed: bool) -> None:
    reason.is_unreviewed = is_unreviewed
    reason.save(update_fields=["is_unreviewed"])


def last_reason(work_order: WorkOrder) -> MissedSLAReason | None:
    """The reason of its partner that counts for what is judged: this cycle, once the work has ended
    the first.
    """
    own = work_order.missed_sla_reasons.filter(given_by__partner=work_order.partner_id)
    return own.filter(cycle=work_order.cycle if work_order.is_open else 1, counts=True).first()


def reason_to_answer(work_order: WorkOrder) -> MissedSLAReason | None:
    """The reason whose verdict the partner may still answer, else the one that counts."""
    asked = [*asked_again(work_order, work_order.cycle), *asked_again(work_order, 1)]
    return asked[0] if asked else last_reason(work_order)


def last_verdict(reason: MissedSLAReason) -> Verdict | None:
    return reason.verdicts.select_related("by", "answer").last()


def _not_answerable(verdict: Verdict) -> str:
    if verdict != last_verdict(verdict.missed_sla):
        return "There is a newer verdict. Reload the page."
    if verdict.kind not in ANSWERABLE:
        return "An excused delay needs no answer."
    is_answered = Comment.objects.filter(answers=verdict).exists()
    return "It has already been answered." if is_answered else ""
