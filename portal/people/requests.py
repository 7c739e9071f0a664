"""Requests after login, whose user is one of ours."""

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
