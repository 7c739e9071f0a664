"""Logs people in by e-mail, in upper or lower case, and loads what every page shows of them."""

from collections.abc import Callable
from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from portal.people.models import User


class Backend(AuthenticationBackend):
    """Loads the user of each request, with the columns that other apps add.

    `columns` holds a function for each name that returns its expression for a query of users. Each
    app adds its own when it starts.
    """

    columns: dict[str, Callable[[], Any]] = {}

    def get_user(self, user_id: Any) -> User | None:
        """The user with the partner and the columns, in one query."""
        columns = {name: expression() for name, expression in self.columns.items()}
        people = User.objects.select_related("partner").annotate(**columns)
        user = people.filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None

    @classmethod
    def _stash_user(cls, user: User | None) -> User | None:
        """Forget deactivated users who know the password: they get a stranger's answer."""
        return None
