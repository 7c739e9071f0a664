"""Lists, the scorecard and exports read from a streaming standby of PostgreSQL.

In the settings only where STANDBY_DATABASE_URL is. Whoever has written in the last five seconds
reads the primary, and so does everybody while the standby is away or further behind than that.
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import chain
from threading import Lock
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, connections
from django.db.models import Model
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse

PRIMARY, STANDBY = "default", "standby"  # in settings.DATABASES
APPS = {"workorders", "people"}  # what else a page asks for, such as rights, comes from the primary
SESSIONS = "people.loginsession"  # and so do these
LISTS = {"work-orders", "schedule", "parts-owed", "scorecard", "scorecard-work-orders"}
FILES = {"scorecard-csv", "scorecard-xlsx", "history-csv", "history-xlsx"}
FILES |= {
    f"admin:workorders_workorder_export_{kind}_{ending}"
    for kind in ("work-orders", "shipments", "report")
    for ending in ("csv", "xlsx")
}
FILES |= {f"admin:workorders_missedslareason_export{ending}" for ending in ("", "_xlsx")}
PAGES = LISTS | FILES  # they write nothing, and lock nothing

AFTER_A_WRITE = 5  # seconds
LOOKED_AT_EVERY = 1.0  # seconds
PATIENCE = 10.0  # seconds until one that was away is asked again
COOKIE = "__Host-wrote" if settings.HTTPS else "wrote"
# No clock is asked, and nothing of what PostgreSQL keeps from an ordinary role
POSITION = {
    PRIMARY: "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')",
    STANDBY: "SELECT pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0') WHERE pg_is_in_recovery()",
}

logger = logging.getLogger(__name__)
_reads_standby: ContextVar[bool] = ContextVar("reads_standby", default=False)
_wrote: ContextVar[bool] = ContextVar("wrote", default=False)


class Router:
    """To which database a query goes."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str | None:
        return STANDBY if _reads_standby.get() and _may_be_read_there(model) else None

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        if _may_be_read_there(model):
            _wrote.set(True)
        return PRIMARY

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        return False if db == STANDBY else None


def _may_be_read_there(model: type[Model]) -> bool:
    return model._meta.app_label in APPS and model._meta.label_lower != SESSIONS


class ReadsFromStandby:
    """Runs the views of PAGES on the standby, and remembers in a cookie who has written."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        token = _wrote.set(False)
        try:
            response = self.get_response(request)
            if _wrote.get():
                response.set_cookie(
                    COOKIE,
                    "1",
                    max_age=AFTER_A_WRITE,
                    secure=settings.HTTPS,
                    httponly=True,
                    samesite="Lax",
                )
        finally:
            _wrote.reset(token)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        page = request.resolver_match.view_name if request.resolver_match else ""
        if page not in PAGES or COOKIE in request.COOKIES or not standby.may_be_read():
            return None
        try:
            with _reading_standby():
                response = view(request, *args, **kwargs)
            if isinstance(response, StreamingHttpResponse):
                chunks: Any = response.streaming_content  # of WSGI, so no asynchronous ones
                response.streaming_content = _begun(_from_standby(chunks))
        except (OperationalError, InterfaceError) as error:
            standby.leave(error)
            return None  # the primary is asked
        return response


@contextmanager
def _reading_standby() -> Iterator[None]:
    token = _reads_standby.set(True)
    try:
        yield
    finally:
        _reads_standby.reset(token)


def _from_standby(chunks: Iterable[bytes]) -> Iterator[bytes]:
    rest = iter(chunks)
    while True:
        with _reading_standby():
            chunk = next(rest, None)
        if chunk is None:
            return
        yield chunk


def _begun(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Read the first chunk at once: once a part is sent, nothing else can be answered."""
    return chain([next(chunks, b"")], chunks)


class Standby:
    """Whether the standby may be read, as far as this process knows."""

    def __init__(self) -> None:
        self.why_not = ""
        self.bytes_behind: int | None = None
        self._is_fresh = False
        self._one_looks = Lock()
        self._look_at = 0.0  # by the monotonic clock, as all times here
        self._fresh_at = float("-inf")  # all that was written until then is there
        self._positions: deque[tuple[float, int]] = deque(maxlen=10)  # not there yet, with times

    def may_be_read(self) -> bool:
        if time.monotonic() >= self._look_at and self._one_looks.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._one_looks.release()
        return self._is_fresh

    def leave(self, error: Exception) -> None:
        """Let everybody read the primary for a while."""
        self._look_at = time.monotonic() + PATIENCE
        self.bytes_behind = None
        self._decide("does not answer", str(error))

    def _look(self) -> None:
        now = time.monotonic()
        try:
            primary, replayed = _position(PRIMARY), _position(STANDBY)
        except (OperationalError, InterfaceError) as error:
            self.leave(error)
            return
        self._look_at = now + LOOKED_AT_EVERY
        if primary is None or replayed is None:
            self._decide("follows no other server")
            return
        self.bytes_behind = max(0, primary - replayed)
        self._positions.append((now, primary))
        while self._positions and self._positions[0][1] <= replayed:
            self._fresh_at, _ = self._positions.popleft()
        oldest = now - AFTER_A_WRITE + LOOKED_AT_EVERY
        if self._fresh_at >= oldest:
            self._decide("")
        elif self._positions[0][0] < oldest:
            self._decide(f"is more than {AFTER_A_WRITE} seconds behind")
        else:
            self._is_fresh = False  # for all that is known: soon that is more

    def _decide(self, why_not: str, detail: str = "") -> None:
        """And say so in the log, where it is news."""
        self._is_fresh = not why_not
        if why_not and why_not != self.why_not:
            logger.error("The standby %s: the primary is read. %s", why_not, detail.strip())
        elif self.why_not and not why_not:
            logger.warning("The standby is read again.")
        self.why_not = why_not


def _position(alias: str) -> int | None:
    """In the log of what is written, in bytes; None of a server that follows no other."""
    with connections[alias].cursor() as cursor:
        cursor.execute(POSITION[alias])
        row = cursor.fetchone()
    return None if row is None or row[0] is None else int(row[0])


standby = Standby()


def what_the_standby_owes() -> str:
    """Why it is not read, in a sentence for staff; empty if it is, or there is none."""
    if STANDBY not in settings.DATABASES or standby.may_be_read() or not standby.why_not:
        return ""
    return f"The standby of the database {standby.why_not}: everything is read from the primary."
