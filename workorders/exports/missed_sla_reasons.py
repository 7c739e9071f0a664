"""Reasons for delay as rows of a file, as staff's list shows them."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from workorders.history.wording import description_of
from workorders.models import Comment, MissedSLAReason, Verdict
from workorders.states import DelayReason, VerdictKind

COLUMNS = [
    "Work Order Number",
    "Case",
    "Partner",
    "Service Territory",
    "Reason for Delay",
    "Description",
    "Note",
    "Target SLA",
    "Appointment Date",
    "Appointment at the site",
    "Business days late",
    "Given by",
    "Given at (UTC)",
    "Verdict",
    "Note to the verdict",
    "Reviewed by",
    "Reviewed at (UTC)",
    "Answer",
]


def reason_rows(rows: QuerySet[MissedSLAReason]) -> Iterator[list[str]]:
    """The header, then a row for each reason, with its last verdict; read in chunks.

    `rows` are `with_verdict`.
    """
    yield COLUMNS
    last = Verdict.objects.filter(pk=OuterRef("last_verdict"))
    answers = Comment.objects.filter(answers=OuterRef("last_verdict"))
    reviewed = rows.annotate(
        verdict_note=Subquery(last.values("note")),
        judge=Subquery(last.values("by__name")),
        judged_at=Subquery(last.values("at")),
        answer=Subquery(answers.values("body")[:1]),
    )
    yield from map(_cells, reviewed.iterator(chunk_size=1000))


def _cells(row: Any) -> list[str]:
    work_order = row.work_order
    return [
        work_order.number,
        work_order.case_number,
        row.partner.name,
        work_order.territory.name,
        row.get_reason_display(),
        description_of(DelayReason(row.reason)),
        row.note,
        row.target_on.isoformat(),
        row.appointment_on.isoformat(),
        row.appointment_at.astimezone(work_order.site.zone).isoformat(timespec="minutes"),
        str(row.business_days_late),
        row.given_by.name,
        _instant(row.given_at),
        VerdictKind(row.verdict).label if row.verdict else "",
        row.verdict_note or "",
        row.judge or "",
        _instant(row.judged_at) if row.judged_at else "",
        row.answer or "",
    ]


def _instant(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="seconds")
