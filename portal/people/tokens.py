"""Links that let a person in once, until their password, address or access changes."""

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac

from portal.people.models import User

SALT = "people.invitation"


class ResetToken(PasswordResetTokenGenerator):
    """Django's own token, which a deactivation invalidates too."""

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{user.is_active}"


def invitation_token(user: User) -> str:
    return signing.dumps([user.pk, _fingerprint(user)], salt=SALT)


def invited_user(token: str, *, lock: bool = False) -> User | None:
    """Whom the token lets in; None when it was altered or used, or is past INVITATION_DAYS."""
    try:
        pk, fingerprint = signing.loads(token, salt=SALT, max_age=settings.INVITATION_DAYS * 86400)
    except signing.BadSignature:
        return None
    users = User.objects.select_for_update() if lock else User.objects.all()
    user = users.filter(pk=pk, is_active=True).first()
    return user if user and constant_time_compare(fingerprint, _fingerprint(user)) else None


def _fingerprint(user: User) -> str:
    return salted_hmac(SALT, f"{user.password}|{user.email}").hexdigest()[:32]
