"""Records which notifications a person has read, and deletes the old ones."""

from collections.abc import Collection

from django.db.models import Q
from django.utils import timezone

from portal.people.models import User
from workorders.models import Notification
from workorders.models.notifications import Kind


def read_notifications(shown: Collection[int] | None = None, *, by: User) -> None:
    """Mark this person's notifications as read: all of them, or those shown, by their ids.

    With those shown go the ones that no page will show, because another partner has the work.
    """
    unread = Notification.objects.filter(user=by).unread()
    if shown is not None:
        gone = Q() if by.is_staff else ~Q(work_order__partner=by.partner_id)
        unread = unread.filter(Q(pk__in=shown) | gone & ~Q(kind=Kind.TAKEN_AWAY))
    unread.update(read_at=timezone.now())


def delete_outdated_notifications() -> None:
    Notification.objects.outdated().delete()
