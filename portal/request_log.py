"""One line for each request, and lines that name nobody.

A line says the route, never the address that was asked: addresses hold numbers and secrets.
"""

import json
import logging
import re
import time
from collections.abc import Callable
from uuid import uuid4

from django.http import HttpRequest, HttpResponseBase

from portal.routes import method_of, route_of

logger = logging.getLogger(__name__)
E_MAIL = re.compile(r"[^\s\"'<>(=:,;]+@[\w-][\w.-]*\w")


class LogRequests:
    """In settings.MIDDLEWARE only with LOG_REQUESTS."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began, number = time.perf_counter(), uuid4().hex
        response = self.get_response(request)
        response.headers["X-Request-ID"] = number
        actor = getattr(request, "_cached_user", None)  # only if somebody has asked who it is
        line = {
            "id": number,
            "actor": getattr(actor, "pk", None),
            "method": method_of(request),
            "route": route_of(request),
            "status": response.status_code,
            "ms": round((time.perf_counter() - began) * 1000, 1),
        }
        logger.info(json.dumps(line))
        return response


class NamesNobody(logging.Formatter):
    """Leaves out addresses of pages and of people, whoever logs them; in tracebacks, too."""

    def format(self, record: logging.LogRecord) -> str:
        return E_MAIL.sub("(e-mail)", super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:
        """Without the address; the traceback below names files, which may look like one."""
        text, request = super().formatMessage(record), getattr(record, "request", None)
        if isinstance(request, HttpRequest):
            for address in _as_logged(request):
                text = text.replace(address, route_of(request))
        return text


def _as_logged(request: HttpRequest) -> list[str]:
    """Its address in each way in which Django may write it."""
    known = [request.get_full_path(), request.path]
    escaped = [address.encode("unicode_escape").decode("ascii") for address in known]
    return [address for address in [*known, *escaped] if len(address) > 1]
