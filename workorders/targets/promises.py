"""What an entitlement promises, in words: on a work order, as a service level, in a sum."""

from workorders.models import WorkOrder
from workorders.models.service_levels import ServiceLevel
from workorders.states import StartWithoutParts
from workorders.targets.due import counted
from workorders.targets.terms import Terms


def promise_to(work_order: WorkOrder) -> str:
    """1 business day after delivery; where no parts are required, after what the
    entitlement names.
    """
    level = work_order.entitlement
    start = "delivery" if work_order.parts_required else _start_without_parts(level)
    return f"{counted(level.business_days, 'business day')} after {start}"


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
