"""What waits for staff, each as a condition of work orders: the admin's day counts them, its list shows them."""

import datetime as dt
from collections.abc import Callable
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q

from workorders.models.queries import by_site_date, overdue, past_without_a_visit
from workorders.models.shipments import Shipment
from workorders.models.thread import Comment
from workorders.states import OPEN, AssistanceReason, Status


class Todo(NamedTuple):
    label: str
    condition: Callable[[dt.datetime], Q]


def _requests(reason: Q) -> Q:
    waiting = Comment.objects.filter(reason, work_order=OuterRef("pk"), urgent=True, answered_at=None)
    return Q(Exists(waiting), status__in=OPEN)


def _unbooked(now: dt.datetime) -> Q:
    """Past its target without an appointment, and not for want of parts (rule 2)."""
    return Q(status__in=OPEN, outcome_days_late=None) & past_without_a_visit(now)


def _resumable(now: dt.datetime) -> Q:
    """On hold, and the day that it was to be resumed on has come."""
    over = by_site_date(now, lambda today: Q(holds__last=None, holds__resume_on__lte=today))
    return Q(status=Status.ON_HOLD) & over


HOLD_ASKED = Q(assistance=AssistanceReason.HOLD)
REPORTED = Shipment.objects.filter(work_order=OuterRef("pk"), reported_by_partner=True)
TODOS = {
    "to-order": Todo("Parts to order", lambda now: Q(status=Status.SHIP_TO_RECEIVED)),
    "overdue": Todo("Parts overdue", overdue),
    "received": Todo("Received, to confirm", lambda now: Q(Exists(REPORTED))),
    "declined": Todo("Declined", lambda now: Q(status=Status.COULD_NOT_COMPLETE, accepted_on=None, followed_by=None)),
    "assistance": Todo("Assistance asked for", lambda now: _requests(~HOLD_ASKED)),
    "hold": Todo("Hold asked for", lambda now: _requests(HOLD_ASKED)),
    "resume": Todo("Hold to be resumed", _resumable),
    "completed": Todo("Completed, to close", lambda now: Q(status=Status.COMPLETED)),
    "unbooked": Todo("Past target, no appointment", _unbooked),
}
