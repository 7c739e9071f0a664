"""Builds the notices of a write from its ledger entries, so that they are about what happened."""

import datetime as dt
from collections.abc import Iterator, Sequence

from portal.people.models import User
from workorders.dates import date_placeholder
from workorders.models import LedgerEntry, Shipment, WorkOrder
from workorders.models.ledger import Event
from workorders.models.notifications import Kind
from workorders.services.notifications.bookings import (
    booked,
    booked_again,
    called_off,
    taken_back,
    time_zone_changed,
)
from workorders.services.notifications.notices import (
    FinishedWork,
    Notice,
    NoticeBuilder,
    became_late,
    notice_of,
    shortened,
    target_moved,
)
from workorders.states import DelayReason, ShipmentStatus, Status, VerdictKind
from workorders.targets.judging import needs_reason

EXCERPT = 300  # characters of a comment
# kinds whose text gives the Target SLA
KINDS_NAMING_TARGET = frozenset(
    {
        Kind.NEW,
        Kind.SHIPPED,
        Kind.EDD_MOVED,
        Kind.BOOKING_BROKEN,
        Kind.DELIVERED,
        Kind.BECAME_LATE,
        Kind.RESUMED,
    }
)


def notices_of(
    work_order: WorkOrder, entries: Sequence[LedgerEntry], by: User | None
) -> list[Notice]:
    """The notices of a write, in the order of its entries.

    A moved target has a notice of its own unless another one gives the target.
    """
    work = FinishedWork(work_order, entries, by)
    found: list[Notice] = []
    for entry in entries:
        if build := _BUILDERS.get(Event(entry.event)):
            found += build(work, entry)
    if not KINDS_NAMING_TARGET & {notice.kind for notice in found}:
        found += _target_moved(work)
    return found


# --- The target
def _moved(work: FinishedWork) -> tuple[dt.date | None, dt.date | None, str] | None:
    """Old and new target, and why, if this write has moved it, however often."""
    moves = [entry for entry in work.entries if entry.event == Event.TARGET_MOVED]
    if not moves:
        return None
    old, new = (moves[at].changes["target_on"] or (None, None) for at in (0, -1))
    old_on, new_on = (day and dt.date.fromisoformat(day) for day in (old[0], new[1]))
    causes = "; ".join(dict.fromkeys(move.note for move in moves))
    return None if old_on == new_on else (old_on, new_on, causes)


def _target(work: FinishedWork) -> str:
    """The current Target SLA in a sentence."""
    moved, now = _moved(work), work.work_order.target_on
    if now is None:
        return ""
    if moved and moved[0]:
        return f"The Target SLA moved from {date_placeholder(moved[0])} to {date_placeholder(now)}."
    return f"The Target SLA is {date_placeholder(now)}."


def _target_moved(work: FinishedWork) -> Iterator[Notice]:
    old, new, cause = _moved(work) or (None, None, "")
    if old and new:
        yield target_moved(work.work_order, old, new, cause, work.by)


def _late_at_last(work: FinishedWork, entry: LedgerEntry) -> Iterator[Notice]:
    """The first target of this cycle finds the booking late."""
    row = work.work_order
    is_first = entry.event == Event.TARGET_SET or not (entry.changes["target_on"] or [None])[0]
    if is_first and row.appointment and row.target_on and needs_reason(row):
        yield became_late(row, row.appointment.on, row.target_on)


# --- The work
def _new_work(work: FinishedWork, entry: LedgerEntry) -> Iterator[Notice]:
    row = work.work_order
    if taken_from := _taken_from(entry):
        text = f"{row.subject}, {row.site}: the work was given to another partner. Do not go there."
        yield notice_of(work, Kind.TAKEN_AWAY, text)._replace(of_partner=taken_from)
    if row.is_open:
        given = f"Assigned on {date_placeholder(row.assigned_on)}."
        sentence = "It has already been accepted." if row.accepted_on else given
        target = row.target_on
        known = f"The Target SLA is {date_placeholder(target)}." if target else ""
        yield notice_of(work, Kind.NEW, sentence, known)


def _taken_from(entry: LedgerEntry) -> int | None:
    """The partner that had the work, and had not declined it."""
    declined = "status" in entry.changes
    return None if declined else (entry.changes.get("partner") or [None])[0]


def _with_entry_note(kind: Kind, sentence: str) -> NoticeBuilder:
    def build(work: FinishedWork, entry: LedgerEntry) -> Iterator[Notice]:
        yield notice_of(work, kind, sentence, entry.note)

    return build


def _canceled(work: FinishedWork, entry: LedgerEntry) -> Iterator[Notice]:
    sentence = "The work is canceled. Do not go to the site."
    yield notice_of(work, Kind.CANCELED, sentence, _last_comment(work))


def _resumed(work: FinishedWork, entry: LedgerEntry) -> Iterator[Notice]:
    status = Status(work.work_order.status).label
    yield notice_of(
        work, Kind.RESUMED, f"Work can continue; the status is {status}.", _target(work)
    )


def _undone(work: FinishedWork, entry: LedgerEntry) -> Iterator[Notice]:
    """Whoever was notified of a step is notified that it was undone."""
    step = Event(entry.changes["step"][1])
    if step in _KINDS_TAKEN_BACK:
        status = Status(work.work_order.status).label
        sentence = f"“{step.label}” was undone; the status is {status}."
        yield notice_of(work, _KINDS_TAKEN_BACK[step], sentence, entry.note)
    if step == Event.COULD_NOT_COMPLETE:
        yield from booked_again(work, entry)


def _could_not_complete(work: FinishedWork, entry: LedgerEntry) -> Iterator[Notice]:
    row = work.work_order
    did = "could not complete it" if row.accepted_on else "declined it"
    sentence = f"{row.partner} {did}: {row.get_give_up_reason_display()}."
    yield notice_of(work, Kind.COULD_NOT_COMPLETE, sentence, entry.note)
    yield from called_off(work, entry)


# --- The parts
def _shipment(work: FinishedWork, entry: LedgerEntry) -> Iterator[Notice]:
    shipment = entry.shipment
    if shipment is None or shipment.is_return or not work.work_order.is_open:
        return
    status, edd = entry.changes.get("status"), entry.changes.get("estimated_delivery_on")
    if status and status[1] == ShipmentStatus.DELIVERED and shipment.delivered_on:
        yield _delivered(work, shipment, shipment.delivered_on)
    elif broken := edd and edd[1] and _breaks_booking(work.work_order, shipment, edd):
        yield notice_of(work, Kind.BOOKING_BROKEN, _edd(shipment, edd), broken, _target(work))
    elif status and status[1] == ShipmentStatus.SHIPPED:
        yield notice_of(work, Kind.SHIPPED, _under_way(shipment), _target(work))
    elif edd and all(edd) and shipment.decides:
        yield notice_of(work, Kind.EDD_MOVED, _edd(shipment, edd), _target(work))


def _delivered(work: FinishedWork, shipment: Shipment, on: dt.date) -> Notice:
    row = work.work_order
    all_there = Status.IN_PROGRESS in (row.status, row.held_from) and shipment.decides
    delivered = f"{shipment} was delivered on {date_placeholder(on)}."
    rest = "All required parts have arrived." if all_there else ""
    return notice_of(work, Kind.DELIVERED, delivered, rest, _target(work))


def _under_way(shipment: Shipment) -> str:
    carrier = f"{shipment.carrier} {shipment.service}".strip()
    due = shipment.estimated_delivery_on
    with_carrier = f" with {carrier}" if carrier else ""
    estimate = f", estimated delivery {date_placeholder(due)}" if due else ""
    return f"{shipment} is on its way{with_carrier}{estimate}."


def _edd(shipment: Shipment, edd: Sequence[str | None]) -> str:
    old, new = (day and date_placeholder(dt.date.fromisoformat(day)) for day in edd)
    moved = f"moved from {old} to {new}" if old else f"is {new}"
    return f"{shipment}: the Estimated Delivery Date {moved}."


def _breaks_booking(work_order: WorkOrder, shipment: Shipment, edd: Sequence[str | None]) -> str:
    """A sentence if the parts would have been there for the booking and now come after it."""
    booked, old, new = work_order.appointment, edd[0], shipment.estimated_delivery_on
    if booked is None or new is None or work_order.visited_on or not shipment.decides:
        return ""
    was_before = old is None or dt.date.fromisoformat(old) <= booked.on
    if not was_before or new <= booked.on:
        return ""
    return f"The appointment on {date_placeholder(booked.on)} is before that: move it."


def _parts_reported(work: FinishedWork, entry: LedgerEntry) -> Iterator[Notice]:
    yield notice_of(work, Kind.PARTS_REPORTED, f"{work.work_order.partner}: {entry.note}")


# --- The reason for delay
def _reason_given(work: FinishedWork, entry: LedgerEntry) -> Iterator[Notice]:
    row, reason = work.work_order, DelayReason((entry.changes["reason"] or ["", ""])[1])
    dates = ""
    if row.appointment and row.target_on:
        booked = date_placeholder(row.appointment.on)
        target = date_placeholder(row.target_on)
        dates = f" Appointment {booked}, Target SLA {target}."
    yield notice_of(work, Kind.REASON_GIVEN, f"{row.partner}: {reason.label}.{dates}")


def _reviewed(work: FinishedWork, entry: LedgerEntry) -> Iterator[Notice]:
    excused = (entry.changes["verdict"] or ["", ""])[1] == VerdictKind.EXCUSED
    yield notice_of(work, Kind.DELAY_EXCUSED if excused else Kind.ANSWER_WANTED, entry.note)


# --- Comments
def _with_comment(kind: Kind, says: str) -> NoticeBuilder:
    def build(work: FinishedWork, entry: LedgerEntry) -> Iterator[Notice]:
        sentence = f"{work.work_order.partner} {says}{_note_of(entry)}"
        yield notice_of(work, kind, sentence, _last_comment(work))

    return build


def _note_of(entry: LedgerEntry) -> str:
    return f", {entry.note}:" if entry.note else ":"


def _commented(work: FinishedWork, entry: LedgerEntry) -> Iterator[Notice]:
    if work.by is None or not work.by.is_staff:
        yield from _with_comment(Kind.PARTNER_MESSAGE, "wrote")(work, entry)
        return
    answers = work.work_order.comments.filter(urgent=True, answered_at=entry.at).exists()
    yield notice_of(
        work, Kind.ASSISTANCE_ANSWERED if answers else Kind.MESSAGE, _last_comment(work)
    )


def _last_comment(work: FinishedWork) -> str:
    comments = work.work_order.comments.filter(internal=False).order_by("-pk")
    body = comments.values_list("body", flat=True).first()
    return f"“{shortened(body, EXCERPT)}”" if body else ""


_BUILDERS: dict[Event, NoticeBuilder] = {
    Event.CREATED: _new_work,
    Event.REASSIGNED: _new_work,
    Event.SHIPMENT_ADDED: _shipment,
    Event.SHIPMENT_UPDATED: _shipment,
    Event.EDD_FOLLOWED: _shipment,
    Event.PARTS_RECEIVED: _shipment,
    Event.PARTS_REPORTED: _parts_reported,
    Event.REPORT_SETTLED: _with_entry_note(Kind.MESSAGE, ""),
    Event.TARGET_MOVED: _late_at_last,
    Event.TARGET_SET: _late_at_last,
    Event.APPOINTMENT_BOOKED: booked,
    Event.TIME_ZONE_CHANGED: time_zone_changed,
    Event.APPOINTMENT_TAKEN_BACK: taken_back,
    Event.REASON_GIVEN: _reason_given,
    Event.REASON_REVIEWED: _reviewed,
    Event.VERDICT_ANSWERED: _with_comment(Kind.VERDICT_ANSWERED, "answered the verdict"),
    Event.COMMENTED: _commented,
    Event.ASSISTANCE_REQUESTED: _with_comment(Kind.ASSISTANCE_ASKED, "asked for assistance"),
    Event.HELD: _with_entry_note(Kind.HELD, "The work is on hold."),
    Event.RESUMED: _resumed,
    Event.CANCELED: _canceled,
    Event.SENT_BACK: _with_entry_note(Kind.SENT_BACK, "The work was sent back to you."),
    Event.CLOSED: _with_entry_note(Kind.CLOSED, "The work is confirmed and closed."),
    Event.COULD_NOT_COMPLETE: _could_not_complete,
    Event.UNDONE: _undone,
}
_KINDS_TAKEN_BACK = {
    Event.SHIPMENT_UPDATED: Kind.SHIPPED,
    Event.PARTS_RECEIVED: Kind.DELIVERED,
    Event.CANCELED: Kind.CANCELED,
    Event.SENT_BACK: Kind.SENT_BACK,
    Event.CLOSED: Kind.CLOSED,
    Event.COULD_NOT_COMPLETE: Kind.COULD_NOT_COMPLETE,
}
