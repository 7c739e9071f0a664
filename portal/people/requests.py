"""A request behind the login: its user is a person of ours."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from portal.people.models import User


class Request(HttpRequest):
    """What a view gets: nothing is reached without a login, and htmx is always asked about."""

    user: User
    htmx: HtmxDetails


def user_of(request: HttpRequest) -> User:
    """The person at work, where Django's own signatures know requests only: in the admin."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
