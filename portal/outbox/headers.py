"""What every mail says of its sender."""

from email.utils import formataddr, parseaddr

from django.conf import settings

# The first for programs that keep to RFC 3834, the second for Exchange.
NOBODY_ANSWERS = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}


def portal_name() -> str:
    """How mails name the portal: in their subject, their text and their From."""
    return f"Partner Portal of {settings.OPERATOR_NAME}"


def sender() -> str:
    """The address in the settings, with the portal's name unless it has one of its own."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    own = " ".join(portal_name().split())
    return formataddr((name or own, address)) if address else settings.DEFAULT_FROM_EMAIL
