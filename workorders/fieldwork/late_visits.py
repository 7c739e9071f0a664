"""Visits that were entered late, and that staff have not looked at yet."""

from django.db.models import QuerySet

from workorders.models import Visit, WorkOrder


def late_visits(work_order: WorkOrder) -> QuerySet[Visit]:
    return work_order.visits.filter(entered_late=True, seen_at=None)
