"""Headers on every response, and a login that htmx understands."""

from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.http.response import HttpResponseRedirectBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

from portal.people.models import User
from portal.people.sessions import extend_session, lacks_factor
from portal.sent_forms import busy, is_busy

View = Callable[..., HttpResponseBase]
PRIVATE = "private, no-store"
ENROLLING = {"security", "authenticator-app", "passkey", "account_logout"}
TEXTS = ("text/", "application/json")


class ResponseHeaders:
    """Keep browsers and proxies from storing pages; static files, named by hash, are cached."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers["Reporting-Endpoints"] = 'csp="/csp-reports"'
        response.headers["Permissions-Policy"] = (
            "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
        )
        if (
            not request.path.startswith(settings.STATIC_URL)
            and response.get("Cache-Control") != PRIVATE
        ):
            response.headers["Cache-Control"] = "no-store"
        return response


class Sessions(SessionMiddleware):
    """Show the page also where the database is busy, or the session has just ended: the next
    request extends it, or asks for the login.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        try:
            return super().process_response(request, response)
        except SessionInterrupted:
            return response


class Compression(GZipMiddleware):
    """Compress text only: photos and PDFs do not get smaller."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        is_text = response.get("Content-Type", "").startswith(TEXTS)
        return super().process_response(request, response) if is_text else response


class LoginRequired(LoginRequiredMiddleware):
    """Require a login for everything, with a second factor of whom must have one, and return to
    the same page after it. Work extends it.
    """

    def process_view(
        self, request: HttpRequest, view_func: View, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if not getattr(view_func, "login_required", True):
            return None  # before the session is read: /healthz answers without a database
        try:
            refused = super().process_view(request, view_func, args, kwargs)
            user = request.user
            if not isinstance(user, User):
                return refused
            if extend_session(request, user):
                return _enrolment(request) if lacks_factor(request, user) else refused
            logout(request)
            return cast(HttpResponseBase, self.handle_no_permission(request, view_func))
        except DatabaseError as error:  # nobody can be known without the database
            if not is_busy(error):
                raise
            return busy(request)

    def handle_no_permission(self, request: HttpRequest, view_func: View) -> Any:
        login = f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': _page(request)})}"
        return _led_to(login, request)


def _enrolment(request: HttpRequest) -> HttpResponse | None:
    """Lead to where a second factor is set up; None where that is under way."""
    if request.resolver_match and request.resolver_match.url_name in ENROLLING:
        return None
    return _led_to(resolve_url("security"), request)


def _led_to(address: str, request: HttpRequest) -> HttpResponse:
    """The whole page goes there, also where only a part of it was asked for."""
    if _is_fragment(request):
        return HttpResponse(status=401, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def _is_fragment(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true" or _is_kept(request)


def _is_kept(request: HttpRequest) -> bool:
    """A form that static/js/kept_forms.js sends: it gets a whole page, as without a script."""
    return "X-Whole-Page" in request.headers


class RedirectsOfKeptForms:
    """Tell the script where to go: a redirect would be followed behind its back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not _is_kept(request) or not isinstance(response, HttpResponseRedirectBase):
            return response
        answer = HttpResponse(headers={"HX-Redirect": response.url})
        answer.cookies = response.cookies
        return answer


def _page(request: HttpRequest) -> str:
    """The path of the page in the browser; fragments and forms have no page of their own."""
    if _is_fragment(request):
        return _own_path(request, request.headers.get("HX-Current-URL"))
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    return _own_path(request, request.headers.get("Referer"))


def _own_path(request: HttpRequest, url: str | None) -> str:
    """Path and query of one of our own addresses; `/` for any other, as headers can be forged."""
    if not url_has_allowed_host_and_scheme(url, {request.get_host()}):
        return "/"
    path = urlunsplit(urlsplit(url or "")._replace(scheme="", netloc="", fragment=""))
    return path if url_has_allowed_host_and_scheme(path, None) else "/"
