"""Requests after login, whose user is one of ours."""

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from portal.people.models import User


class Request(HttpRequest):
    """What views get: there is always a user, and always `htmx`."""

    user: User
    htmx: HtmxDetails


def user_of(request: HttpRequest) -> User:
    """The user of a plain Django request, as the admin has them."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def after_saving(request: HttpRequest, do: Callable[[], None]) -> None:
    """Do what must not hold the locks of the form that is being saved.

    A form with a key is saved in one transaction, after which `portal.sent_forms` does it; any
    other is saved by now.
    """
    waiting: list[Callable[[], None]] | None = getattr(request, "after_saving", None)
    if waiting is None:
        do()
    else:
        waiting.append(do)
