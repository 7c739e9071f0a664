"""Devices where somebody has logged in before: each has an allowance of failed logins of its own.

A signed cookie says so. It names nobody, and lets nobody in.
"""

import hashlib
from collections.abc import Callable

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import get_random_string

SALT = "people.device"
KEPT = 180 * 86400  # seconds
MOST = 10  # people on one device


def known_device(request: HttpRequest, email: str) -> str:
    """The name of the device where this person has logged in before; empty if it is another one."""
    device, people = _read(request)
    return device if _person(device, email) in people else ""


def remember_device(request: HttpRequest, email: str) -> None:
    """Once this request is answered, the device is known to be this person's."""
    setattr(request, "known_by", email)  # noqa: B010  an HttpRequest does not know it


class KnownDevices:
    """Gives the device its cookie."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if email := getattr(request, "known_by", ""):
            device, people = _read(request)
            device = device or get_random_string(22)
            person = _person(device, email)
            people = [person, *(other for other in people if other != person)][:MOST]
            response.set_cookie(
                settings.DEVICE_COOKIE_NAME,
                signing.dumps([device, people], salt=SALT),
                max_age=KEPT,
                secure=settings.HTTPS,
                httponly=True,
                samesite="Lax",
            )
        return response


def _read(request: HttpRequest) -> tuple[str, list[str]]:
    try:
        cookie = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
        device, people = signing.loads(cookie, salt=SALT, max_age=KEPT)
    except signing.BadSignature:
        return "", []
    return device, people


def _person(device: str, email: str) -> str:
    return hashlib.sha256(f"{device} {email.lower()}".encode()).hexdigest()[:16]


BROWSERS = ("Edg", "OPR", "Firefox", "FxiOS", "CriOS", "Chrome", "Safari")  # the first that fits
SYSTEMS = ("iPhone", "iPad", "Android", "Windows", "Mac OS X", "CrOS", "Linux")
CALLED = {
    "Edg": "Edge",
    "OPR": "Opera",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Mac OS X": "Mac",
    "CrOS": "Chromebook",
}


def browser_of(request: HttpRequest) -> str:
    """Such as “Firefox on Windows”, by its own words."""
    said = request.META.get("HTTP_USER_AGENT", "")
    browser = next((name for name in BROWSERS if name in said), "")
    system = next((name for name in SYSTEMS if name in said), "")
    if not browser or not system:
        return "A browser"
    return f"{CALLED.get(browser, browser)} on {CALLED.get(system, system)}"
