"""The roles of people. Staff have no partner and no partner's role."""

from django.db.models import TextChoices


class Role(TextChoices):
    DISPATCHER = "dispatcher", "Dispatcher"
    TECHNICIAN = "technician", "Technician"
    MANAGER = "manager", "Partner manager"
    STAFF = "staff", "Staff"


DISPATCHING = frozenset({Role.DISPATCHER, Role.MANAGER})  # every partner action
PARTNER_ROLES = DISPATCHING | {Role.TECHNICIAN}
EVERYONE = PARTNER_ROLES | {Role.STAFF}
