"""What an entitlement promises: another service level is a new revision, which open work follows by
`recalculate`.
"""

from django.db import transaction

from portal.people.models import User
from workorders.models import Entitlement, ServiceLevelRevision
from workorders.models.service_levels import ServiceLevel
from workorders.services.errors import InvalidState, NotAllowed
from workorders.states import StartWithoutParts
from workorders.targets.due import counted

LEVEL = tuple(field.name for field in ServiceLevel._meta.fields)


def save_entitlement(
    entitlement: Entitlement, *, by: User | None, seen: int | None = None
) -> Entitlement:
    """A new entitlement, or changes of one that stands; `seen` is the revision that the person was
    shown.

    Raises InvalidState when there is a newer one by now.
    """
    if by is not None and not by.is_staff:
        raise NotAllowed(f"{by} may not change an entitlement")
    with transaction.atomic():
        before = Entitlement.objects.select_for_update().filter(pk=entitlement.pk).first()
        if before and seen not in (None, before.revision):
            raise InvalidState(
                f"{before} has been changed meanwhile: it promises {in_words(before)} now. Look at it again."
            )
        if before:
            entitlement.revision = before.revision + changes_level(before, entitlement)
        entitlement.save(update_fields=["name", *LEVEL, "revision"] if before else None)
        if not before or entitlement.revision != before.revision:
            ServiceLevelRevision.objects.create(
                entitlement=entitlement,
                number=entitlement.revision,
                what=in_words(entitlement),
                made_by=by,
                **{field: getattr(entitlement, field) for field in LEVEL},
            )
    return entitlement


def changes_level(before: Entitlement, after: Entitlement) -> bool:
    return any(getattr(before, field) != getattr(after, field) for field in LEVEL)


def in_words(level: ServiceLevel) -> str:
    """1 business day after delivery, without parts after assignment."""
    start = (
        "acceptance" if level.start_without_parts == StartWithoutParts.ACCEPTED else "assignment"
    )
    rolled = (
        "; a closed start day counts as the next business day"
        if level.from_next_business_day
        else ""
    )
    return f"{counted(level.business_days, 'business day')} after delivery, without parts after {start}{rolled}"
