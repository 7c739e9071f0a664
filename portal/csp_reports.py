"""What browsers report of the Content-Security-Policy: logged, in small numbers and sizes."""

import json
import logging
import re
from typing import Any
from urllib.parse import urlsplit

from allauth.core.ratelimit import consume
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from portal.routes import UNKNOWN

logger = logging.getLogger(__name__)
LARGEST = 16_384  # bytes
MOST = 10  # of one request


@csrf_exempt
@login_not_required
@require_POST
def csp_reports(request: HttpRequest) -> HttpResponse:
    """Of `report-uri` and of `report-to`. Says nothing, whatever it was."""
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length.isdecimal() or len(length) > 9:
        return HttpResponse(status=400)
    if int(length) > LARGEST:
        return HttpResponse(status=413)
    if not consume(request, action="csp_report", key="all"):
        return HttpResponse(status=429)
    try:
        sent = json.loads(request.body)
    except (ValueError, RecursionError):
        return HttpResponse(status=400)
    for report in sent[:MOST] if isinstance(sent, list) else [sent]:
        _log(report)
    return HttpResponse(status=204)


def _log(report: Any) -> None:
    """Only words that are known to be harmless: anybody can send a report."""
    inner = report.get("csp-report", report.get("body")) if isinstance(report, dict) else None
    if isinstance(inner, dict):
        directive = _first(inner, "effectiveDirective", "effective-directive", "violated-directive")
        logger.warning(
            "The policy %s refused %s on %s",
            directive if re.fullmatch(r"[a-z-]{1,40}", directive) else UNKNOWN,
            _origin(_first(inner, "blockedURL", "blocked-uri")),
            _route(_first(inner, "documentURL", "document-uri")),
        )


def _first(report: dict[str, Any], *names: str) -> str:
    return next((str(report[name]) for name in names if report.get(name)), "")


def _origin(blocked: str) -> str:
    """Such as https://evil.example, or a word such as `inline`."""
    found = re.match(r"[a-z][a-z-]{1,20}$|https?://[\w.-]{1,100}(?=[:/]|$)", blocked)
    return found[0] if found else UNKNOWN


def _route(address: str) -> str:
    try:
        return resolve(urlsplit(address).path).route
    except (ValueError, Resolver404):
        return UNKNOWN
