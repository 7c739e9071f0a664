"""How long a person stays logged in: work extends it, up to a limit (README.md, "Configure")."""

import time
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from portal.people.devices import remember_device
from portal.people.models import User

RENEWED_EVERY = 300  # seconds, so that few requests write


def begin_session(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """On every login."""
    request.session["began"] = time.time()
    _renew(request, user)
    remember_device(request, user.email)


def extend_session(request: HttpRequest, user: User) -> bool:
    """Whether the session goes on; idle time counts from now, at most once in five minutes."""
    now, session = time.time(), request.session
    if "began" not in session:  # of a version that kept no time
        session["began"] = now
    if now - session["began"] >= settings.SESSION_MAX_HOURS * 3600:
        return False
    if now - session.get("renewed", 0) >= RENEWED_EVERY:
        _renew(request, user)
    return True


def _renew(request: HttpRequest, user: User) -> None:
    hours = settings.STAFF_SESSION_IDLE_HOURS if user.is_staff else settings.SESSION_IDLE_HOURS
    request.session["renewed"] = time.time()
    request.session.set_expiry(hours * 3600)
