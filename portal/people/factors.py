"""Second factors: an authenticator app, passkeys, and codes for when neither is at hand.

Whoever must have one (`User.must_have_factor`) opens no page without it. A factor that is added
or taken away ends the person's other sessions, stands in the audit, and is told by mail.
"""

from typing import Any, NamedTuple

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from portal.audit.models import AuditEvent
from portal.audit.services import keep_entry
from portal.people.letters import queue_account_change
from portal.people.models import User
from portal.people.sessions import end_sessions

Kind = Authenticator.Type
APP, PASSKEY, CODES = "authenticator app", "passkey", "recovery codes"
NAMES = {Kind.TOTP: APP, Kind.WEBAUTHN: PASSKEY, Kind.RECOVERY_CODES: CODES}


class Factors(NamedTuple):
    """What a person can give besides the password."""

    app: Authenticator | None
    passkeys: list[Authenticator]
    codes: list[str]  # those that have not been used

    @property
    def has_any(self) -> bool:
        return bool(self.app or self.passkeys)


def factors_of(user: User) -> Factors:
    rows = list(Authenticator.objects.filter(user=user).order_by("created_at", "pk"))
    of_kind = {kind: [row for row in rows if row.type == kind] for kind in Kind}
    codes = of_kind[Kind.RECOVERY_CODES]
    unused = RecoveryCodes(codes[0]).get_unused_codes() if codes else []
    return Factors(next(iter(of_kind[Kind.TOTP]), None), of_kind[Kind.WEBAUTHN], unused)


def add_authenticator_app(user: User, *, secret: str, session: str | None) -> None:
    """Add the app that knows this secret; the session that asks goes on, others end."""
    with transaction.atomic():
        _lock(user)
        if _main(user).filter(type=Kind.TOTP).exists():
            raise ValidationError("You have an authenticator app already.")
        TOTP.activate(user, secret)
        _note_added(user, APP, session)


def add_passkey(user: User, *, name: str, credential: Any, session: str | None) -> None:
    with transaction.atomic():
        _lock(user)
        WebAuthn.add(user, name, credential)
        _note_added(user, PASSKEY, session)


def _note_added(user: User, what: str, session: str | None) -> None:
    RecoveryCodes.activate(user)  # unless there are some
    end_sessions(user, but=session)
    keep_entry(AuditEvent.FACTOR_ADDED, by=user, person=user, note=what)
    queue_account_change(user, f"A second factor was added to your account: {what}", by=user)


def remove_factor(user: User, factor: Authenticator, *, session: str | None) -> None:
    """Take an app or a passkey away; with the last one go the recovery codes.

    Raises ValidationError where this person must have one, and has no other.
    """
    with transaction.atomic():
        _lock(user)
        others = _main(user).exclude(pk=factor.pk)
        if user.must_have_factor and not others.exists():
            raise ValidationError("You must have a second factor. Add another one first.")
        factor.delete()
        if not others.exists():
            _all(user).delete()
        end_sessions(user, but=session)
        what = NAMES[Kind(factor.type)]
        keep_entry(AuditEvent.FACTOR_REMOVED, by=user, person=user, note=what)
        sentence = f"A second factor was removed from your account: {what}"
        queue_account_change(user, sentence, by=user)


def make_recovery_codes(user: User) -> None:
    """New ones; those made before no longer work. Raises ValidationError without a factor."""
    with transaction.atomic():
        _lock(user)
        if not _main(user).exists():
            raise ValidationError("Set up an authenticator app or a passkey first.")
        _all(user).filter(type=Kind.RECOVERY_CODES).delete()
        RecoveryCodes.activate(user)
        keep_entry(AuditEvent.FACTOR_ADDED, by=user, person=user, note=CODES)
        sentence = "New recovery codes were made for your account; the earlier ones no longer work"
        queue_account_change(user, sentence, by=user)


def reset_factors(user: User, *, by: User | None) -> int:
    """Take all of them away and end all sessions; returns how many there were."""
    with transaction.atomic():
        _lock(user)
        count = _main(user).count()
        _all(user).delete()
        end_sessions(user)
        keep_entry(AuditEvent.FACTORS_RESET, by=by, person=user)
        queue_account_change(user, "The second factors of your account were taken away", by=by)
    return count


def _lock(user: User) -> None:
    User.objects.select_for_update().get(pk=user.pk)


def _all(user: User) -> "QuerySet[Authenticator]":
    rows: QuerySet[Authenticator] = Authenticator.objects.filter(user=user)
    return rows


def _main(user: User) -> "QuerySet[Authenticator]":
    return _all(user).exclude(type=Kind.RECOVERY_CODES)
