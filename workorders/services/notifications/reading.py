"""What a person has read of what they were told."""

from collections.abc import Collection

from django.utils import timezone

from portal.people.models import User
from workorders.models import Notification


def read_notifications(shown: Collection[int] | None = None, *, by: User) -> None:
    """This person has read all that there are up to now, or those shown, by their ids."""
    unread = Notification.objects.filter(user=by).unread()
    if shown is not None:
        unread = unread.filter(pk__in=shown)
    unread.update(read_at=timezone.now())
