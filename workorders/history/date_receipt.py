"""The date receipt: from the ledger, how each date of a work order came about.

It is meant for the call in which a date is disputed.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any, NamedTuple

from portal.people.models import User
from workorders.history.visibility import appointments_for, ledger_for, visits_for
from workorders.history.wording import actor_name, description_of
from workorders.models import Appointment, LedgerEntry, Outcome, Visit, WorkOrder
from workorders.models.ledger import Event, LedgerChanges
from workorders.states import DelayReason
from workorders.targets.due import late_text


class PastMove(NamedTuple):
    """A move of the Target SLA: when, why and by whom, and the start day if it moved too."""

    at: dt.datetime
    old: dt.date | None
    new: dt.date | None
    cause: str
    who: str
    start: tuple[dt.date | None, dt.date | None] | None


class DeliveryChange(NamedTuple):
    """A required shipment's estimated or actual delivery changed."""

    at: dt.datetime
    number: str
    what: str
    old: dt.date | None
    new: dt.date | None
    remark: str
    who: str

    @property
    def has_dates(self) -> bool:
        return bool(self.old or self.new)


class PastBooking(NamedTuple):
    """A booking as it was made, with how it was judged then."""

    row: Appointment
    who: str
    is_current: bool
    judgement: str
    description: str  # of the reason for delay
    taken_back_at: dt.datetime | None = None


class Receipt(NamedTuple):
    moves: list[PastMove]
    deliveries: list[DeliveryChange]
    bookings: list[PastBooking]
    visits: list[Visit]
    outcomes: list[Outcome]


def receipt_of(work_order: WorkOrder, reader: User) -> Receipt:
    """The receipt as this person may read it, in the order of events, with at most four queries."""
    ledger = list(ledger_for(reader, work_order))
    booked = appointments_for(reader, work_order).order_by("booked_at", "pk")
    has_visits = work_order.visited_on is not None or work_order.cycle > 1
    return Receipt(
        moves=list(_moves(ledger, reader)),
        deliveries=list(_deliveries(ledger, reader)),
        bookings=_past_bookings(list(booked), work_order, reader),
        visits=list(visits_for(reader, work_order)) if has_visits else [],
        outcomes=list(work_order.outcomes.all()) if work_order.cycle > 1 else [],
    )


def _moves(ledger: list[LedgerEntry], reader: User) -> Iterator[PastMove]:
    """The portal moves a target because of what someone did earlier in the same write."""
    actors: dict[int, User] = {}
    for entry in ledger:
        if entry.actor:
            actors[entry.version] = entry.actor
        if entry.event in (Event.TARGET_MOVED, Event.TARGET_SET):
            actor = actors.get(entry.version)
            old, new = _days(entry.changes, "target_on")
            start = _days(entry.changes, "start_on") if "start_on" in entry.changes else None
            cause = f"Set by staff: {entry.note}" if entry.event == Event.TARGET_SET else entry.note
            yield PastMove(entry.at, old, new, cause, actor_name(actor, reader), start)


def _deliveries(ledger: list[LedgerEntry], reader: User) -> Iterator[DeliveryChange]:
    for entry in ledger:
        if entry.event == Event.UNDONE:
            undone, _ = entry.changes["step"]
            for earlier in ledger:
                if earlier.version == undone:
                    yield from _of_shipment(
                        entry, earlier, _reversed(earlier.changes), "taken back", reader
                    )
        else:
            yield from _of_shipment(entry, entry, entry.changes, _remark(entry), reader)


def _of_shipment(
    origin: LedgerEntry, entry: LedgerEntry, changes: LedgerChanges, remark: str, reader: User
) -> Iterator[DeliveryChange]:
    """What an entry says of the delivery of a required shipment; `origin` has the time and the
    person.
    """
    if entry.shipment is None or not entry.shipment.is_required_outbound:
        return
    number, by = entry.shipment.number, actor_name(origin.actor, reader)
    for field, what in (
        ("estimated_delivery_on", "Estimated Delivery Date"),
        ("delivered_on", "Delivered Date"),
    ):
        if field in changes:
            yield DeliveryChange(origin.at, number, what, *_days(changes, field), remark, by)
    if changes.get("reported_by_partner") == [True, False] and "delivered_on" not in changes:
        yield DeliveryChange(origin.at, number, "Delivered Date", None, None, "confirmed", by)


def _remark(entry: LedgerEntry) -> str:
    if entry.event == Event.PARTS_RECEIVED:
        return "reported by the partner"
    return entry.note if entry.event == Event.EDD_FOLLOWED else ""


def _reversed(changes: LedgerChanges) -> LedgerChanges:
    return {field: [*reversed(values)] if values else None for field, values in changes.items()}


def _days(changes: LedgerChanges, field: str) -> tuple[dt.date | None, dt.date | None]:
    old, new = changes.get(field) or (None, None)
    return _day(old), _day(new)


def _day(value: Any) -> dt.date | None:
    return dt.date.fromisoformat(value) if value else None


def _past_bookings(
    rows: list[Appointment], work_order: WorkOrder, reader: User
) -> list[PastBooking]:
    """Mark when each booking was taken back.

    Of those that were taken back together, only the last one was current.
    """
    current = {row.taken_back_at: row for row in rows}
    return [
        _past_booking(row, work_order, reader)._replace(
            taken_back_at=row.taken_back_at if current[row.taken_back_at] == row else None
        )
        for row in rows
    ]


def _past_booking(row: Appointment, work_order: WorkOrder, reader: User) -> PastBooking:
    missed = row.missed_sla
    return PastBooking(
        row=row,
        who=actor_name(row.booked_by, reader),
        is_current=row.pk == work_order.appointment_id,
        judgement=_judgement(row),
        description=description_of(DelayReason(missed.reason)) if missed else "",
    )


def _judgement(row: Appointment) -> str:
    if row.missed_sla:
        return late_text(row.missed_sla.business_days_late)
    if row.is_return:
        return "not judged: the first visit had begun"
    return "in time" if row.judged_by else "not judged: there was no target"
