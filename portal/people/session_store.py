"""Sessions in the database, each with the person whose it is."""

from typing import Any, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from portal.people.models import LoginSession


class SessionStore(DatabaseStore):
    @classmethod
    def get_model_class(cls) -> type[LoginSession]:
        return LoginSession

    def create_model_instance(self, data: Any) -> LoginSession:
        session = cast(LoginSession, super().create_model_instance(data))
        session.user_id = data.get(SESSION_KEY)
        return session
