"""How long a person stays logged in, where, and with what: work extends a login, up to a limit
(README.md, "Configure").
"""

import datetime as dt
import time
from typing import Any, NamedTuple

from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.internal.httpkit import get_client_ip
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from portal.audit.models import AuditEvent
from portal.audit.services import keep_entry
from portal.people.devices import browser_of, remember_device
from portal.people.models import LoginSession, User
from portal.people.session_store import SessionStore

RENEWED_EVERY = 300  # seconds, so that few requests write
FRESH = 900  # seconds after a login in which a person may change how they log in
FACTOR = "factor"  # in a session: that a second factor was given


def begin_session(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """On every login."""
    request.session["began"] = time.time()
    request.session[FACTOR] = bool(factor_given(request, user))
    _renew(request, user)
    remember_device(request, user.email)


def extend_session(request: HttpRequest, user: User) -> bool:
    """Whether the session goes on; idle time counts from now, at most once in five minutes."""
    now, session = time.time(), request.session
    if "began" not in session:  # of a version that kept no time
        session["began"] = now - FRESH
    if now - session["began"] >= settings.SESSION_MAX_HOURS * 3600:
        return False
    if now - session.get("renewed", 0) >= RENEWED_EVERY:
        _renew(request, user)
    return True


def _renew(request: HttpRequest, user: User) -> None:
    hours = settings.STAFF_SESSION_IDLE_HOURS if user.is_staff else settings.SESSION_IDLE_HOURS
    request.session["renewed"] = time.time()
    request.session["address"] = get_client_ip(request) or ""
    request.session["browser"] = browser_of(request)
    request.session.set_expiry(hours * 3600)


# --- The second factor
def factor_given(request: HttpRequest, user: User) -> str:
    """By which kind of second factor this person has just come in; empty without one."""
    records = get_authentication_records(request, user)
    return next((str(record["type"]) for record in records if record["method"] == "mfa"), "")


def lacks_factor(request: HttpRequest, user: User) -> bool:
    """Whether this person must have a second factor, and came in without. It asks no database."""
    return user.must_have_factor and not request.session.get(FACTOR)


def is_fresh(request: HttpRequest) -> bool:
    """Whether the person has logged in so lately that nobody else will be at the keyboard."""
    return time.time() - float(request.session.get("began", 0)) < FRESH


# --- All sessions of a person
class OpenSession(NamedTuple):
    """A browser in which a person is logged in."""

    browser: str
    address: str
    began: dt.datetime
    used: dt.datetime  # within five minutes
    is_this: bool


def open_sessions(user: User, *, this: str | None) -> list[OpenSession]:
    """The latest first; `this` is the key of the session that asks."""
    rows = LoginSession.objects.filter(user=user, expire_date__gt=timezone.now())
    found = [_opened(row, row.session_key == this, user) for row in rows]
    return sorted((each for each in found if each), key=lambda each: each.used, reverse=True)


def _opened(row: LoginSession, is_this: bool, user: User) -> OpenSession | None:
    """None for one that a new password has ended."""
    data = SessionStore().decode(row.session_data)
    if not constant_time_compare(data.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash()):
        return None
    began, used = (_instant(data.get(name, 0)) for name in ("began", "renewed"))
    return OpenSession(data.get("browser", ""), data.get("address", ""), began, used, is_this)


def _instant(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, tz=dt.UTC)


def end_sessions(user: User, *, but: str | None = None) -> None:
    """They stay ended, whatever becomes of the person."""
    LoginSession.objects.filter(user=user).exclude(session_key=but).delete()


def log_out_everywhere(user: User) -> None:
    """End every session of this person, the one that asks included."""
    end_sessions(user)
    keep_entry(AuditEvent.SESSIONS_ENDED, by=user, person=user)


def forget_ended_sessions() -> None:
    SessionStore.clear_expired()
