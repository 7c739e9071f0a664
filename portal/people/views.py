"""The page that an invitation links to, and what a login page that is out of date answers."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from allauth.account.forms import ResetPasswordKeyForm
from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.csrf import csrf_failure
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from portal.people.services import accept_invitation
from portal.people.tokens import invited_user


def keeps_address_secret(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Keep the link out of Referer headers.

    `no-referrer` would make browsers send `Origin: null`, which Django's CSRF check refuses.
    """

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response.headers["Referrer-Policy"] = "strict-origin"
        return response

    return wrapper


def form_is_out_of_date(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Lead on from a login page that was open too long, or beside another one; else say so."""
    if request.path != reverse("account_login"):
        return csrf_failure(request, reason)
    onward = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(onward, {request.get_host()}):
        onward = "/"
    if request.user.is_authenticated:
        return redirect(onward)
    messages.info(request, "That page was open too long. Log in once more.")
    return redirect_to_login(onward)


@login_not_required
@keeps_address_secret
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    user = invited_user(token)
    form = ResetPasswordKeyForm(request.POST if request.method == "POST" else None, user=user)
    if user and form.is_valid():
        user = accept_invitation(token, password=form.cleaned_data["password1"])
        if user:
            logout(request)  # whoever it was who opened the link
            return cast(HttpResponse, perform_login(request, Login(user=user)))
    if not user:
        return render(request, "people/invitation_over.html", status=404)
    status = 422 if form.is_bound else 200
    return render(request, "people/invitation.html", {"form": form, "person": user}, status=status)
