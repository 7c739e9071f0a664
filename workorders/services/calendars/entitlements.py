"""Saves entitlements; a changed service level is a new revision, which `recalculate` applies."""

from django.db import transaction

from portal.people.models import User
from workorders.models import Entitlement, ServiceLevelRevision
from workorders.models.service_levels import ServiceLevel
from workorders.services.errors import InvalidState, NotAllowed
from workorders.targets.promises import promise

LEVEL = tuple(field.name for field in ServiceLevel._meta.fields)


def save_entitlement(
    entitlement: Entitlement, *, by: User | None, seen: int | None = None
) -> Entitlement:
    """Save a new or changed entitlement; `seen` is the revision that the user was shown.

    Raises InvalidState when there is a newer revision.
    """
    if by is not None and not by.may_save(entitlement):
        raise NotAllowed(f"{by} may not change an entitlement")
    with transaction.atomic():
        before = Entitlement.objects.select_for_update().filter(pk=entitlement.pk).first()
        if before and seen not in (None, before.revision):
            raise InvalidState(
                f"{before} has been changed by someone else and now promises {promise(before)}."
                " Look at it again."
            )
        if before:
            entitlement.revision = before.revision + changes_level(before, entitlement)
        entitlement.save(update_fields=["name", *LEVEL, "revision"] if before else None)
        if not before or entitlement.revision != before.revision:
            ServiceLevelRevision.objects.create(
                entitlement=entitlement,
                number=entitlement.revision,
                what=promise(entitlement),
                made_by=by,
                **{field: getattr(entitlement, field) for field in LEVEL},
            )
    return entitlement


def changes_level(before: Entitlement, after: Entitlement) -> bool:
    return any(getattr(before, field) != getattr(after, field) for field in LEVEL)
