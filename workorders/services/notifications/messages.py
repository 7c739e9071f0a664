"""What a write notifies people of, in words: read from its ledger entries, so that it did happen."""

import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from portal.people.models import User
from workorders.dates import date_placeholder
from workorders.models import Appointment, LedgerEntry, Shipment, WorkOrder
from workorders.models.ledger import Event
from workorders.models.notifications import TEXT_LENGTH, Kind
from workorders.states import DelayReason, ShipmentStatus, Status, VerdictKind
from workorders.targets.due import needs_reason

EXCERPT = 300  # characters of what was said
KINDS_NAMING_TARGET = frozenset(  # their words name it already
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


class WorkOrderRef(NamedTuple):
    """As much of a work order as a notice to dispatchers needs, where there are very many."""

    pk: int
    partner_id: int
    appointment: Appointment | None = None


class Notice(NamedTuple):
    """One thing to notify people of.

    `by` did it, and gets nothing; with `to` only this person does, by key.
    """

    work_order: WorkOrder | WorkOrderRef
    kind: Kind
    text: str
    by: User | None = None
    to: int | None = None
    once: str = (
        ""  # nobody is notified twice of one work order under this name, by however many workers
    )


class FinishedWork(NamedTuple):
    """What a service has done to a work order."""

    work_order: WorkOrder
    entries: Sequence[LedgerEntry]
    by: User | None


NoticeBuilder = Callable[[FinishedWork, LedgerEntry], Iterator[Notice]]


def notices_of(
    work_order: WorkOrder, entries: Sequence[LedgerEntry], by: User | None
) -> list[Notice]:
    """In the order of the entries. A target that moved has its own notice where no other names it."""
    work = FinishedWork(work_order, entries, by)
    found = [
        notice
        for entry in entries
        for notice in _BUILDERS.get(Event(entry.event), _nothing)(work, entry)
    ]
    if not KINDS_NAMING_TARGET & {notice.kind for notice in found}:
        found += _target_moved(work)
    return found


def target_moved(
    work_order: WorkOrder | WorkOrderRef, old: dt.date, new: dt.date, cause: str, by: User | None
) -> Notice:
    days = f"from {date_placeholder(old)} to {date_placeholder(new)}"
    text = f"The Target SLA moved {days}: {cause or 'a correction'}."
    return Notice(work_order, Kind.TARGET_MOVED, shortened(text), by)


def became_late(
    work_order: WorkOrder | WorkOrderRef, booked_on: dt.date, target_on: dt.date
) -> Notice:
    """Booked while there was no target, and found late when it came: whoever booked it is notified
    as well.
    """
    booked, target = date_placeholder(booked_on), date_placeholder(target_on)
    text = f"The appointment on {booked} is later than the Target SLA, {target}: give a reason, or move it."
    return Notice(work_order, Kind.BECAME_LATE, text)


def shortened(text: str, length: int = TEXT_LENGTH) -> str:
    """On one line, and no longer than that; not in the middle of a date."""
    text = " ".join(text.split())
    return text if len(text) <= length else f"{re.sub(r'{[^}]*$', '', text[: length - 2])} …"


def _notice(work: FinishedWork, kind: Kind, *sentences: str, to: int | None = None) -> Notice:
    return Notice(work.work_order, kind, shortened(" ".join(filter(None, sentences))), work.by, to)


def _nothing(work: FinishedWork, entry: LedgerEntry) -> Iterator[Notice]:
    return iter(())


# --- The target
def _moved(work: FinishedWork) -> tuple[dt.date | None, dt.date | None, str] | None:
    """Old and new target, and why, if this write has moved it."""
    for entry in work.entries:
        if entry.event == Event.TARGET_MOVED:
            old, new = (
                day and dt.date.fromisoformat(day)
                for day in entry.changes["target_on"] or (None, None)
            )
            return old, new, entry.note
    return None


def _target(work: FinishedWork) -> str:
    """The Target SLA as it stands now, in a sentence."""
    moved, now = _moved(work), work.work_order.current_target_on
    if now is None:
        return ""
    if moved and moved[0]:
        return f"The Target SLA moves from {date_placeholder(moved[0])} to {date_placeholder(now)}."
    return f"The Target SLA is {date_placeholder(now)}."


def _target_moved(work: FinishedWork) -> Iterator[Notice]:
    old, new, cause = _moved(work) or (None, None, "")
    if old and new:
        yield target_moved(work.work_order, old, new, cause, work.by)


def _late_at_last(work: FinishedWork, entry: LedgerEntry) -> Iterator[Notice]:
    """The first target of this cycle has come, and finds the booking late."""
    row = work.work_order
    is_first = entry.event == Event.TARGET_SET or not (entry.changes["target_on"] or [None])[0]
    if is_first and row.appointment and row.current_target_on and needs_reason(row):
        yield became_late(row, row.appointment.on, row.current_target_on)


# --- The work
def _new_work(work: FinishedWork, entry: LedgerEntry) -> Iterator[Notice]:
    row = work.work_order
    if row.is_open:
        yield _notice(
            work,
            Kind.NEW,
            "It is accepted already." if row.accepted_on else "Accept it.",
            _target(work),
        )


def _updated(work: FinishedWork, entry: LedgerEntry) -> Iterator[Notice]:
    return _new_work(work, entry) if "partner" in entry.changes else iter(())


def _with_entry_note(kind: Kind, sentence: str) -> NoticeBuilder:
    def build(work: FinishedWork, entry: LedgerEntry) -> Iterator[Notice]:
        yield _notice(work, kind, sentence, entry.note)

    return build


def _canceled(work: FinishedWork, entry: LedgerEntry) -> Iterator[Notice]:
    yield _notice(
        work, Kind.CANCELED, "The work is canceled: nobody goes there.", _last_comment(work)
    )


def _resumed(work: FinishedWork, entry: LedgerEntry) -> Iterator[Notice]:
    status = Status(work.work_order.status).label
    yield _notice(work, Kind.RESUMED, f"Work goes on; the status is {status}.", _target(work))


def _undone(work: FinishedWork, entry: LedgerEntry) -> Iterator[Notice]:
    """Whoever was notified of a step hears that it was taken back."""
    step = Event(entry.changes["step"][1])
    if step in _KINDS_TAKEN_BACK:
        status = Status(work.work_order.status).label
        yield _notice(
            work,
            _KINDS_TAKEN_BACK[step],
            f"“{step.label}” was taken back; the status is {status}.",
            entry.note,
        )


def _given_up(work: FinishedWork, entry: LedgerEntry) -> Iterator[Notice]:
    row = work.work_order
    did = "could not complete it" if row.accepted_on else "declined it"
    yield _notice(
        work,
        Kind.COULD_NOT_COMPLETE,
        f"{row.partner} {did}: {row.get_give_up_reason_display()}.",
        entry.note,
    )


# --- The parts
def _shipment(work: FinishedWork, entry: LedgerEntry) -> Iterator[Notice]:
    shipment = entry.shipment
    if shipment is None or shipment.is_return or not work.work_order.is_open:
        return
    status, edd = entry.changes.get("status"), entry.changes.get("estimated_delivery_on")
    if status and status[1] == ShipmentStatus.DELIVERED and shipment.delivered_on:
        yield _delivered(work, shipment, shipment.delivered_on)
    elif broken := edd and edd[1] and _breaks_booking(work.work_order, shipment, edd):
        yield _notice(work, Kind.BOOKING_BROKEN, _edd(shipment, edd), broken, _target(work))
    elif status and status[1] == ShipmentStatus.SHIPPED:
        yield _notice(work, Kind.SHIPPED, _under_way(shipment), _target(work))
    elif edd and all(edd) and shipment.decides:
        yield _notice(work, Kind.EDD_MOVED, _edd(shipment, edd), _target(work))


def _delivered(work: FinishedWork, shipment: Shipment, on: dt.date) -> Notice:
    row = work.work_order
    all_there = Status.IN_PROGRESS in (row.status, row.held_from) and shipment.decides
    rest = "All required parts are there." if all_there else ""
    return _notice(
        work,
        Kind.DELIVERED,
        f"{shipment} was delivered on {date_placeholder(on)}.",
        rest,
        _target(work),
    )


def _under_way(shipment: Shipment) -> str:
    carrier = f"{shipment.carrier} {shipment.service}".strip()
    words = f"{shipment} is on its way" + (f" with {carrier}" if carrier else "")
    due = shipment.estimated_delivery_on
    return words + (f", estimated delivery {date_placeholder(due)}." if due else ".")


def _edd(shipment: Shipment, edd: Sequence[str | None]) -> str:
    old, new = (day and date_placeholder(dt.date.fromisoformat(day)) for day in edd)
    moved = f"moved from {old} to {new}" if old else f"is {new}"
    return f"{shipment}: the Estimated Delivery Date {moved}."


def _breaks_booking(work_order: WorkOrder, shipment: Shipment, edd: Sequence[str | None]) -> str:
    """The sentence for a booking that the parts would have been there for, and now come after; else
    nothing.
    """
    booked, old = work_order.appointment, edd[0]
    if (
        booked is None
        or work_order.visited_on
        or not shipment.decides
        or shipment.estimated_delivery_on is None
    ):
        return ""
    came_in_time = old is None or dt.date.fromisoformat(old) <= booked.on
    if not came_in_time or shipment.estimated_delivery_on <= booked.on:
        return ""
    return f"The appointment on {date_placeholder(booked.on)} is before that: move it."


def _parts_reported(work: FinishedWork, entry: LedgerEntry) -> Iterator[Notice]:
    yield _notice(work, Kind.PARTS_REPORTED, f"{work.work_order.partner}: {entry.note}")


# --- The appointment, and the reason for delay
def _booked(work: FinishedWork, entry: LedgerEntry) -> Iterator[Notice]:
    """Its technician, and the one who had it before."""
    booked, before = entry.appointment, (entry.changes.get("appointment") or [None])[0]
    if booked is None:
        return
    when = date_placeholder(booked.at)
    where = f"{work.work_order.site.name}, {work.work_order.site.city}"
    if booked.technician_id:
        yield _notice(
            work, Kind.BOOKED, f"You are booked for {when}: {where}.", to=booked.technician_id
        )
    former = (
        Appointment.objects.filter(pk=before, technician__isnull=False).first() if before else None
    )
    if former and former.technician_id != booked.technician_id:
        gone = f"Not yours any more: {where}, {date_placeholder(former.at)}."
        yield _notice(work, Kind.BOOKED, gone, to=former.technician_id)


def _reason_given(work: FinishedWork, entry: LedgerEntry) -> Iterator[Notice]:
    row, reason = work.work_order, DelayReason((entry.changes["reason"] or ["", ""])[1])
    dates = ""
    if row.appointment and row.current_target_on:
        booked = date_placeholder(row.appointment.on)
        target = date_placeholder(row.current_target_on)
        dates = f" Appointment {booked}, Target SLA {target}."
    yield _notice(work, Kind.REASON_GIVEN, f"{row.partner}: {reason.label}.{dates}")


def _reviewed(work: FinishedWork, entry: LedgerEntry) -> Iterator[Notice]:
    excused = (entry.changes["verdict"] or ["", ""])[1] == VerdictKind.EXCUSED
    yield _notice(work, Kind.DELAY_EXCUSED if excused else Kind.ANSWER_WANTED, entry.note)


# --- Comments
def _with_comment(kind: Kind, says: str) -> NoticeBuilder:
    def build(work: FinishedWork, entry: LedgerEntry) -> Iterator[Notice]:
        yield _notice(
            work, kind, f"{work.work_order.partner} {says}{_note_of(entry)}", _last_comment(work)
        )

    return build


def _note_of(entry: LedgerEntry) -> str:
    return f", {entry.note}:" if entry.note else ":"


def _commented(work: FinishedWork, entry: LedgerEntry) -> Iterator[Notice]:
    if work.by is None or not work.by.is_staff:
        yield from _with_comment(Kind.PARTNER_MESSAGE, "writes")(work, entry)
        return
    answers = work.work_order.comments.filter(urgent=True, answered_at=entry.at).exists()
    yield _notice(work, Kind.ASSISTANCE_ANSWERED if answers else Kind.MESSAGE, _last_comment(work))


def _last_comment(work: FinishedWork) -> str:
    body = (
        work.work_order.comments.filter(internal=False)
        .order_by("-pk")
        .values_list("body", flat=True)
        .first()
    )
    return f"“{shortened(body, EXCERPT)}”" if body else ""


_BUILDERS: dict[Event, NoticeBuilder] = {
    Event.CREATED: _new_work,
    Event.UPDATED: _updated,
    Event.REASSIGNED: _new_work,
    Event.SHIPMENT_ADDED: _shipment,
    Event.SHIPMENT_UPDATED: _shipment,
    Event.EDD_FOLLOWED: _shipment,
    Event.PARTS_RECEIVED: _shipment,
    Event.PARTS_REPORTED: _parts_reported,
    Event.REPORT_SETTLED: _with_entry_note(Kind.MESSAGE, ""),
    Event.TARGET_MOVED: _late_at_last,
    Event.TARGET_SET: _late_at_last,
    Event.APPOINTMENT_BOOKED: _booked,
    Event.REASON_GIVEN: _reason_given,
    Event.REASON_REVIEWED: _reviewed,
    Event.VERDICT_ANSWERED: _with_comment(Kind.VERDICT_ANSWERED, "answers the verdict"),
    Event.COMMENTED: _commented,
    Event.ASSISTANCE_REQUESTED: _with_comment(Kind.ASSISTANCE_ASKED, "asks for assistance"),
    Event.HELD: _with_entry_note(Kind.HELD, "The work is on hold."),
    Event.RESUMED: _resumed,
    Event.CANCELED: _canceled,
    Event.SENT_BACK: _with_entry_note(Kind.SENT_BACK, "The work came back to you."),
    Event.CLOSED: _with_entry_note(Kind.CLOSED, "The work is confirmed and closed."),
    Event.COULD_NOT_COMPLETE: _given_up,
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
