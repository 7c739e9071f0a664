"""What is kept of what work orders wait for, against what the conditions say now."""

from workorders.models import MissedSLAReason, Wait, WorkOrder
from workorders.models.reasons import with_verdict
from workorders.models.waiting import WAIT_RULES, WITH_WAITS_OF_MANY, WaitValues, waits_of
from workorders.models.waits import NEVER

TIMED = {name for name, each in WAIT_RULES.items() if any(span.is_timed for span in each.spans)}


def stale_waits() -> set[str]:
    """Each wait that is missing (-), or kept and not to be (+)."""
    rows = WITH_WAITS_OF_MANY.rows(keys=WorkOrder.objects.values("pk"))
    wanted = {each for row in rows for each in waits_of(row, NEVER)}
    kept = {WaitValues(*row) for row in Wait.objects.values_list(*WaitValues._fields)}
    begun = {(each.work_order, each.name): each.since for each in wanted}

    def but_for_its_beginning(each: WaitValues) -> WaitValues:
        """What begins by no clock began at the latest when it was written."""
        since = begun.get((each.work_order, each.name), each.since)
        is_clamped = each.name not in TIMED and each.since <= since
        return each._replace(since=since) if is_clamped else each

    found = {but_for_its_beginning(each) for each in kept}
    missing = {f"- {_text(each)}" for each in wanted - found}
    return missing | {f"+ {_text(each)}" for each in found - wanted} | _wrongly_marked()


def _wrongly_marked() -> set[str]:
    """Reasons of which it is not true that staff have to review them, or have reviewed them."""
    if not MissedSLAReason.objects.exists():
        return set()
    rows = with_verdict(MissedSLAReason.objects.all())
    return {
        f"{row.pk} is_unreviewed"
        for row in rows
        if row.is_unreviewed != (row.verdict is None or row.answered)
    }


def _text(each: WaitValues) -> str:
    return f"{each.work_order} {each.name} of {each.partner}: {each.since} to {each.until}"
