"""Addresses for machines: whether the portal lives, can serve, and how it does."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from portal.health import healthz, readyz
from portal.metrics import metrics

PROBES = {"/healthz": healthz, "/readyz": readyz, "/metrics": metrics}


class Probes:
    """Answer probes before anything else: they come by IP, and know no host name."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        probe = PROBES.get(request.path)
        return probe(request) if probe else self.get_response(request)
