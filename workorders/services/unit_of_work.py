"""The one way to write a work order, all or nothing.

It locks, checks, changes and saves the row with a new version, ledger entries and notifications.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from django.utils import timezone

from portal.people.models import User
from workorders import permissions
from workorders.models import (
    Appointment,
    File,
    Hold,
    LedgerEntry,
    MissedSLAReason,
    Shipment,
    Visit,
    WorkOrder,
)
from workorders.models.ledger import Event, LedgerChanges
from workorders.services import saving
from workorders.services.changes import changed, target_changes
from workorders.services.errors import InvalidState
from workorders.services.following import (
    has_pending_revision,
    move_computed_edds,
    pending_cause,
    target_fields_of,
    transit_days,
)
from workorders.services.judging import (
    attach_visits,
    judged_fields,
    kept_target,
    let_count,
    reason_that_counts,
)
from workorders.services.locking import check_permission, check_version, insert, lock
from workorders.services.notifications.ledger_notices import notices_of
from workorders.services.notifications.recipients import notify
from workorders.services.searching import search_text_of
from workorders.services.waiting import keep_waits
from workorders.states import Verb, WaitsFor
from workorders.targets.computing import TargetFields, parts_fields
from workorders.targets.deciding import deciding
from workorders.targets.judging import judgement_of_booking
from workorders.targets.terms import business_calendar

# ahead of UTC: what staff and carriers call today is never later than there
EARLIEST_ZONE = dt.timedelta(hours=14)


class UnitOfWork:
    """A locked work order, its changes so far, and the ledger entries to be saved with them."""

    def __init__(
        self, work_order: WorkOrder, by: User | None, *, now: dt.datetime | None = None
    ) -> None:
        self.work_order, self.by = work_order, by
        self.now = now or timezone.now()
        self.latest_today = (self.now.astimezone(dt.UTC) + EARLIEST_ZONE).date()
        self.entries: list[LedgerEntry] = []
        self._fields: set[str] = set()
        self._unlogged: LedgerChanges = {}

    @property
    def today(self) -> dt.date:
        """The date at the site, which may have changed in this write."""
        return self.work_order.site_today(self.now)

    @cached_property
    def shipments(self) -> list[Shipment]:
        row = self.work_order
        return saving.related(row, "shipments", lambda: list(row.shipments.all()))

    @cached_property
    def holds(self) -> list[Hold]:
        return list(self.work_order.holds.all())

    @cached_property
    def visits(self) -> list[Visit]:
        rows = self.work_order.visits.select_related("missed_sla", "appointment__missed_sla")
        return list(rows)

    @cached_property
    def appointments(self) -> list[Appointment]:
        """The appointments of every cycle."""
        return list(self.work_order.appointments.select_related("missed_sla"))

    def add(self, row: Shipment | Hold | Visit | Appointment) -> None:
        """Save a new row. Nothing else saves one, so what is computed after it always sees it."""
        rows = self._rows_like(row)  # as they were before it
        if isinstance(row, Shipment):
            insert(row)
        else:
            saving.save_new(row)
        rows.append(row)

    def remove(self, visit: Visit) -> None:
        self.visits.remove(visit)
        visit.delete()

    def _rows_like(self, row: Shipment | Hold | Visit | Appointment) -> list[Any]:
        match row:
            case Shipment():
                return self.shipments
            case Hold():
                return self.holds
            case Visit():
                return self.visits
            case Appointment():
                return self.appointments

    def set(self, **values: Any) -> None:
        """Change fields of the work order; the next `log` records their old and new values."""
        for field, value in values.items():
            old = getattr(self.work_order, field)
            if old != value:
                setattr(self.work_order, field, value)
                self._fields.add(field)
                self._unlogged |= changed(field, old, value)

    def take_unlogged(self) -> LedgerChanges:
        """The changes that no entry holds yet; they count as logged from now on."""
        unlogged, self._unlogged = self._unlogged, {}
        return unlogged

    def log(
        self,
        event: Event,
        *,
        note: str = "",
        shipment: Shipment | None = None,
        appointment: Appointment | None = None,
        file: File | None = None,
        changes: LedgerChanges | None = None,
        by_system: bool = False,
    ) -> None:
        """Add a ledger entry with the changes since the last one, or with the changes given.

        `changes` are those of a shipment or file.
        """
        if changes is None:
            changes = self.take_unlogged()
        self.entries.append(
            LedgerEntry(
                work_order=self.work_order,
                event=event,
                actor=None if by_system else self.by,
                at=self.now,
                shipment=shipment,
                appointment=appointment,
                file=file,
                changes=changes,
                note=note,
            )
        )

    def apply_pending_revisions(self) -> None:
        """Apply revisions that the recalculation has not applied to this work order yet.

        This comes before anything else is done.
        """
        row = self.work_order
        if row.is_open and has_pending_revision(row.territory, row.entitlement):
            cause = pending_cause(row.territory, row.entitlement)
            self.recount_edds(cause)
            self.retarget(cause)

    def recount_edds(self, cause: str) -> None:
        """Recompute the EDDs that the carrier has not given, by the work order's calendar."""
        under_way = [shipment for shipment in self.shipments if not shipment.is_delivered]
        if not any(shipment.edd_is_computed for shipment in under_way):
            return
        before = {shipment.pk: shipment.estimated_delivery_on for shipment in self.shipments}
        calendar = business_calendar(self.work_order.territory)
        for shipment in move_computed_edds(self.shipments, calendar, transit_days()):
            saving.save(shipment, "estimated_delivery_on")
            old, new = before[shipment.pk], shipment.estimated_delivery_on
            self.log(
                Event.EDD_FOLLOWED,
                shipment=shipment,
                changes=changed("estimated_delivery_on", old, new),
                note=cause,
                by_system=True,
            )

    def retarget(self, cause: str = "") -> None:
        """Recompute the Target SLA and log a move, until the work is completed (docs/rules.md, rule
        6). In a later cycle staff set it, and are asked when parts have come.
        """
        if not self.work_order.follows_target:
            self.follow_parts()
            self._follow_hold()
            return
        before = TargetFields(*(getattr(self.work_order, field) for field in TargetFields._fields))
        after = self.computed_target_fields()
        self.set(**after._asdict())
        if before.target_on != after.target_on:
            cause = cause or (self.entries[0].title if self.entries else "")
            del self._unlogged["target_on"]
            changes = target_changes(before, after)
            self.log(Event.TARGET_MOVED, note=cause, changes=changes, by_system=True)
            self.judge_appointment()
            self._keep_target()

    def computed_target_fields(self) -> TargetFields:
        known = self.known_shipments()
        return target_fields_of(self.work_order, self.shipments, known, self.holds)

    def known_shipments(self) -> list[Shipment]:
        """All, or those that decide once the first visit has begun (docs/rules.md, rule 6)."""
        row = self.work_order
        if row.visited_on is None or not self.shipments:
            return self.shipments
        return self._deciding(min(v.began_at for v in self.visits if v.cycle == row.cycle))

    def _deciding(self, began_at: dt.datetime) -> list[Shipment]:
        ledger = [*self.work_order.ledger.order_by("pk"), *self.entries]
        return deciding(self.shipments, ledger, began_at, self.work_order.cycle)

    def _keep_target(self) -> None:
        """Keep the last target that judged the first visit if there is none any more. No entry
        names it.
        """
        row, kept_on = self.work_order, None
        if row.visited_on:
            kept_on = kept_target(row, self.visits, self._target_moves)
        if row.kept_target_on != kept_on:
            row.kept_target_on = kept_on
            self._fields.add("kept_target_on")

    def _target_moves(self) -> list[LedgerEntry]:
        moves = self.work_order.ledger.filter(event=Event.TARGET_MOVED).order_by("pk")
        return [*moves, *(each for each in self.entries if each.event == Event.TARGET_MOVED)]

    def follow_parts(self) -> None:
        """Keep up the parts that an open later cycle waits for (docs/rules.md, rule 2)."""
        if self.work_order.is_open and self.work_order.was_sent_back:
            known = self.known_shipments()
            self.set(**parts_fields(self.work_order, self.shipments, known)._asdict())

    def _follow_hold(self) -> None:
        """A hold stops the clock of a target that staff set, but does not move it (docs/rules.md,
        rule 5).
        """
        if not (self.work_order.is_open and self.work_order.target_reason):
            return
        stopped = any(hold.stops_clock_now for hold in self.holds)
        self.set(waits_for=WaitsFor.HOLD if stopped else "")
        self.judge_appointment()

    def judge_appointment(self) -> None:
        """Judge an appointment that was booked without a target by the first one.

        One that is late stays unjudged until its reason is given.
        """
        row = self.work_order
        if row.appointment is None or row.current_target_on is None:
            return
        booked = next(each for each in self.appointments if each == row.appointment)
        judgement = judgement_of_booking(row, booked.on)
        if not (booked.is_return or booked.judged_by or judgement.is_late):
            booked.judged_by = judgement.judged_by
            row.appointment = booked
            self._save_judgement(booked)
            self.follow_visits()

    def _save_judgement(self, appointment: Appointment) -> None:
        saving.save(appointment, "judged_by")

    def follow_visits(self) -> None:
        """Set what is judged from the visits and appointments of this cycle."""
        row = self.work_order
        visits = [visit for visit in self.visits if visit.cycle == row.cycle]
        appointments = [each for each in self.appointments if each.cycle == row.cycle]
        attach_visits(visits, appointments)
        self.set(**judged_fields(row, visits, appointments)._asdict())
        self._keep_target()
        given = [each.missed_sla for each in appointments] + [each.missed_sla for each in visits]
        if row.is_open and any(given):
            self._let_count(reason_that_counts(row, visits))

    def _let_count(self, reason: MissedSLAReason | None) -> None:
        let_count(self.work_order, reason)

    def refresh_search_text(self) -> None:
        self.set(search_text=search_text_of(self.work_order, self.shipments))

    def save(self) -> None:
        if not self._fields and not self.entries:
            return
        if self.entries:  # else it only computes again what nobody has changed
            self.work_order.version += 1
            self._fields.add("version")
        if self.work_order.pk is None:
            insert(self.work_order)
        else:
            saving.save(self.work_order, *self._fields)
        for entry in self.entries:
            entry.version = self.work_order.version
        if saving.is_preview():
            return
        saving.save_all_new(self.entries)
        notify(notices_of(self.work_order, self.entries, self.by), at=self.now)


@contextmanager
def unit_of_work(
    work_order: WorkOrder,
    verb: Verb,
    *,
    by: User | None,
    version: int | None = None,
    locked: bool = False,
    asked: bool = False,
) -> Iterator[UnitOfWork]:
    """Change a work order.

    `version` is the one that the user saw. `by=None` is the system, which may do everything.
    `locked` means that the row comes from `lock_all` in the same transaction, `asked` that this is
    part of a write for which the user has been asked another right.

    Raises NotAllowed for the wrong role, staff without the right and another partner's work order,
    InvalidState for the wrong status, Stale when someone has changed it since `version` in a way
    that matters.
    """
    with saving.together():
        row = work_order if locked else lock(work_order)
        if not asked:
            check_permission(row, verb, by=by)
        if version is not None:
            check_version(row, verb, version)
        if refusal := permissions.blocked_reason(row, verb, by):
            raise InvalidState(refusal)
        work = UnitOfWork(row, by)
        work.apply_pending_revisions()
        yield work
        work.save()
        keep_waits(row)
