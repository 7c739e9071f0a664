"""A partner's technicians, whom its dispatchers onboard and offboard.

Each needs an address in the partner's domain.
"""

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from portal.people.models import Partner, User
from portal.people.roles import DISPATCHING, Role
from portal.people.services import check_belongs, send_invitation
from portal.people.sessions import end_sessions


def onboard_technician(*, email: str, name: str, phone: str, by: User) -> User:
    """Onboard a technician of the partner of `by`, or one who had left, with an invitation.

    Raises ValidationError on the field for an address outside the partner's domain or in use.
    """
    partner, email = partner_of(by), email.lower()
    if not partner.email_domain:
        raise ValidationError(
            {"email": f"{settings.OPERATOR_NAME} has not entered your e-mail domain yet. Ask them."}
        )
    check_belongs(email, Role.TECHNICIAN, partner)
    with transaction.atomic():
        user = User.objects.select_for_update().filter(email=email).first() or User(email=email)
        if user.pk and (user.role != Role.TECHNICIAN or user.partner_id != partner.pk):
            raise ValidationError(
                {"email": "This address belongs to someone who is not one of your technicians."}
            )
        if user.pk and user.is_active:
            raise ValidationError({"email": f"{user.name} is already one of your technicians."})
        user.name, user.phone, user.is_active = name, phone, True
        user.role, user.partner = Role.TECHNICIAN, partner
        user.set_unusable_password()
        user.full_clean()
        user.save()
        send_invitation(user)
    return user


def let_go(technician: User, *, by: User) -> User:
    """Offboard a technician, who is logged out with the next request.

    Onboarded again, they choose a new password.
    """
    partner = partner_of(by)
    technician = User.objects.select_for_update().get(pk=technician.pk)
    if technician.partner_id != partner.pk or technician.role != Role.TECHNICIAN:
        raise PermissionDenied
    technician.is_active = False
    technician.set_unusable_password()
    technician.save(update_fields=["is_active", "password"])
    end_sessions(technician)
    return technician


def invite_again(technician: User, *, by: User) -> None:
    """Send another link to choose the first password.

    Raises ValidationError when the technician already has one.
    """
    partner = partner_of(by)
    with transaction.atomic():
        technician = User.objects.select_for_update().get(
            pk=technician.pk, partner=partner, role=Role.TECHNICIAN
        )
        send_invitation(technician)


def partner_of(person: User) -> Partner:
    """The partner whose technicians this person may onboard and offboard."""
    if person.role not in DISPATCHING or person.partner is None or not person.is_active:
        raise PermissionDenied
    return person.partner
