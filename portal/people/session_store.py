"""Sessions in the database, each with the person whose it is; their query is built once."""

from typing import Any, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db.models import CharField, DateTimeField
from django.utils import timezone

from portal.people.models import LoginSession
from portal.prepared import Given, Prepared


class SessionStore(DatabaseStore):
    @classmethod
    def get_model_class(cls) -> type[LoginSession]:
        return LoginSession

    def create_model_instance(self, data: Any) -> LoginSession:
        session = cast(LoginSession, super().create_model_instance(data))
        session.user_id = data.get(SESSION_KEY)
        return session

    def _get_session_from_db(self) -> Any:
        found = LIVING.rows(key=self.session_key, now=timezone.now())
        if not found:
            self._session_key = None
        return found[0] if found else None


def _living() -> Any:
    now, key = Given("now", DateTimeField()), Given("key", CharField())
    return LoginSession.objects.filter(session_key=key, expire_date__gt=now)


LIVING = Prepared(LoginSession, _living)
