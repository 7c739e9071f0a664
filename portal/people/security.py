"""A person's own pages about how they log in: second factors, sessions, password."""

import base64
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.forms import ResetPasswordKeyForm
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.mfa.webauthn.internal.auth import begin_registration
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.people.devices import browser_of
from portal.people.factors import (
    add_authenticator_app,
    add_passkey,
    factors_of,
    make_recovery_codes,
    remove_factor,
)
from portal.people.forms import AppForm, PasskeyForm
from portal.people.requests import Request
from portal.people.services import change_password
from portal.people.sessions import (
    FACTOR,
    is_fresh,
    lacks_factor,
    log_out_everywhere,
    open_sessions,
)

View = Callable[..., HttpResponse]
SECRET = "secret-of-app"  # noqa: S105  in the session, while the app is being set up


def fresh_login_required(view: View) -> View:
    """Send everybody else back to the page that asks them to log in once more."""

    @wraps(view)
    def wrapper(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        return view(request, *args, **kwargs) if _may_change(request) else redirect("security")

    return wrapper


def _may_change(request: Request) -> bool:
    """Whoever has a factor must have given it."""
    gave_all = request.session.get(FACTOR) or not factors_of(request.user).has_any
    return bool(gave_all) and is_fresh(request)


@require_safe
def security(request: Request) -> HttpResponse:
    context = {
        "factors": factors_of(request.user),
        "sessions": open_sessions(request.user, this=request.session.session_key),
        "may_change": _may_change(request),
        "must_enrol": lacks_factor(request, request.user),
        "passkeys_work": settings.PASSKEYS,
    }
    return render(request, "security/security.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("code")
@fresh_login_required
def authenticator_app(request: Request) -> HttpResponse:
    secret = request.session.setdefault(SECRET, generate_totp_secret())
    form = AppForm(request.POST if request.method == "POST" else None, secret=secret)
    if form.is_valid():
        try:
            add_authenticator_app(request.user, secret=secret, session=_key(request))
        except ValidationError as error:
            form.add_error(None, error)
        else:
            del request.session[SECRET]
            return _added(request)
    adapter = get_adapter()
    picture = adapter.build_totp_svg(adapter.build_totp_url(request.user, secret))
    context = {
        "form": form,
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "picture": base64.b64encode(picture.encode()).decode(),
    }
    status = 422 if form.is_bound else 200
    return render(request, "security/authenticator_app.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@fresh_login_required
def passkey(request: Request) -> HttpResponse:
    if not settings.PASSKEYS:
        raise Http404
    sent = request.POST if request.method == "POST" else None
    form = PasskeyForm(sent, user=request.user)
    if form.is_valid():
        credential = form.cleaned_data["credential"]
        name, session = browser_of(request), _key(request)
        add_passkey(request.user, name=name, credential=credential, session=session)
        return _added(request)
    context = {"form": form, "options": begin_registration(request.user, False)}
    status = 422 if form.is_bound else 200
    return render(request, "security/passkey.html", context, status=status)


def _added(request: Request) -> HttpResponse:
    request.session[FACTOR] = True
    return redirect("recovery-codes")


def _key(request: Request) -> str | None:
    return request.session.session_key


@require_http_methods(["GET", "HEAD", "POST"])
@fresh_login_required
def recovery_codes(request: Request) -> HttpResponse:
    if request.method == "POST":
        try:
            make_recovery_codes(request.user)
        except ValidationError as error:
            messages.error(request, error.message)
            return redirect("security")
        return redirect("recovery-codes")
    return render(request, "security/recovery_codes.html", {"factors": factors_of(request.user)})


@require_POST
@fresh_login_required
def remove_own_factor(request: Request, factor: int) -> HttpResponse:
    rows = Authenticator.objects.filter(user=request.user)
    row = get_object_or_404(rows.exclude(type=Authenticator.Type.RECOVERY_CODES), pk=factor)
    try:
        remove_factor(request.user, row, session=_key(request))
    except ValidationError as error:
        messages.error(request, error.message)
    else:
        if not factors_of(request.user).has_any:
            request.session.pop(FACTOR, None)
    return redirect("security")


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@fresh_login_required
def own_password(request: Request) -> HttpResponse:
    sent = request.POST if request.method == "POST" else None
    form = ResetPasswordKeyForm(sent, user=request.user)
    if form.is_valid():
        change_password(request.user, form.cleaned_data["password1"])
        update_session_auth_hash(request, request.user)
        messages.success(request, "Your new password is saved. Everywhere else you are logged out.")
        return redirect("security")
    context = {"form": form, "person": request.user}
    status = 422 if form.is_bound else 200
    return render(request, "security/own_password.html", context, status=status)


@require_POST
def end_own_sessions(request: Request) -> HttpResponse:
    log_out_everywhere(request.user)
    logout(request)
    return redirect("account_login")
