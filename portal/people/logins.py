"""What is kept of logins, denials and exports, by the numbers of people."""

import logging
from collections.abc import Callable
from typing import Any

from django.core.cache import cache
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponseBase

from portal.audit.models import AuditEvent
from portal.audit.services import keep_entry
from portal.people.models import User
from portal.people.sessions import factor_given
from portal.routes import route_of

logger = logging.getLogger(__name__)
MINUTE = 60  # in which the same denial is kept once
TABLES = ("text/csv", "application/vnd.openxmlformats")  # as files


def note_login(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    kind = factor_given(request, user).replace("_", " ")
    keep_entry(AuditEvent.LOGGED_IN, by=user, note=f"with {kind}" if kind else "")


def note_wrong_factor(sender: Any, user: User, **kwargs: Any) -> None:
    logger.warning("A second factor was wrong, of person %s", user.pk)
    keep_entry(AuditEvent.LOGIN_FAILED, person=user, note="second factor")


def note_failed_login(sender: Any, credentials: dict[str, Any], **kwargs: Any) -> None:
    """The same work whether there is such a person or not, so that the time does not tell."""
    email = str(credentials.get("email", "")).lower()
    person = User.objects.filter(email=email).only("pk").first()
    logger.warning("A login failed, of person %s", person.pk if person else "(unknown)")
    keep_entry(AuditEvent.LOGIN_FAILED, person=person)


class KeptInAudit:
    """Keeps what somebody was denied, and what they took out as a table."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        event = _event_of(response)
        person = getattr(request, "_cached_user", None)
        if event and isinstance(person, User):
            try:
                _keep(event, person, route_of(request))
            except DatabaseError as error:  # busy: the answer stays as it is
                logger.error("The audit lacks an entry: %s", error)
        return response


def _event_of(response: HttpResponseBase) -> AuditEvent | None:
    if response.status_code == 403:
        return AuditEvent.DENIED
    is_table = response.get("Content-Type", "").startswith(TABLES)
    return AuditEvent.EXPORTED if is_table and response.status_code == 200 else None


def _keep(event: AuditEvent, person: User, route: str) -> None:
    is_again = f"denied:{person.pk}:{route}"
    if event == AuditEvent.EXPORTED or cache.add(is_again, True, MINUTE):
        keep_entry(event, by=person, note=route)
