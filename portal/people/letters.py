"""Mails about access.

Their links begin with PORTAL_BASE_URL, whatever the request's Host header says.
"""

from collections.abc import Collection
from hashlib import sha256
from uuid import uuid4

from django.conf import settings
from django.urls import reverse

from portal.outbox.headers import portal_name
from portal.outbox.models import Message
from portal.outbox.services import queue_mail
from portal.people.models import User

FOOTER = "\n\nThis message was sent automatically. Please do not reply to it.\n"


def queue_invitation(user: User, path: str) -> Message:
    place = f"the {portal_name()}"
    whose = f" for {user.partner.name}" if user.partner else ""
    body = (
        f"Hello {user.name},\n\nYou now have an account in {place}{whose}.\n\n"
        f"Choose your password here:\n\n{settings.PORTAL_BASE_URL}{path}\n\n"
        f"The link works once, within {settings.INVITATION_DAYS} days. After that, log in with"
        f" {user.email} and your password at\n\n{settings.PORTAL_BASE_URL}/"
    )
    return _queue("invitation", user.email, f"Your access to {place}", body)


def queue_password_reset(to: str, name: str, path: str) -> Message:
    minutes = settings.PASSWORD_RESET_TIMEOUT // 60
    body = (
        f"Hello {name},\n\nSomebody, probably you, asked for a new password for {to} in the"
        f" {portal_name()}.\n\n"
        f"Choose it here:\n\n{settings.PORTAL_BASE_URL}{path}\n\n"
        f"The link works once, within {minutes} minutes. If it was not you, ignore this message:"
        " your password has not changed."
    )
    return _queue("password-reset", to, f"A new password for the {portal_name()}", body)


def _queue(kind: str, to: str, subject: str, body: str) -> Message:
    """Queue one message for each link; its key does not reveal the link."""
    key = f"{kind}-{sha256(body.encode()).hexdigest()[:32]}"
    return queue_mail(key=key, to=to, subject=subject, body=body + FOOTER)


def queue_account_change(
    user: User, what: str, *, by: User | None, also_to: Collection[str] = ()
) -> None:
    """Tell a person what was changed of their account, and what to do if that is a surprise."""
    call = settings.OPERATOR_SUPPORT_PHONE
    reset = f"{settings.PORTAL_BASE_URL}{reverse('account_reset_password')}"
    body = (
        f"Hello {user.name},\n\n{what}, in the {portal_name()}, {_who(user, by)}.\n\n"
        f"If you did not expect this, tell {settings.OPERATOR_NAME} at once"
        f"{f', at {call}' if call else ''}, and choose a new password:\n\n{reset}"
    )
    subject = f"Your account in the {portal_name()}"
    for address in {user.email, *also_to}:
        key = f"account-change-{uuid4().hex}"
        queue_mail(key=key, to=address, subject=subject, body=body + FOOTER)


def _who(user: User, by: User | None) -> str:
    if by is None:
        return "on the server"
    return "by you or in your name" if by.pk == user.pk else f"by {by.name}"
