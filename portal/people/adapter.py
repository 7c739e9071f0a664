"""What allauth may do here: log people in, and send them a link to choose a new password.

Nobody can sign up.
"""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.ratelimit import respond_429
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import get_random_string
from django.utils.http import url_has_allowed_host_and_scheme

from portal.people.letters import queue_password_reset
from portal.people.models import User

RESET = "account_reset_password_from_key"


class Adapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_ajax(self, request: HttpRequest) -> bool:
        return False  # nothing here reads allauth's JSON answers

    def is_safe_url(self, url: str | None) -> bool:
        return url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: the pages themselves say what has happened."""

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError as error:
            raise ImmediateHttpResponse(respond_429(request)) from error

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Client address and account, so that a stranger's failures do not lock the owner out.

        allauth uses the Host header instead of the address; each port named there would allow five
        more attempts.
        """
        return f"{self.get_client_ip(request)}:{credentials.get('email', '').lower()}"

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        path = reverse(RESET, kwargs={"uidb36": context["uid"], "key": context["key"]})
        with transaction.atomic():
            queue_password_reset(user.email, user.name, path)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Instead of allauth's other mail, which goes to addresses without an account: nothing.

        The same work is done as for an account, so that the time of the answer does not tell the
        two apart.
        """
        path = reverse(RESET, kwargs={"uidb36": "0", "key": get_random_string(39)})
        with transaction.atomic():
            queue_password_reset(email, email, path).delete()
