"""Logs people in by e-mail, in upper or lower case, and loads what every page shows of them."""

from collections.abc import Callable
from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.models import Permission
from django.db.models import BigIntegerField, Q, QuerySet

from portal.people.models import User
from portal.prepared import Given, Prepared


class Backend(AuthenticationBackend):
    """Loads the user of each request, with the columns that other apps add.

    `columns` holds a function for each name that returns its expression for a query of users. Each
    app adds its own when it starts.
    """

    columns: dict[str, Callable[[], Any]] = {}

    def get_user(self, user_id: Any) -> User | None:
        """The user with the partner and the columns, in one query."""
        found = PEOPLE.rows(pk=user_id)
        return found[0] if found and self.user_can_authenticate(found[0]) else None

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """A person's own and those of their groups, in one query, once for each request."""
        if user_obj.is_superuser or not isinstance(user_obj, User) or obj is not None:
            return set(super().get_all_permissions(user_obj, obj))
        if not user_obj.is_active:
            return set()
        held: set[str] | None = getattr(user_obj, "_permissions_held", None)
        if held is None:
            theirs = Permission.objects.filter(Q(user=user_obj) | Q(group__user=user_obj))
            names = theirs.order_by().values_list("content_type__app_label", "codename")
            held = {f"{app}.{codename}" for app, codename in names}
            setattr(user_obj, "_permissions_held", held)  # noqa: B010  the types do not know it
        return held

    @classmethod
    def _stash_user(cls, user: User | None) -> User | None:
        """Forget deactivated users who know the password: they get a stranger's answer."""
        return None


def _people() -> "QuerySet[User]":
    columns = {name: expression() for name, expression in Backend.columns.items()}
    people = User.objects.select_related("partner").annotate(**columns)
    return people.filter(pk=Given("pk", BigIntegerField()))


PEOPLE = Prepared(User, _people)
