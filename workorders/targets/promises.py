"""What an entitlement promises, in words: on a work order, as a service level, in a sum."""

from workorders.models import Entitlement, WorkOrder
from workorders.models.service_levels import ServiceLevel
from workorders.states import StartWithoutParts
from workorders.targets.due import counted
from workorders.targets.terms import Terms, terms_of


def promise_to(work_order: WorkOrder) -> str:
    """1 business day after delivery; where no parts are required, after what the entitlement names.

    It is the service level that the target was counted with, which may be an earlier one, or that
    of another entitlement than the work order has now.
    """
    entitlement, named = work_order.entitlement, ""
    kept = work_order.target_basis.get("entitlement", entitlement.pk)
    if kept != entitlement.pk:
        entitlement = Entitlement.objects.get(pk=kept)
        named = f"counted with {entitlement}: "
    is_known = work_order.follows_target or work_order.target_basis
    terms = terms_of(entitlement, work_order.level_revision if is_known else None)
    accepted = terms.start_without_parts == StartWithoutParts.ACCEPTED
    start = "acceptance" if accepted else "assignment"
    if work_order.parts_required:
        start = "delivery"
    return f"{named}{counted(terms.level.business_days, 'business day')} after {start}"


def promise(level: ServiceLevel) -> str:
    """1 business day after delivery, without parts after assignment."""
    days, start = counted(level.business_days, "business day"), _start_without_parts(level)
    words = f"{days} after delivery, without parts after {start}"
    if level.from_next_business_day:
        return f"{words}; a closed start day counts as the next business day"
    return words


def counting_rule(terms: Terms) -> str:
    """3 business days, counted from the day after the start (docs/rules.md, rule 1)."""
    level = terms.level
    if level.business_days == 0:
        return "the start day itself, or the next business day"
    days = counted(level.business_days, "business day")
    words = f"{days}, counted from the day after the start"
    if level.from_next_business_day:
        return f"{words}; a closed start counts as the next business day"
    return words


def _start_without_parts(level: ServiceLevel) -> str:
    accepted = level.start_without_parts == StartWithoutParts.ACCEPTED
    return "acceptance" if accepted else "assignment"
