"""The roles of people, and the rights of staff, who have no partner and no partner's role."""

from enum import StrEnum

from django.db.models import TextChoices


class Role(TextChoices):
    DISPATCHER = "dispatcher", "Dispatcher"
    TECHNICIAN = "technician", "Technician"
    MANAGER = "manager", "Partner manager"
    STAFF = "staff", "Staff"


DISPATCHING = frozenset({Role.DISPATCHER, Role.MANAGER})  # every partner action
PARTNER_ROLES = DISPATCHING | {Role.TECHNICIAN}
WITH_FACTOR = frozenset({Role.STAFF, Role.MANAGER})  # where MFA_REQUIRED says so
EVERYONE = PARTNER_ROLES | {Role.STAFF}


class Right(StrEnum):
    """What staff may do: permissions of Django, asked on the portal's pages and in the admin."""

    READ = "workorders.view_workorder"
    ACT = "workorders.change_workorder"
    ENTER = "workorders.add_workorder"
    READ_REASONS = "workorders.view_missedslareason"
    REVIEW = "workorders.change_missedslareason"
    READ_CALENDARS = "workorders.view_serviceterritory"
    READ_PROPOSALS = "workorders.view_calendarproposal"
    CHANGE_CALENDARS = "workorders.change_calendarproposal"
    READ_ENTITLEMENTS = "workorders.view_entitlement"
    CERTIFY = "people.change_certification"
    READ_MAILS = "outbox.view_message"

    @property
    def held_by(self) -> frozenset[str]:
        """The permissions that give it: as in Django's admin, who may change may also look."""
        return frozenset({self.value, self.value.replace(".view_", ".change_")})
