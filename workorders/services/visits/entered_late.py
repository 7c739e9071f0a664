"""Visits that were entered long after they were made: staff mark them as seen or correct them
(docs/rules.md, rule 6).
"""

import datetime as dt

from portal.people.models import User
from workorders.dates import date_time_text
from workorders.models import Visit, WorkOrder
from workorders.models.ledger import Event
from workorders.services import saving
from workorders.services.errors import DomainError, InvalidState
from workorders.services.unit_of_work import UnitOfWork, unit_of_work
from workorders.services.visits.check_in import move_visit
from workorders.states import Status, Verb


def check_late_visit(
    work_order: WorkOrder,
    *,
    visit: int,
    began_at: dt.datetime,
    by: User,
    version: int | None = None,
) -> Visit:
    """Mark a visit that was entered late as seen, or correct the time at which it began.

    Raises DomainError for a correction that would change a frozen outcome.
    """
    with unit_of_work(work_order, Verb.CHECK_VISIT, by=by, version=version) as work:
        row = next((each for each in work.visits if each.pk == visit and each.is_unseen), None)
        if row is None:
            raise InvalidState("No visit that was entered late is waiting for you.")
        what = "seen"
        if began_at != row.began_at:
            _check_correction(work, row)
            move_visit(work, row, began_at)
            what = "corrected"
        row.seen_at, row.seen_by = work.now, by
        saving.save(row, "seen_at", "seen_by")
        began = date_time_text(row.began_at, work.work_order.site.zone)
        work.log(Event.VISIT_CHECKED, note=f"{began}: {what}")
    return row


def _check_correction(work: UnitOfWork, visit: Visit) -> None:
    row = work.work_order
    if row.status != Status.IN_PROGRESS or visit.cycle != row.cycle:
        raise DomainError(
            "The work is not in progress. Undo its last step, then correct the visit.", "began_at"
        )
