"""Who logs in: by e-mail in any case, and with what the bar on every page says at hand."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import Count, OuterRef, Subquery

from portal.people.models import User


class Backend(AuthenticationBackend):
    def get_user(self, user_id: Any) -> User | None:
        """With the partner, and with `unread`, the number of notifications that are new, or None."""
        told = User._meta.get_field(
            "notifications"
        ).related_model  # by its name: this app knows no work orders
        new = (
            told._default_manager.filter(user=OuterRef("pk"), read_at=None)
            .order_by()
            .values("user")
        )
        people = User.objects.select_related("partner").annotate(
            unread=Subquery(new.annotate(n=Count("pk")).values("n"))
        )
        user = people.filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None

    @classmethod
    def _stash_user(cls, user: User | None) -> User | None:
        """Forgets who knew the password but is deactivated: the answer is the one that strangers
        get.
        """
        return None
