"""Reasons for delay as rows of a CSV file, as staff's list shows them."""

import datetime as dt
from collections.abc import Iterator

from django.db.models import QuerySet

from workorders.history.wording import description_of
from workorders.models import MissedSLAReason
from workorders.states import DelayReason

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
]


def reason_rows(rows: QuerySet[MissedSLAReason]) -> Iterator[list[str]]:
    """The header, then a row for each reason; read in chunks."""
    yield COLUMNS
    yield from map(_cells, rows.iterator(chunk_size=1000))


def _cells(row: MissedSLAReason) -> list[str]:
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
        row.given_at.astimezone(dt.UTC).isoformat(timespec="seconds"),
    ]
