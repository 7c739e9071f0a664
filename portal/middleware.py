"""Headers on every response, and a login that htmx understands."""

from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url


class ResponseHeaders:
    """Nothing of a page is kept by a browser or a proxy; static files are, for they carry a hash in their name."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
        if not request.path.startswith("/static/"):
            response.headers["Cache-Control"] = "no-store"
        return response


class LoginRequired(LoginRequiredMiddleware):
    """Everything asks for a login; a fragment that comes too late leads to it, and from there back to its page."""

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]) -> HttpResponseBase:
        if not request.htmx:
            return super().handle_no_permission(request, view_func)
        page = urlsplit(request.htmx.current_url_abs_path or "/")
        back = page.path + (f"?{page.query}" if page.query else "")
        login = f"{resolve_url(self.get_login_url(view_func))}?{urlencode({'next': back})}"
        return HttpResponse(status=401, headers={"HX-Redirect": login})
