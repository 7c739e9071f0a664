"""Who logs in: by e-mail in any case, and with the partner's name at hand on every page."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from portal.people.models import User


class Backend(AuthenticationBackend):
    def get_user(self, user_id: Any) -> User | None:
        user = User.objects.select_related("partner").filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None

    @classmethod
    def _stash_user(cls, user: User | None) -> User | None:
        """Forgets who knew the password but is deactivated: the answer is the one that strangers get."""
        return None
