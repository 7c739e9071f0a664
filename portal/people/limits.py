"""How often somebody may try: so many times at once, then one more every so many seconds.

Tries are counted for the account, wherever they come from, and for the address, whatever the
account. On a device where somebody has logged in before, their tries are counted for that device
alone: no stranger can use them up. Nothing is ever closed, it only gets slower.
"""

import hashlib
import math
import time
from collections.abc import Mapping
from typing import NamedTuple

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.ratelimit import cache_lock, get_ip
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.people.devices import known_device

MINUTE, HOUR = 60, 3600


class Allowance(NamedTuple):
    tries: int  # at once
    every: int  # seconds until one more


LOGINS_OF_ACCOUNT = LOGINS_ON_DEVICE = Allowance(10, 6 * MINUTE)
LOGINS_OF_ADDRESS = Allowance(30, 2 * MINUTE)
CODES = Allowance(5, 6 * MINUTE)  # of six digits, asked for after the right password
RESETS_OF_ACCOUNT = Allowance(5, 12 * MINUTE)
RESETS_OF_ADDRESS = Allowance(30, 2 * MINUTE)

Tries = Mapping[str, Allowance]  # by what they are counted for


def login_tries(request: HttpRequest, email: str) -> Tries:
    if device := known_device(request, email):
        return {f"login:{device}:{email}": LOGINS_ON_DEVICE}
    return {f"login:{email}": LOGINS_OF_ACCOUNT, f"login:{get_ip(request)}": LOGINS_OF_ADDRESS}


def code_tries(request: HttpRequest, email: str) -> Tries:
    return {f"code:{known_device(request, email)}:{email}": CODES}


def reset_tries(request: HttpRequest, email: str) -> Tries:
    return {f"reset:{email}": RESETS_OF_ACCOUNT, f"reset:{get_ip(request)}": RESETS_OF_ADDRESS}


def take(request: HttpRequest, tries: Tries) -> None:
    """Take one of each, or of none: then the answer is 429, with the wait until all are left."""
    wait = max(_wait(_full_at(_key(name)), allowance) for name, allowance in tries.items())
    taken: list[str] = []
    for name, allowance in tries.items():
        wait = wait or _take(_key(name), allowance)
        taken += [] if wait else [name]
    if wait:
        give_back({name: tries[name] for name in taken})
        raise ImmediateHttpResponse(_too_many_attempts(request, math.ceil(wait)))


def give_back(tries: Tries) -> None:
    """It was the right one after all."""
    for name, allowance in tries.items():
        with cache_lock(_key(name)):
            _keep(_key(name), _full_at(_key(name)) - allowance.every)


def _take(key: str, allowance: Allowance) -> float:
    with cache_lock(key) as is_locked:
        full_at = _full_at(key)
        wait = _wait(full_at, allowance) if is_locked else 1.0
        if not wait:
            _keep(key, full_at + allowance.every)
        return wait


def _wait(full_at: float, allowance: Allowance) -> float:
    """Seconds until a try is left; 0 where one is."""
    used = full_at - time.time()
    return max(0.0, used - (allowance.tries - 1) * allowance.every)


def _full_at(key: str) -> float:
    """When no try will be missing any more: one number says all about an allowance."""
    kept: float = cache.get(key, 0.0)
    return max(kept, time.time())


def _keep(key: str, full_at: float) -> None:
    cache.set(key, full_at, max(1, math.ceil(full_at - time.time())))


def _key(name: str) -> str:
    return f"tries:{hashlib.sha256(name.encode()).hexdigest()}"


def _too_many_attempts(request: HttpRequest, seconds: int) -> HttpResponse:
    """Answer 429, with the wait in words and in Retry-After."""
    response = render(request, "429.html", {"wait": _in_words(seconds)}, status=429)
    response.headers["Retry-After"] = str(seconds)
    return response


def _in_words(seconds: int) -> str:
    count, unit = math.ceil(seconds / MINUTE), "minute"
    if seconds > HOUR:
        count, unit = math.ceil(seconds / HOUR), "hour"
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
