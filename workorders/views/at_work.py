"""What the pages say while work is in progress: the visit, what comes next, what is missing."""

import datetime as dt
from typing import NamedTuple

from django.db.models import prefetch_related_objects

from workorders.fieldwork.completion_blockers import Blocker, blockers
from workorders.models import Visit, WorkOrder
from workorders.states import AT_WORK, Status
from workorders.targets.due import visit_outcome_missing


class AtWork(NamedTuple):
    visit: Visit | None  # under way
    asks_outcome: bool  # a booked time has passed without a start
    last: Visit | None  # after which another appointment is needed
    blockers: list[Blocker]


def at_work(work_order: WorkOrder, now: dt.datetime) -> AtWork | None:
    """Describe the work in progress.

    Return None unless the work order is In Progress, or was put on hold during a visit that can
    still be ended.
    """
    if work_order.status not in AT_WORK:
        return None
    prefetch_related_objects([work_order], "visits")
    visits = [visit for visit in work_order.visits.all() if visit.cycle == work_order.cycle]
    under_way = next((visit for visit in visits if visit.is_open), None)
    if work_order.status == Status.ON_HOLD:
        return AtWork(under_way, False, None, []) if under_way else None
    prefetch_related_objects([work_order], "line_items__done_by")
    asks_outcome = under_way is None and visit_outcome_missing(work_order, visits, now)
    last = _unfinished(work_order, visits)
    return AtWork(under_way, asks_outcome, last, blockers(work_order))


def _unfinished(work_order: WorkOrder, visits: list[Visit]) -> Visit | None:
    """Return the last visit if it calls for another appointment and none is booked yet."""
    last = visits[-1] if visits else None
    if last is None or not last.needs_another:
        return None
    return last if work_order.appointment_id == last.appointment_id else None
