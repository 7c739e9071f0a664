"""What allauth may do here: log people in, and send them a link to choose a new password.

Nobody can sign up.
"""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import get_random_string
from django.utils.http import url_has_allowed_host_and_scheme

from portal.outbox.headers import portal_name
from portal.people.devices import remember_device
from portal.people.letters import queue_password_reset
from portal.people.limits import give_back, login_tries, take
from portal.people.models import User
from portal.people.services import change_password

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

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """The person, or None; the right password costs no try."""
        tries = login_tries(request, str(credentials.get("email", "")).lower())
        take(request, tries)
        person = super().authenticate(request, **credentials)
        if person:
            give_back(tries)
        return person

    def set_password(self, user: User, password: str) -> None:
        """Whoever has the mail is let in here, however much others have tried elsewhere."""
        change_password(user, password)
        remember_device(context.request, user.email)

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


class FactorAdapter(DefaultMFAAdapter):
    """How authenticator apps and passkeys name this portal: by its public address, never by a Host
    header.
    """

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "That is not the right code. Wait for the next one, and type that."
    }

    def get_totp_issuer(self) -> str:
        return portal_name()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": str(settings.PORTAL_BASE.hostname), "name": portal_name()}
