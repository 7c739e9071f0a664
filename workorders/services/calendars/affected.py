"""Finds the open work orders that a changed calendar or service level moves; writes nothing."""

import datetime as dt
from collections.abc import Collection, Iterator
from functools import cached_property
from typing import NamedTuple

from django.db.models import Min, Q, QuerySet

from sla import BusinessCalendar, CalendarError
from workorders.models import (
    Entitlement,
    Hold,
    LedgerEntry,
    ServiceTerritory,
    Shipment,
    Visit,
    WorkOrder,
)
from workorders.services.following import Transit, move_computed_edds, transit_days
from workorders.states import WaitsFor
from workorders.targets.computing import (
    Start,
    TargetFields,
    compute_target_fields,
    parts_due_on,
    start_with_parts,
    start_without_parts,
    target_fields_without_calendar,
)
from workorders.targets.deciding import deciding
from workorders.targets.terms import Terms, business_calendar, terms_of


class Candidate(NamedTuple):
    """The fields of a work order that may move."""

    pk: int
    version: int
    partner_id: int
    territory_id: int
    entitlement_id: int
    parts_required: bool
    assigned_on: dt.date
    accepted_on: dt.date | None
    appointment_id: int | None
    visited_on: dt.date | None
    kept_target_on: dt.date | None
    protected_until: dt.date | None
    protected_by: dt.date | None
    start_on: dt.date | None
    target_on: dt.date | None
    waits_for: str
    parts_due_on: dt.date | None
    target_revision: int | None
    level_revision: int | None

    @property
    def target_fields(self) -> TargetFields:
        return TargetFields(*(getattr(self, field) for field in TargetFields._fields))


class TargetMove(NamedTuple):
    """A work order before and after a change, and whether a computed EDD moves too."""

    candidate: Candidate
    after: TargetFields
    has_new_edd: bool = False

    @property
    def before(self) -> TargetFields:
        return self.candidate.target_fields

    @property
    def kept_target_on(self) -> dt.date | None:
        """The last target that judged the first visit if the change leaves none."""
        if self.candidate.visited_on is None or self.after.target_on:
            return None
        return self.before.target_on or self.candidate.kept_target_on

    @property
    def moves_target(self) -> bool:
        return self.before.target_on != self.after.target_on


class RuleChange:
    """A change that open work orders have to follow: `row`'s new calendar or service level.

    `days` are the days on which the calendar changes.
    """

    def __init__(
        self,
        row: ServiceTerritory | Entitlement,
        *,
        calendar: BusinessCalendar | None = None,
        days: Collection[dt.date] = (),
        terms: Terms | None = None,
    ) -> None:
        self.row, self.days = row, days
        self.territories = {territory.pk: territory for territory in ServiceTerritory.objects.all()}
        self.entitlements = {
            entitlement.pk: entitlement for entitlement in Entitlement.objects.all()
        }
        self.calendars = {row.pk: calendar} if calendar else {}
        self.terms = {row.pk: terms} if terms else {}
        self.of_row = Q(entitlement=row) if isinstance(row, Entitlement) else Q(territory=row)
        self.work_orders = WorkOrder.objects.following_target().filter(self.of_row)

    def candidates(self) -> list[int]:
        """The keys of the work orders that may move, in order.

        A changed calendar may move those with one of its days from start to target, those with a
        start but no target, and those with an EDD computed across one of its days. A changed
        service level may move all.
        """
        if isinstance(self.row, Entitlement):
            return sorted(_keys(self.work_orders))
        found = _keys(self.work_orders.filter(target_on=None, start_on__isnull=False))
        if self.days:
            first, last = min(self.days), max(self.days)
            across = self.work_orders.filter(target_on__gte=first, start_on__lte=last)
            estimated = _estimated().filter(pick_up_on__lte=last, estimated_delivery_on__gte=first)
            found |= _keys(across)
            found |= _keys(self.work_orders.filter(pk__in=estimated.values("work_order")))
        return sorted(found)

    def in_later_cycles(self) -> list[int]:
        """The keys of open work orders whose target does not follow the change, but computed EDDs
        and the target that is proposed to staff do.
        """
        follows = Q(parts_required=True) & ~Q(target_reason="")
        if self.days:
            follows |= Q(pk__in=_estimated().values("work_order"))
        rows = WorkOrder.objects.filter(self.of_row, follows, counts_as_open=True, cycle__gt=1)
        return sorted(_keys(rows))

    def moves(self, keys: list[int], *, lock: bool = False) -> Iterator[TargetMove]:
        """Each of these work orders before and after the change, even if nothing moves.

        With `lock` they are locked first, in order.
        """
        rows = WorkOrder.objects.select_for_update() if lock else WorkOrder.objects.all()
        rows = rows.following_target().filter(pk__in=keys).order_by("pk")
        candidates = [Candidate(*values) for values in rows.values_list(*Candidate._fields)]
        holds, shipments = self._holds(keys), self._shipments(keys)
        deciding_of = self._deciding(candidates, shipments)
        computed: dict[tuple[object, ...], TargetFields] = {}
        for one in candidates:
            start, due, has_new_edd = self._start(one), one.parts_due_on, False
            if one.pk in shipments:
                known = deciding_of.get(one.pk, shipments[one.pk])
                start, due, has_new_edd = self._estimate_again(one, shipments[one.pk], known)
            key = one.territory_id, one.entitlement_id, start, due, tuple(holds.get(one.pk, ()))
            if key not in computed:
                computed[key] = self._target_fields(one, start, due, holds.get(one.pk, []))
            yield TargetMove(one, computed[key], has_new_edd)

    def alters_sum(self, move: TargetMove) -> bool:
        """Whether the sum changes, even if the target stays the same."""
        if not self.days:
            return move.before != move.after
        start, end = move.after.start_on, move.after.target_on or dt.date.max
        return start is not None and any(start < day <= end for day in self.days)

    def _start(self, one: Candidate) -> Start:
        """The start day; with parts required the stored one, which only deliveries move."""
        if not one.parts_required:
            terms = self._terms(one.entitlement_id)
            return start_without_parts(terms, one.assigned_on, one.accepted_on)
        return Start(one.start_on, None if one.start_on else WaitsFor(one.waits_for))

    def _target_fields(
        self, one: Candidate, start: Start, due: dt.date | None, holds: list[Hold]
    ) -> TargetFields:
        territory = self.territories[one.territory_id]
        entitlement = self.entitlements[one.entitlement_id]
        try:
            return compute_target_fields(
                start,
                due,
                holds,
                calendar=self.calendars.get(territory.pk) or business_calendar(territory),
                terms=self._terms(entitlement.pk),
                revisions=(territory.revision, entitlement.revision),
            )
        except CalendarError:
            return target_fields_without_calendar(start, due)

    def _terms(self, entitlement: int) -> Terms:
        return self.terms.get(entitlement) or terms_of(self.entitlements[entitlement])

    def _holds(self, keys: list[int]) -> dict[int, list[Hold]]:
        found: dict[int, list[Hold]] = {}
        for hold in Hold.objects.filter(work_order__in=keys, stops_clock=True):
            found.setdefault(hold.work_order_id, []).append(hold)
        return found

    # --- Computed EDDs follow the calendar
    def _shipments(self, keys: list[int]) -> dict[int, list[Shipment]]:
        """All the shipments of work orders with a computed EDD."""
        if not self.days:
            return {}
        counted = _estimated().filter(work_order__in=keys).values("work_order")
        found: dict[int, list[Shipment]] = {}
        for shipment in Shipment.objects.filter(work_order__in=counted).select_related(
            "work_order"
        ):
            found.setdefault(shipment.work_order_id, []).append(shipment)
        return found

    def _deciding(
        self, candidates: list[Candidate], shipments: dict[int, list[Shipment]]
    ) -> dict[int, list[Shipment]]:
        """Those that decide where the first visit has begun (docs/rules.md, rule 6)."""
        visited = [one.pk for one in candidates if one.visited_on and one.pk in shipments]
        visits = Visit.objects.filter(work_order__in=visited).order_by()
        began_at = dict(visits.values_list("work_order").annotate(Min("began_at")))
        ledgers: dict[int, list[LedgerEntry]] = {pk: [] for pk in visited}
        for entry in LedgerEntry.objects.filter(work_order__in=visited).order_by("pk"):
            ledgers[entry.work_order_id].append(entry)
        return {pk: deciding(shipments[pk], ledgers[pk], began_at[pk]) for pk in visited}

    @cached_property
    def _transit(self) -> Transit:
        return transit_days()

    def _estimate_again(
        self, one: Candidate, shipments: list[Shipment], known: list[Shipment]
    ) -> tuple[Start, dt.date | None, bool]:
        moved = move_computed_edds(shipments, self.calendars[one.territory_id], self._transit)
        if not moved:
            return self._start(one), one.parts_due_on, False
        start = start_with_parts(known) if one.parts_required else self._start(one)
        return start, parts_due_on(shipments), True


def _keys(rows: QuerySet[WorkOrder]) -> set[int]:
    return set(rows.values_list("pk", flat=True))


def _estimated() -> QuerySet[Shipment]:
    """Shipments under way with a computed EDD, which are few and have an index of their own."""
    return Shipment.objects.filter(edd_is_computed=True, delivered_on=None)
