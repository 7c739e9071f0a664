"""Why this date: the sum behind a Target SLA, for the page, the dialog, the receipt and the admin alike (rule 8)."""

from collections.abc import Iterable
from typing import NamedTuple

from sla import CalendarError, Step
from workorders import rules, targets
from workorders.dates import day_text
from workorders.models import Hold, Shipment, WorkOrder
from workorders.rules import Terms
from workorders.states import StartWithoutParts, WaitsFor
from workorders.targets import counted


class Explanation(NamedTuple):
    """`source` says where the start comes from; without `steps` it says what is waited for, or what is wrong."""

    source: str
    steps: tuple[Step, ...] = ()
    rule: str = ""  # what the entitlement promises, and its revision
    calendar: str = ""  # whose business calendar counts, and its revision
    words: str = ""  # the whole sum in a sentence or two


def explain(work_order: WorkOrder, shipments: Iterable[Shipment], holds: Iterable[Hold]) -> Explanation:
    """The sum that leads to `work_order.target_on`, by the very revisions that it was computed with."""
    shipments = list(shipments)
    if work_order.start_on is None or work_order.waits_for == WaitsFor.CALENDAR:
        return Explanation(_missing(work_order, shipments))
    try:
        calendar = rules.business_calendar(work_order.territory, work_order.target_revision)
        terms = rules.terms_of(work_order.entitlement, work_order.level_revision)
        target = targets.target_of(terms, calendar, work_order.start_on, holds)
    except CalendarError as error:
        return Explanation(f"The sum cannot be shown: {error}.")
    source = _source(work_order, shipments, terms)
    return Explanation(
        source,
        target.steps,
        f"{work_order.entitlement}, revision {work_order.level_revision}: {_promise(terms)}",
        f"Business calendar of {work_order.territory}, revision {work_order.target_revision}",
        _in_words(source, terms, target.steps),
    )


def _missing(work_order: WorkOrder, shipments: list[Shipment]) -> str:
    start = targets.start_of(work_order, shipments)
    if start.shipment and start.day is None:
        return f"Waiting for the delivery date of {start.shipment.number}."
    if not work_order.waits_for:
        return "What it was counted from is not known any more." if work_order.target_on else "There is no target."
    words: str = WaitsFor(work_order.waits_for).label
    return f"{words[0].upper()}{words[1:]}."


def _source(work_order: WorkOrder, shipments: list[Shipment], terms: Terms) -> str:
    start = targets.start_of(work_order, shipments, terms)
    if start.day != work_order.start_on:
        return "Start day as it was known at completion"
    if start.shipment is None:
        return "Accepted" if terms.start_without_parts == StartWithoutParts.ACCEPTED else "Assigned"
    if start.shipment.is_delivered:
        by = ", reported by the partner" if start.shipment.reported_by_partner else ""
        return f"{start.shipment.number} delivered{by}"
    return f"Delivery of {start.shipment.number} expected"


def _promise(terms: Terms) -> str:
    """3 business days strictly after the start."""
    level = terms.level
    if level.business_days == 0:
        return "the start day itself, or the next business day"
    rolled = ", which counts as the next business day where it is closed" * level.from_next_business_day
    return f"{counted(level.business_days, 'business day')} strictly after the start{rolled}"


def _in_words(source: str, terms: Terms, steps: tuple[Step, ...]) -> str:
    """The steps as one would say them on the phone."""
    start, end = steps[0], steps[-1]
    passed = [f"{day_text(step.day)} ({step.reason})" for step in steps if step.kind in ("skipped", "held")]
    counted_from = f"{source}: {day_text(start.day)}. {_promise(terms).capitalize()}"
    without = f", without {_listed(passed)}" if passed else ""
    if end.kind != "target":
        return f"{counted_from}{without}: no date as long as it is on hold."
    return f"{counted_from}{without}: {day_text(end.day)}."


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
