"""Recalculates targets after a change to a calendar or service level (docs/rules.md, rule 6).

It works in sets, one batch per transaction. If interrupted, it begins again from the start; what it
has moved is right by then, so nothing is moved twice and nobody notified twice.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby, pairwise
from typing import NamedTuple

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from portal.people.models import User
from sla import BusinessCalendar
from workorders.models import Appointment, Entitlement, LedgerEntry, ServiceTerritory, WorkOrder
from workorders.models.ledger import Event
from workorders.services.calendars.affected import RuleChange, TargetMove
from workorders.services.changes import target_changes
from workorders.services.following import pending_cause
from workorders.services.judging import judged_fields
from workorders.services.notifications.notices import (
    Notice,
    WorkOrderRef,
    became_late,
    target_moved,
)
from workorders.services.notifications.recipients import notify
from workorders.services.unit_of_work import unit_of_work
from workorders.services.waiting import keep_waits_of
from workorders.states import Verb
from workorders.targets.computing import TargetFields
from workorders.targets.judging import is_late
from workorders.targets.terms import Terms, business_calendar, differing_days, terms_of

BATCH = 1000  # work orders per transaction


class Effect(NamedTuple):
    """What a change would do, as numbers of work orders."""

    open: int
    moved: int
    earlier: int
    later: int
    become_late: int  # their appointments
    no_longer_late: int
    stay_in_time: int  # after the new target, but in time when booked (docs/rules.md, rule 6)


class Recalculated(NamedTuple):
    """How many targets have moved, and whether all changes are applied."""

    moved: int
    is_done: bool


def change_of_calendar(territory: ServiceTerritory, calendar: BusinessCalendar) -> RuleChange:
    """The change from the territory's calendar to this one."""
    days = differing_days(business_calendar(territory), calendar)
    return RuleChange(territory, calendar=calendar, days=days)


def change_of_terms(entitlement: Entitlement, terms: Terms) -> RuleChange:
    return RuleChange(entitlement, terms=terms)


def effect_of(change: RuleChange) -> Effect:
    """Count what the change would do, without writing anything."""
    counts: Counter[str] = Counter()
    for keys in _batches(change.candidates(), BATCH):
        counts.update(_effects([move for move in change.moves(keys) if move.moves_target]))
    return Effect(change.work_orders.count(), *(counts[name] for name in Effect._fields[1:]))


def _effects(moves: list[TargetMove]) -> Iterator[str]:
    """The fields of Effect that each move adds to, and each appointment that it affects."""
    for move in moves:
        old, new = move.before.target_on, move.after.target_on
        yield "moved"
        if old and new:
            yield "earlier" if new < old else "later"
    for move in moves:
        if visited_on := move.candidate.visited_on:
            yield from _effect_on_day(move, visited_on)
    unvisited = [move for move in moves if move.candidate.visited_on is None]
    booked = _by_appointment(unvisited)
    for appointment in Appointment.objects.filter(pk__in=list(booked)):
        yield from _effect_on_day(booked[appointment.pk], appointment.on)


def _by_appointment(moves: Iterable[TargetMove]) -> dict[int, TargetMove]:
    """The moves of work orders with an appointment, by its key."""
    return {move.candidate.appointment_id: move for move in moves if move.candidate.appointment_id}


def _effect_on_day(move: TargetMove, on: dt.date) -> Iterator[str]:
    """What the move does to the day that is judged: of the first visit, else of the appointment."""
    old = move.before.target_on or move.candidate.kept_target_on
    new, until = move.after.target_on or move.kept_target_on, move.candidate.protected_until
    was, becomes = is_late(on, old, until), is_late(on, new, until)
    if was != becomes:
        yield "become_late" if becomes else "no_longer_late"
    elif new and on > new and not becomes:
        yield "stay_in_time"


def recalculate(
    *,
    at_most: int | None = None,
    batch: int = BATCH,
    progress: Callable[[int], None] = lambda moved: None,
) -> Recalculated:
    """Apply every pending change to open work orders; with `at_most`, stop after so many moves."""
    moved = 0
    for change in _unsettled():
        cause, made_by = pending_cause(change.row), _made_by(change.row)
        for keys in _batches(change.candidates(), batch):
            moved += _follow(change, keys, cause, made_by)
            progress(moved)
            if at_most is not None and moved >= at_most:
                return Recalculated(moved, is_done=False)
        for key in change.in_later_cycles():
            _apply_revisions(key)
        row = change.row
        same = type(row)._default_manager.filter(pk=row.pk, revision=row.revision)
        same.update(applied_revision=row.revision)
    return Recalculated(moved, is_done=True)


def _unsettled() -> Iterator[RuleChange]:
    for territory in ServiceTerritory.objects.filter(applied_revision__lt=F("revision")):
        revisions = range(territory.applied_revision, territory.revision + 1)
        calendars = [business_calendar(territory, revision) for revision in revisions]
        days = {day for older, newer in pairwise(calendars) for day in differing_days(older, newer)}
        yield RuleChange(territory, calendar=calendars[-1], days=days)
    for entitlement in Entitlement.objects.filter(applied_revision__lt=F("revision")):
        yield RuleChange(entitlement, terms=terms_of(entitlement))


def _made_by(row: ServiceTerritory | Entitlement) -> User | None:
    revision = row.revisions.select_related("made_by").filter(number=row.revision).first()
    return revision.made_by if revision else None


def _batches(keys: list[int], size: int) -> Iterator[list[int]]:
    return (keys[start : start + size] for start in range(0, len(keys), size))


def _follow(change: RuleChange, keys: list[int], cause: str, made_by: User | None) -> int:
    """Move one batch; return how many targets have moved."""
    with transaction.atomic():
        moves = list(change.moves(keys, lock=True))
        in_sets = [move for move in moves if not move.has_new_edd]
        for move in moves:
            # each shipment needs an entry: a unit of work applies the revisions and logs it
            if move.has_new_edd:
                _apply_revisions(move.candidate.pk)
        moved = [move for move in in_sets if move.moves_target]
        unmoved = [move for move in in_sets if not move.moves_target]
        _update(moved, by=1)
        _update([move for move in unmoved if change.alters_sum(move)], by=0)
        LedgerEntry.objects.bulk_create(_ledger_entries(moved, cause, made_by))
        notify([*_notices(moved, cause), *_judge(moved)])
        keep_waits_of([move.candidate.pk for move in moves])
    return sum(move.moves_target for move in moves)


def _apply_revisions(key: int) -> None:
    with unit_of_work(WorkOrder(pk=key), Verb.EDIT, by=None):
        pass


def _update(moves: list[TargetMove], *, by: int) -> None:
    """Write the new target fields, once for all with the same ones, and raise versions by `by`."""

    def fields_after(move: TargetMove) -> tuple[TargetFields, dt.date | None]:
        return move.after, move.kept_target_on

    in_order = sorted(moves, key=lambda move: repr(fields_after(move)))
    for (after, kept_on), same in groupby(in_order, key=fields_after):
        rows = WorkOrder.objects.filter(pk__in=[move.candidate.pk for move in same])
        values = after._asdict() | {"kept_target_on": kept_on}
        rows.update(**values, version=F("version") + by)


def _ledger_entries(
    moves: list[TargetMove], cause: str, made_by: User | None
) -> Iterator[LedgerEntry]:
    now = timezone.now()
    for move in moves:
        yield LedgerEntry(
            work_order_id=move.candidate.pk,
            version=move.candidate.version + 1,
            event=Event.TARGET_MOVED,
            actor=made_by,
            at=now,
            changes=target_changes(move.before, move.after),
            note=cause,
        )


def _notices(moves: list[TargetMove], cause: str) -> Iterator[Notice]:
    for move in moves:
        old, new = move.before.target_on, move.after.target_on
        if old and new:
            yield target_moved(_ref_of(move), old, new, cause, None)


def _judge(moves: list[TargetMove]) -> Iterator[Notice]:
    """Judge appointments booked without a target that the first target finds in time.

    Notify people of those that it finds late (docs/rules.md, rule 6).
    """
    booked = _by_appointment(moves)
    for row in Appointment.objects.filter(pk__in=list(booked), judged_by=None, is_return=False):
        move = booked[row.pk]
        target_on, candidate = move.after.target_on, move.candidate
        if target_on and not is_late(row.on, target_on, candidate.protected_until):
            row.judged_by = target_on if row.on <= target_on else candidate.protected_by
            row.save(update_fields=["judged_by"])
            _protect(candidate.pk)
        elif target_on and move.before.target_on is None and candidate.visited_on is None:
            yield became_late(_ref_of(move), row.on, target_on)


def _protect(pk: int) -> None:
    """The day that the first target found in time is protected from now on."""
    row = WorkOrder.objects.select_related("site").get(pk=pk)
    visits, appointments = row.visits.filter(cycle=row.cycle), row.appointments
    fields = judged_fields(row, list(visits), list(appointments.filter(cycle=row.cycle)))
    WorkOrder.objects.filter(pk=pk).update(**fields._asdict())


def _ref_of(move: TargetMove) -> WorkOrderRef:
    return WorkOrderRef(move.candidate.pk, move.candidate.partner_id)
