"""The sum behind a Target SLA, for page, dialog, receipt and admin (docs/rules.md, rule 8)."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.utils.text import Truncator

from sla import CalendarError, Step
from workorders.dates import day_text
from workorders.models import Hold, Shipment, WorkOrder
from workorders.states import StartWithoutParts, WaitsFor
from workorders.targets.computing import delivery_day, start_of, target_of
from workorders.targets.judging import Judged, Judgement, judged_kind
from workorders.targets.promises import counting_rule
from workorders.targets.terms import Terms, business_calendar, terms_of

NOT_KNOWN = "How it was counted is not known."
JUDGED = {
    Judged.VISIT: "the first visit",
    Judged.APPOINTMENT: "the appointment’s date",
    Judged.COMPLETION: "the day it was completed",
    Judged.TODAY: "the day it could not be completed",
}
HOLD_LENGTH = 80  # of a hold's reason, as far as the sum says it


class SumLine(NamedTuple):
    """A step of the sum in words: the day, what it is, and how it counts."""

    day: dt.date
    words: str
    mark: str
    is_passed: bool  # not counted, like a closed day


class Explanation(NamedTuple):
    """The sum in words; without `steps`, `source` says what the target waits for or lacks."""

    source: str  # where the start day comes from
    steps: tuple[Step, ...] = ()
    rule: str = ""  # what the entitlement promises, with its revision
    calendar: str = ""  # the business calendar, with its revision
    words: str = ""  # the whole sum in a sentence or two
    judged_by: dt.date | None = None  # the target that judged the outcome, where it had moved

    @property
    def lines(self) -> list[SumLine]:
        """A start that counts as the next business day has a second line, with its own reason."""
        lines = [_line(step) for step in self.steps]
        return [lines[0]._replace(words=self.source), *lines[1:]] if lines else []


def explain(
    work_order: WorkOrder, shipments: Iterable[Shipment], holds: Iterable[Hold]
) -> Explanation:
    """The sum behind `work_order.target_on`, with the revisions that it was computed with.

    Once the work has ended, the sum uses the basis stored then and no later changes. A target
    that staff have set for a later cycle has their words instead of a sum while the cycle is open.
    """
    if work_order.is_open and work_order.target_reason:
        return Explanation(f"Set by staff for cycle {work_order.cycle}: {work_order.target_reason}")
    first = _first_sum(work_order, list(shipments), list(holds))
    return first._replace(judged_by=outcome_judged_by(work_order))


def _first_sum(work_order: WorkOrder, shipments: list[Shipment], holds: list[Hold]) -> Explanation:
    """The sum of the first cycle, the only one that is counted."""
    basis = work_order.target_basis
    if work_order.start_on is None or work_order.waits_for == WaitsFor.CALENDAR:
        return Explanation(basis.get("source") or _missing(work_order, shipments))
    territory, entitlement, source = work_order.territory, work_order.entitlement, ""
    if basis:
        territory = _row_of_basis(territory, basis["territory"])
        entitlement = _row_of_basis(entitlement, basis["entitlement"])
        holds, source = [_hold(*span) for span in basis["holds"]], basis["source"]
    elif not work_order.follows_target:
        return Explanation(NOT_KNOWN)
    try:
        calendar = business_calendar(territory, work_order.target_revision)
        terms = terms_of(entitlement, work_order.level_revision)
        target = target_of(terms, calendar, work_order.start_on, holds)
    except CalendarError as error:
        return Explanation(f"The sum cannot be shown: {error}.")
    if target.due_on != first_target_on(work_order):
        return Explanation(NOT_KNOWN)
    source = source or _source(work_order, shipments, terms)
    steps = tuple(_naming_holds(step, holds) for step in target.steps)
    return Explanation(
        source,
        steps,
        f"{entitlement}, revision {work_order.level_revision}: {counting_rule(terms)}",
        f"Business calendar of {territory}, revision {work_order.target_revision}",
        _in_words(source, terms, steps),
    )


def basis_of(
    work_order: WorkOrder, shipments: Iterable[Shipment], holds: Iterable[Hold]
) -> dict[str, Any]:
    """What the sum needs besides the work order's dates and revisions, stored as the work ends."""
    target_on, stopping = work_order.target_on, [hold for hold in holds if hold.stops_clock]
    return {
        "territory": work_order.territory_id,
        "entitlement": work_order.entitlement_id,
        "holds": [
            [hold.first.isoformat(), hold.last and hold.last.isoformat(), hold.reason]
            for hold in stopping
        ],
        "source": _source_or_missing(work_order, list(shipments)),
        "target_on": target_on and target_on.isoformat(),
        "judged": judged_kind(work_order),
    }


def judged_in_words(judgement: Judgement) -> str:
    return JUDGED[judgement.judged] if judgement.judged else ""


def first_target_on(work_order: WorkOrder) -> dt.date | None:
    """The target of the first cycle, also in a later one."""
    basis = work_order.target_basis
    if "target_on" not in basis:
        return work_order.target_on
    return dt.date.fromisoformat(basis["target_on"]) if basis["target_on"] else None


def outcome_judged_by(work_order: WorkOrder) -> dt.date | None:
    """The target that the first outcome was judged by, where the target had moved from it
    (docs/rules.md, rule 6).
    """
    judged_by, target_on = work_order.outcome_target_on, first_target_on(work_order)
    return judged_by if judged_by and target_on and judged_by != target_on else None


def _row_of_basis(row: Any, pk: int) -> Any:
    """The row that counted then, which may be another one now."""
    return row if row.pk == pk else type(row)._default_manager.get(pk=pk)


def _hold(first: str, last: str | None, reason: str = "") -> Hold:
    """What was frozen before reasons were has none."""
    day = dt.date.fromisoformat
    return Hold(first=day(first), last=day(last) if last else None, stops_clock=True, reason=reason)


def _naming_holds(step: Step, holds: Iterable[Hold]) -> Step:
    """A day on hold says by which hold: "on hold: Garage closed"."""
    reasons = [hold.reason for hold in holds if hold.stops_clock and hold.covers(step.day)]
    if step.kind != "held" or not any(reasons):
        return step
    named = "; ".join(Truncator(reason).chars(HOLD_LENGTH) for reason in reasons)
    return Step(step.day, step.kind, f"{step.reason}: {named}")


def _line(step: Step) -> SumLine:
    match step.kind:
        case "counted":
            return SumLine(step.day, "business day", step.reason, False)
        case "target":
            return SumLine(step.day, "Target SLA", "", False)
        case kind:
            return SumLine(step.day, step.reason, kind, kind != "start")


def _source_or_missing(work_order: WorkOrder, shipments: list[Shipment]) -> str:
    if work_order.start_on is None or work_order.waits_for == WaitsFor.CALENDAR:
        return _missing(work_order, shipments)
    return _source(
        work_order, shipments, terms_of(work_order.entitlement, work_order.level_revision)
    )


def _missing(work_order: WorkOrder, shipments: list[Shipment]) -> str:
    start = start_of(work_order, shipments)
    if start.shipment and start.day is None:
        return f"Waiting for the delivery date of {start.shipment.number}."
    if not work_order.waits_for:
        return NOT_KNOWN if work_order.target_on else "There is no target."
    words: str = WaitsFor(work_order.waits_for).label
    return f"{words[0].upper()}{words[1:]}."


def _source(work_order: WorkOrder, shipments: list[Shipment], terms: Terms) -> str:
    counted = [each for each in shipments if delivery_day(each) == work_order.start_on]
    start = start_of(work_order, counted, terms)
    if start.shipment is None:
        return "Accepted" if terms.start_without_parts == StartWithoutParts.ACCEPTED else "Assigned"
    if start.shipment.is_delivered:
        by = ", reported by the partner" if start.shipment.reported_by_partner else ""
        return f"{start.shipment.number} delivered{by}"
    return f"Delivery of {start.shipment.number} expected"


def _in_words(source: str, terms: Terms, steps: tuple[Step, ...]) -> str:
    """The sum as one would say it on the phone."""
    start, end = steps[0], steps[-1]
    passed = [
        f"{day_text(step.day)} ({step.reason})"
        for step in steps
        if step.kind in ("skipped", "held")
    ]
    counted_from = f"{source}: {day_text(start.day)}. {counting_rule(terms).capitalize()}"
    without = f", without {_listed(passed)}" if passed else ""
    if end.kind != "target":
        return f"{counted_from}{without}: no date while it is on hold."
    return f"{counted_from}{without}: {day_text(end.day)}."


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
