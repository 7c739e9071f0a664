"""Too many attempts: how long to wait until the next one is let in."""

import math
import time

from allauth.account.adapter import get_adapter
from allauth.core.internal.ratelimit import get_cache_key, get_rates
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

APP = "allauth.account"
MINUTE, HOUR = 60, 3600


def too_many_attempts(request: HttpRequest) -> HttpResponse:
    """Answer 429, with the wait in words and in Retry-After."""
    seconds = _seconds_to_wait(request)
    context = {"wait": _in_words(seconds)} if seconds else {}
    response = render(request, "429.html", context, status=429)
    if seconds:
        response.headers["Retry-After"] = str(seconds)
    return response


def _seconds_to_wait(request: HttpRequest) -> int:
    """Until every limit of this address and account lets one more in; 0 if none is reached."""
    account = request.POST.get("login", "")
    failed = get_adapter()._get_login_attempts_cache_key(request, email=account)
    keys = {
        "login": "",
        "login_failed": failed,
        "reset_password": request.POST.get("email", "").lower(),
    }
    waits = [
        _wait(request, action, rate, key)
        for action, key in keys.items()
        for rate in get_rates(app=APP, action=action)
    ]
    return max(waits, default=0)


def _wait(request: HttpRequest, action: str, rate: object, key: str) -> int:
    """`history` holds the instants of the attempts that still count, the latest first."""
    name = get_cache_key(request, app=APP, action=action, rate=rate, key=key)
    history, amount = cache.get(name, []), getattr(rate, "amount", 0)
    if len(history) < amount:
        return 0
    left: float = history[amount - 1] + getattr(rate, "duration", 0) - time.time()
    return max(0, math.ceil(left))


def _in_words(seconds: int) -> str:
    count, unit = math.ceil(seconds / MINUTE), "minute"
    if seconds > HOUR:
        count, unit = math.ceil(seconds / HOUR), "hour"
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
