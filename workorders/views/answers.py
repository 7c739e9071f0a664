"""Decorators and answers that all views of a work order share.

A view fetches its work order through them, and answers that the action is done, refused, stale, or
not allowed.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from portal.people.requests import Request
from workorders.forms.refusals import add_refusal
from workorders.history.wording import describe_entries
from workorders.models import WorkOrder
from workorders.permissions import blocked_reason, role_may
from workorders.services import DomainError, NotAllowed, Stale
from workorders.states import Verb
from workorders.views.page_context import action_context, fetch

# Of a request, a work order, and what else its address names
View = Callable[..., HttpResponseBase]
# Of a request, a work order, and what the page says beside
Build = Callable[..., dict[str, Any]]


def readers_only(view: View) -> Any:
    """Let in only people who may read work orders. `visible_to` decides which ones they see."""

    @wraps(view)
    def wrapped(request: Request, *args: Any, **named: Any) -> HttpResponseBase:
        if not request.user.may_read:
            raise PermissionDenied
        return view(request, *args, **named)

    return wrapped


def list_view(view: View) -> Any:
    """Make a view of several work orders."""
    return require_safe(readers_only(view))


def work_order_view(
    verb: Verb | None = None, *, methods: tuple[str, ...] = ("GET", "HEAD")
) -> Callable[[View], Any]:
    """Make a view of one work order.

    Everyone who may see the work order may open the view; with a `verb`, only people whose role has
    it. Another partner's work order does not exist (404), and a verb that this person may not use
    is forbidden (403).
    """

    def decorate(view: View) -> Any:
        @require_http_methods(methods)
        @wraps(view)
        def wrapped(request: Request, number: str, **named: Any) -> HttpResponseBase:
            work_order = fetch(request, number)
            if verb and not role_may(request.user, verb, work_order):
                raise PermissionDenied
            if reason := _why_not(request, work_order, verb):
                messages.warning(request, reason)
                return redirect(page_url(request, work_order))
            try:
                return view(request, work_order, **named)
            except NotAllowed as error:
                raise PermissionDenied(str(error)) from error

        setattr(wrapped, "verb", verb)  # noqa: B010  a function's attribute, which the types do not know
        return wrapped

    return decorate


def _why_not(request: Request, work_order: WorkOrder, verb: Verb | None) -> str:
    """Explain why the page of an action is useless now. The service answers a POST by itself."""
    if verb is None or request.method == "POST":
        return ""
    return blocked_reason(work_order, verb, request.user)


def work_order_action(verb: Verb) -> Callable[[View], Any]:
    return work_order_view(verb, methods=("GET", "HEAD", "POST"))


def page_url(request: Request, work_order: WorkOrder, name: str = "work-order") -> str:
    """Return the address of one of the work order's pages, with the way back to the list."""
    address, back = reverse(name, args=[work_order.number]), request.GET.get("back")
    return f"{address}?{urlencode({'back': back})}" if back else address


def redirect_after(
    request: Request, work_order: WorkOrder, message: str, page: str = "work-order"
) -> HttpResponse:
    """Show the message on another page.

    `page` is the URL name of one of the work order's pages, or an address.
    """
    messages.success(request, message)
    address = page if page.startswith("/") else page_url(request, work_order, page)
    return redirected(request, address)


def redirected(request: Request, to: str) -> HttpResponse:
    return HttpResponse(headers={"HX-Redirect": to}) if request.htmx else redirect(to)


def handle_action(
    request: Request,
    work_order: WorkOrder,
    form: Form,
    template: str,
    *,
    save: Callable[[], object],
    message: str,
    page: str = "work-order",
    build: Build = action_context,
    **context: Any,
) -> HttpResponse:
    """Show the form of an action and, on POST, take the action.

    If the action is refused, the form comes back as it was filled in. `build` makes the page's
    context, and is only called if the page is shown.
    """
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                save()
                return redirect_after(request, work_order, message, page)
            except DomainError as error:
                status = add_refusal(form, error)
            except Stale as stale:
                status, work_order = 409, fetch(request, work_order.number)
                context |= {
                    "news": describe_entries(stale.news, request.user),
                    "fresh_version": work_order.version,
                }
    whole = build(request, work_order, form=form, **context)
    return render(request, template, whole, status=status)
