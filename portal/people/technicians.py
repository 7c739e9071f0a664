"""A partner's technicians: taken on and let go by its own dispatchers, with an address on the
partner's domain.
"""

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from portal.people.models import Partner, User
from portal.people.roles import DISPATCHING, Role
from portal.people.services import check_belongs, send_invitation


def onboard_technician(*, email: str, name: str, phone: str, by: User) -> User:
    """A technician of the partner of `by`, invited to choose a password; one who had left comes
    back.

    Raises ValidationError at the field for an address that is not the partner's, or stands already.
    """
    partner, email = partner_of(by), email.lower()
    if not partner.email_domain:
        raise ValidationError(
            {"email": f"{settings.OPERATOR_NAME} has not entered your e-mail domain yet: ask them."}
        )
    check_belongs(email, Role.TECHNICIAN, partner)
    with transaction.atomic():
        user = User.objects.select_for_update().filter(email=email).first() or User(email=email)
        if user.pk and (user.role != Role.TECHNICIAN or user.partner_id != partner.pk):
            raise ValidationError(
                {"email": "Someone who is not a technician of yours has this address."}
            )
        if user.pk and user.is_active:
            raise ValidationError({"email": f"{user.name} is a technician of yours already."})
        user.name, user.phone, user.role, user.partner, user.is_active = (
            name,
            phone,
            Role.TECHNICIAN,
            partner,
            True,
        )
        user.set_unusable_password()
        user.full_clean()
        user.save()
        send_invitation(user)
    return user


def let_go(technician: User, *, by: User) -> User:
    """Out with the next request, and for good: whoever is taken on again chooses a new password."""
    partner = partner_of(by)
    technician = User.objects.select_for_update().get(pk=technician.pk)
    if technician.partner_id != partner.pk or technician.role != Role.TECHNICIAN:
        raise PermissionDenied
    technician.is_active = False
    technician.set_unusable_password()
    technician.save(update_fields=["is_active", "password"])
    return technician


def invite_again(technician: User, *, by: User) -> None:
    """Another link to choose the first password.

    Raises ValidationError when there is one already.
    """
    partner = partner_of(by)
    with transaction.atomic():
        technician = User.objects.select_for_update().get(
            pk=technician.pk, partner=partner, role=Role.TECHNICIAN
        )
        send_invitation(technician)


def partner_of(person: User) -> Partner:
    """Whose technicians this person may take on and let go."""
    if person.role not in DISPATCHING or person.partner is None or not person.is_active:
        raise PermissionDenied
    return person.partner
