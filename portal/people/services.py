"""Who gets in: people are added, invited, changed, deactivated and erased, but never deleted."""

import datetime as dt
from collections.abc import Collection

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from portal.audit.models import AuditEvent
from portal.audit.services import keep_entry
from portal.outbox.models import Message
from portal.people.letters import queue_account_change, queue_invitation
from portal.people.models import NOWHERE, Partner, SentForm, Separator, User
from portal.people.roles import Role
from portal.people.sessions import end_sessions
from portal.people.tokens import invitation_token, invited_user

RIGHTS = ("role", "partner", "is_active", "is_superuser")  # what gives rights, besides groups
SENT_FORMS_KEPT = dt.timedelta(days=30)


def add_user(user: User, *, by: User | None) -> None:
    """Save a new person without a password, and send an invitation to choose one."""
    _require(by, "people.add_user", [user])
    user.email = user.email.lower()
    user.set_unusable_password()
    check_belongs(user.email, user.role, user.partner)
    user.full_clean()
    with transaction.atomic():
        user.save()
        keep_entry(AuditEvent.ADDED, by=by, person=user, note=user.get_role_display())
        invite(user, by=by)


def change_user(user: User, *, fields: Collection[str], by: User | None) -> None:
    """Save these fields; a deactivated person is logged out with the next request."""
    if not fields:
        return
    user.email = user.email.lower()
    with transaction.atomic():
        before = User.objects.select_for_update().get(pk=user.pk)
        _require(by, "people.change_user", [before, user])
        if {"email", "role", "partner"} & set(fields):
            check_belongs(user.email, user.role, user.partner)
        user.full_clean(exclude=["password"])
        user.save(update_fields=fields)
        if not user.is_active:
            end_sessions(user)
        if before.email != user.email:
            keep_entry(AuditEvent.EMAIL_CHANGED, by=by, person=user)
            what = f"The e-mail address that you log in with is now {user.email}"
            queue_account_change(user, what, by=by, also_to=[before.email])
        note_rights(user, [field for field in RIGHTS if field in fields], by=by)


def note_rights(user: User, fields: Collection[str], *, by: User | None) -> None:
    """Keep in the audit what of these a person has now, and tell them, but for their access."""
    now = {field: getattr(user, f"{field}_id", getattr(user, field)) for field in fields}
    if "groups" in fields:
        now["groups"] = ", ".join(user.groups.order_by("name").values_list("name", flat=True))
    if now:
        note = "; ".join(f"{field}: {value}" for field, value in now.items())
        keep_entry(AuditEvent.RIGHTS_CHANGED, by=by, person=user, note=note)
    if set(now) - {"is_active"}:
        queue_account_change(user, f"Your role is now {_role_in_words(user)}", by=by)


def _role_in_words(user: User) -> str:
    """With the groups, which have been saved by now."""
    words = [user.get_role_display()]
    words += [f"of {user.partner.name}"] if user.partner else []
    words += ["with all rights"] if user.is_superuser else []
    groups = ", ".join(user.groups.order_by("name").values_list("name", flat=True))
    return " ".join([*words, f"in {groups}"] if groups else words)


def invite(user: User, *, by: User | None) -> Message:
    """Queue a mail with a link to choose the first password.

    Earlier links stay valid until one is used.
    """
    _require(by, "people.add_user", [user])
    with transaction.atomic():
        return send_invitation(User.objects.select_for_update().get(pk=user.pk))


def send_invitation(user: User) -> Message:
    """Queue the invitation for a locked row.

    Raises ValidationError for a deactivated user or one who has a password.
    """
    if not user.is_active:
        raise ValidationError(f"{user.name} is deactivated. Select “active” first, then invite.")
    if user.has_usable_password():
        raise ValidationError(
            f"{user.name} already has a password and can reset it on the login page."
        )
    return queue_invitation(user, reverse("invitation", args=[invitation_token(user)]))


def accept_invitation(token: str, *, password: str) -> User | None:
    """Set the first password, once; None when the link is no longer valid."""
    with transaction.atomic():
        user = invited_user(token, lock=True)
        if user:
            change_password(user, password)
        return user


def change_password(user: User, password: str) -> None:
    """Choose a new password, by the person: all sessions end but the one that this is done in."""
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password"])
        note_new_password(user, by=user)


def note_new_password(user: User, *, by: User | None) -> None:
    keep_entry(AuditEvent.PASSWORD_CHANGED, by=by, person=user)
    queue_account_change(user, "Your password was changed", by=by)


def erase_user(user: User, *, by: User) -> User:
    """Remove everything that could identify the person; the row stays, as the history refers to it.

    Erases name, addresses, phone, password, certifications, permissions and sent mails. Raises
    ValidationError for a person who has been erased, and for oneself.
    """
    if not by.is_active or not by.is_superuser:
        raise PermissionDenied
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=user.pk)
        if person.is_erased:
            raise ValidationError(f"{person.name} has already been erased.")
        if person.pk == by.pk:
            raise ValidationError("You cannot erase yourself. Ask another administrator.")
        Message.objects.filter(to__iexact=person.email).delete()
        EmailAddress.objects.filter(user=person).delete()
        person.certifications.all().delete()
        SentForm.objects.filter(user=person).delete()
        Authenticator.objects.filter(user=person).delete()
        end_sessions(person)
        person.groups.clear()
        person.user_permissions.clear()
        person.name = f"Erased person {person.pk}"
        person.email = f"erased-{person.pk}@{NOWHERE}"
        person.phone = person.time_zone = ""
        person.is_active = person.is_superuser = False
        person.last_login, person.notification_preferences = None, {}
        person.set_unusable_password()
        blanked = ["name", "email", "phone", "is_active", "is_superuser", "last_login", "password"]
        person.save(update_fields=[*blanked, "notification_preferences", "time_zone"])
        about = LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(User), object_id=str(person.pk)
        )
        about.update(object_repr=person.name)
        keep_entry(AuditEvent.ERASED, by=by, person=person)
    return person


def forget_sent_forms(now: dt.datetime | None = None) -> int:
    """Delete the keys and answers of forms that were sent more than 30 days ago."""
    before = (now or timezone.now()) - SENT_FORMS_KEPT
    return SentForm.objects.filter(at__lt=before).delete()[0]


def check_belongs(email: str, role: str, partner: Partner | None) -> None:
    """Refuse a role that does not match the partner, and an address outside their domain."""
    if (role == Role.STAFF) != (partner is None):
        raise ValidationError({"partner": "A partner's user needs a partner; staff have none."})
    if partner:
        check_domain(email, partner)


def check_domain(email: str, partner: Partner, field: str = "email") -> None:
    if partner.email_domain and email.rpartition("@")[2].lower() != partner.email_domain.lower():
        raise ValidationError(
            {field: f"Addresses of {partner.name} must end with @{partner.email_domain}."}
        )


def choose_notifications(
    user: User, *, notification_preferences: dict[str, str], time_zone: str
) -> None:
    """Save how this person gets each kind of notification, and the time zone of the digest.

    An empty time zone stands for the sites' time zones.
    """
    user.notification_preferences, user.time_zone = notification_preferences, time_zone
    user.save(update_fields=["notification_preferences", "time_zone"])


def choose_separator(user: User, separator: Separator) -> None:
    """Save what separates the cells in the CSV files that this person exports."""
    user.csv_separator = separator
    user.save(update_fields=["csv_separator"])


def share_mailbox(partner: Partner, *, mailbox: str, by: User) -> None:
    """Save the address that gets the partner's notifications; empty for none.

    Raises ValidationError for an address outside the partner's domain.
    """
    if by.partner_id != partner.pk or not by.may_dispatch:
        raise PermissionDenied
    if mailbox and not partner.email_domain:
        raise ValidationError(
            {"shared_mailbox": f"{settings.OPERATOR_NAME} has not entered your e-mail domain yet."}
        )
    check_domain(mailbox or f"@{partner.email_domain}", partner, "shared_mailbox")
    partner.shared_mailbox = mailbox
    partner.save(update_fields=["shared_mailbox"])


def _require(by: User | None, permission: str, people: Collection[User]) -> None:
    """Refuse without the permission. Only superusers may change staff, who could gain rights so."""
    if by is None or by.is_superuser:
        return
    if not by.has_perm(permission) or any(
        person.is_staff or person.is_superuser for person in people
    ):
        raise PermissionDenied
