"""What a request is called where it is counted or logged: by its pattern, never its values."""

from django.conf import settings
from django.http import HttpRequest

METHODS = {"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"}
UNKNOWN = "(unknown)"
PROBES = ("/healthz", "/readyz", "/metrics")  # answered before an address is looked up


def route_of(request: HttpRequest) -> str:
    """Such as `work-orders/<slug:number>/accept/`; one name for all addresses that are none."""
    if request.resolver_match:
        return request.resolver_match.route
    if request.path in PROBES:
        return request.path.removeprefix("/")
    if request.path.startswith(settings.STATIC_URL):
        return settings.STATIC_URL.removeprefix("/")
    return UNKNOWN


def method_of(request: HttpRequest) -> str:
    """One of the known ones: anybody can invent others."""
    return request.method if request.method in METHODS else "(other)"
