"""Records which notifications a person has read, and deletes the old ones."""

from collections.abc import Collection

from django.utils import timezone

from portal.people.models import User
from workorders.models import Notification


def read_notifications(shown: Collection[int] | None = None, *, by: User) -> None:
    """Mark this person's notifications as read: all of them, or those shown, by their ids."""
    unread = Notification.objects.filter(user=by).unread()
    if shown is not None:
        unread = unread.filter(pk__in=shown)
    unread.update(read_at=timezone.now())


def delete_outdated() -> None:
    Notification.objects.outdated().delete()
