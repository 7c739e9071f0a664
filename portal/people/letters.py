"""The mails about access.

Their links begin with PORTAL_BASE_URL, whatever Host a request came with.
"""

from hashlib import sha256

from django.conf import settings

from portal.outbox.models import Message
from portal.outbox.services import queue_mail
from portal.people.models import User

FOOTER = "\n\nThis message was sent automatically; nobody reads answers to it.\n"


def queue_invitation(user: User, path: str) -> Message:
    place = f"the Partner Portal of {settings.OPERATOR_NAME}"
    whose = f" for {user.partner.name}" if user.partner else ""
    body = (
        f"Hello {user.name},\n\nan account was made for you in {place}{whose}.\n\n"
        f"Choose your password here:\n\n{settings.PORTAL_BASE_URL}{path}\n\n"
        f"The link works once and for {settings.INVITATION_DAYS} days. From then on you log in with "
        f"{user.email} and your password at\n\n{settings.PORTAL_BASE_URL}/"
    )
    return _queue("invitation", user.email, f"Your access to {place}", body)


def queue_password_reset(to: str, name: str, path: str) -> Message:
    body = (
        f"Hello {name},\n\nsomebody, most likely you, asked for a new password for {to} in the Partner Portal of "
        f"{settings.OPERATOR_NAME}.\n\nChoose it here:\n\n{settings.PORTAL_BASE_URL}{path}\n\n"
        f"The link works once and for {settings.PASSWORD_RESET_TIMEOUT // 60} minutes. If it was not you, "
        "you need not do anything: your password stays as it is."
    )
    return _queue("password-reset", to, "A new password for the Partner Portal", body)


def _queue(kind: str, to: str, subject: str, body: str) -> Message:
    """One link is one message; its key does not tell the link."""
    key = f"{kind}-{sha256(body.encode()).hexdigest()[:32]}"
    return queue_mail(key=key, to=to, subject=subject, body=body + FOOTER)
