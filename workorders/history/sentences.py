"""A ledger entry as one sentence, by its kind. What has none here is shown by its title."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, NamedTuple

from workorders.models import Appointment, LedgerEntry
from workorders.models.ledger import Event
from workorders.states import (
    AssistanceReason,
    CouldNotCompleteReason,
    DelayReason,
    ShipmentStatus,
    Status,
    VerdictKind,
    VisitOutcome,
)

Facts = dict[str, str | dt.date]


class Sentence(NamedTuple):
    """Words with {names} in them, and what each name stands for: text, a day or an instant.

    `main` is what the eye should find.
    """

    words: str
    facts: Facts


Told = Sentence | str | None
"""Words alone speak of nobody but {who} and {main}, what the entry is about."""

ABOUT_ITSELF = {
    Event.UPDATED: "{who} updated the work order.",
    Event.TIME_ZONE_CHANGED: "{who} changed the time zone of the site.",
    Event.SHIP_TO_CHANGED: "{who} changed where the parts go.",
    Event.PARTS_ORDERED: "{who} ordered the parts.",
    Event.PARTS_REPORTED: "{who} reported parts of {main} as damaged or missing.",
    Event.REPORT_SETTLED: "{who} settled the report on parts of {main}.",
    Event.PARTS_SENT_BACK: "{who} sent back the parts of {main}.",
    Event.RETURN_WAIVED: "{who} said that {main} is not needed back.",
    Event.RETURN_CLAIMED: "{who} said that {main} is needed back after all.",
    Event.VERDICT_ANSWERED: "{who} answered the verdict.",
    Event.COMMENTED: "{who} wrote a comment.",
    Event.REQUIREMENTS_NOTED: "{who} noted the partner’s requirements.",
    Event.FILE_REMOVED: "{who} removed {main}.",
    Event.VISIT_BEGAN: "{who} began the work on site.",
    Event.VISIT_ENTERED: "{who} entered a visit afterwards.",
    Event.VISIT_CORRECTED: "{who} corrected the time of the visit.",
    Event.VISIT_CHECKED: "{who} checked the visit that was entered late.",
    Event.LINE_ITEM_DONE: "{who} ticked {main}.",
    Event.LINE_ITEM_CHANGED: "{who} noted something on {main}.",
    Event.LINE_ITEM_UNDONE: "{who} reopened {main}.",
    Event.COMPLETED: "{who} completed the work.",
    Event.HELD: "{who} put the work on hold.",
    Event.RESUMED: "{who} resumed the work.",
    Event.HOLD_CORRECTED: "{who} corrected the hold.",
    Event.SENT_BACK: "{who} sent the work back to be done again.",
    Event.CLOSED: "{who} closed the work order.",
    Event.CANCELED: "{who} canceled the work order.",
    Event.REASSIGNED: "{who} gave the work order to another partner.",
    Event.POC_ADDED: "{who} added a second POC.",
}

CAUSES = {  # by the title of the entry that moved the target
    Event.ACCEPTED.label: "because the work was accepted",
    Event.UPDATED.label: "after an update",
    Event.HELD.label: "because of a hold",
    Event.RESUMED.label: "because the work was resumed",
    Event.HOLD_CORRECTED.label: "because a hold was corrected",
    Event.SHIPMENT_ADDED.label: "because of {about}",
    Event.SHIPMENT_UPDATED.label: "because of {about}",
    Event.EDD_FOLLOWED.label: "because of {about}",
    Event.PARTS_RECEIVED.label: "because {about} was received",
    Event.UNDONE.label: "because a step was undone",
}

ATTEMPTS = {
    "Call: reached": "{who} called the POC and reached them.",
    "Call: no answer": "{who} called the POC, who did not answer.",
}


def sentence_of(entry: LedgerEntry, who: str) -> Sentence | None:
    """What `who` did, by the kind of the entry; None where it has no sentence of its own."""
    event = Event(entry.event)
    told = TOLD[event](entry) if event in TOLD else ABOUT_ITSELF.get(event)
    if told is None:
        return None
    if isinstance(told, str):
        told = Sentence(told, {})
    known: Facts = {"who": who, "main": _subject(entry)}
    return told._replace(facts=known | told.facts)


def _subject(entry: LedgerEntry) -> str:
    """What the entry is about: its line item, shipment or file."""
    item = _new(entry, "line_item")
    return str(item or entry.shipment or entry.file or "")


def _is_of_return(entry: LedgerEntry) -> bool:
    return entry.shipment is not None and entry.shipment.is_return


def _new(entry: LedgerEntry, field: str) -> Any:
    """The value after the change; None if it is private, or has not changed."""
    values = entry.changes.get(field)
    return values[1] if values else None


def _old(entry: LedgerEntry, field: str) -> Any:
    values = entry.changes.get(field)
    return values[0] if values else None


def _day(entry: LedgerEntry, field: str) -> dt.date | None:
    value = _new(entry, field)
    return dt.date.fromisoformat(value) if value else None


def _created(entry: LedgerEntry) -> Told:
    return "{who} entered the work order." if entry.actor else "The work order was entered."


def _accepted(entry: LedgerEntry) -> Told:
    if any(name.startswith("ship_to_") for name in entry.changes):
        return "{who} accepted the work order and said where the parts go."
    return "{who} accepted the work order."


def _shipment_added(entry: LedgerEntry) -> Told:
    if _is_of_return(entry):
        return "{who} entered the return {main}." if entry.actor else "{main} was entered."
    words = "{who} entered the shipment {main}" if entry.actor else "{main} was entered"
    if expected_on := _day(entry, "estimated_delivery_on"):
        return Sentence(f"{words}, expected on {{day}}.", {"day": expected_on})
    return f"{words}."


def _shipment_updated(entry: LedgerEntry) -> Told:
    status = _new(entry, "status")
    if status == ShipmentStatus.DELIVERED:
        return _received(entry)
    if status == ShipmentStatus.SHIPPED:
        return _sent(entry)
    if expected_on := _day(entry, "estimated_delivery_on"):
        said = "{who} said that " if entry.actor else ""
        return Sentence(f"{said}{{main}} is now expected on {{day}}.", {"day": expected_on})
    if "parts" in entry.changes:
        return "{who} changed the parts of {main}."
    return "{who} updated {main}." if entry.actor else "{main} was updated."


def _sent(entry: LedgerEntry) -> Sentence:
    carrier = " ".join(filter(None, (_new(entry, "carrier"), _new(entry, "service"))))
    words = "{who} said that {main} was sent" if _is_of_return(entry) else "{who} sent {main}"
    words = words if entry.actor else "{main} was sent"
    return Sentence(f"{words} with {{carrier}}." if carrier else f"{words}.", {"carrier": carrier})


def _received(entry: LedgerEntry) -> Told:
    words = "{who} said that {main} was delivered" if entry.actor else "{main} was delivered"
    if delivered_on := _day(entry, "delivered_on"):
        return Sentence(f"{words} on {{day}}.", {"day": delivered_on})
    return f"{words}."


def _return_owed(entry: LedgerEntry) -> Told:
    if due_on := _day(entry, "return_due_on"):
        return Sentence("Unused parts are to go back with {main} by {day}.", {"day": due_on})
    return "Unused parts are to go back with {main}."


def _return_due(entry: LedgerEntry) -> Told:
    due_on = _day(entry, "return_due_on")
    return Sentence("{main} is to go back by {day}.", {"day": due_on}) if due_on else None


def _status_followed(entry: LedgerEntry) -> Told:
    if status := _new(entry, "status"):
        words = "The work order became {main}, following its parts."
        return Sentence(words, {"main": Status(status).label})
    if status := _new(entry, "held_from"):
        words = "Once resumed, the work order will be {main}, following its parts."
        return Sentence(words, {"main": Status(status).label})
    return None


def _edd_followed(entry: LedgerEntry) -> Told:
    expected_on = _day(entry, "estimated_delivery_on")
    if expected_on is None:
        return None
    return Sentence("{main} is now expected on {day}.", {"day": expected_on})


def _target_moved(entry: LedgerEntry) -> Told:
    if "target_on" not in entry.changes:
        return None
    title, _, about = entry.note.partition(": ")
    cause = CAUSES.get(title, "")
    cause = f", {cause}" if cause else ""
    facts: Facts = {"about": about}
    if target_on := _day(entry, "target_on"):
        return Sentence(f"The Target SLA became {{main}}{cause}.", facts | {"main": target_on})
    return Sentence(f"There is no Target SLA any more{cause}.", facts)


def _target_set(entry: LedgerEntry) -> Told:
    target_on = _day(entry, "target_on")
    if target_on is None:
        return None
    return Sentence("{who} set the target of this cycle to {main}.", {"main": target_on})


def _booked(entry: LedgerEntry) -> Told:
    if (booked := entry.appointment) is None:
        return None
    words = "{who} booked {main} with {technician}{distance}."
    if booked.entered_afterwards:
        words = "{who} entered the visit of {main} by {technician}{distance}."
    return Sentence(words, _of_appointment(booked) | {"distance": _distance(booked)})


def _distance(booked: Appointment) -> str:
    """How far behind the target it was when it was booked."""
    if (missed := booked.missed_sla) is None:
        return ""
    days = missed.business_days_late
    return f", {days} business day{'' if days == 1 else 's'} after the target"


def _of_appointment(appointment: Appointment) -> Facts:
    return {"main": appointment.at, "technician": appointment.technician_name}


def _taken_back(entry: LedgerEntry) -> Told:
    if (booked := entry.appointment) is None:
        return None
    words = "{who} took back the appointment of {main} with {technician}."
    return Sentence(words, _of_appointment(booked))


def _technician_left(entry: LedgerEntry) -> Told:
    if (booked := entry.appointment) is None:
        return None
    words = "{who} offboarded {technician}, who is booked for {main}."
    return Sentence(words, _of_appointment(booked))


def _reason_given(entry: LedgerEntry) -> Told:
    reason = _new(entry, "reason")
    if not reason:
        return None
    return Sentence("{who} gave the reason {main}.", {"main": DelayReason(reason).label})


def _reviewed(entry: LedgerEntry) -> Told:
    kind = _new(entry, "verdict")
    if not kind:
        return "{who} reviewed the reason for delay."
    words = "{who} reviewed the reason for delay: {main}."
    return Sentence(words, {"main": VerdictKind(kind).label.lower()})


def _noted_internally(entry: LedgerEntry) -> Told:
    if "verdict" in entry.changes:
        return _reviewed(entry)
    return "{who} wrote an internal note."


def _assistance(entry: LedgerEntry) -> Told:
    if entry.note not in ("", AssistanceReason.OTHER.label):
        return Sentence("{who} asked for assistance: {main}.", {"main": entry.note.rstrip(".")})
    return "{who} asked for assistance."


def _file_added(entry: LedgerEntry) -> Told:
    is_photo = entry.file is not None and entry.file.is_photo
    return "{who} added the photo {main}." if is_photo else "{who} added the file {main}."


def _file_changed(entry: LedgerEntry) -> Told:
    if "scan" in entry.changes:
        return "{who} holds back {main}: the virus scanner found something in it."
    return "{who} changed what is said of {main}."


def _visit_ended(entry: LedgerEntry) -> Told:
    outcome = entry.note.partition(":")[0]
    if outcome not in VisitOutcome.labels:
        return "{who} ended the visit."
    return Sentence("{who} ended the visit: {main}.", {"main": outcome.lower()})


def _could_not_complete(entry: LedgerEntry) -> Told:
    is_declined = _old(entry, "status") == Status.ASSIGNED
    words = "{who} declined the work order" if is_declined else "{who} could not complete the work"
    if reason := _new(entry, "give_up_reason"):
        label = CouldNotCompleteReason(reason).label
        return Sentence(f"{words}: {{main}}.", {"main": label})
    return f"{words}."


def _follow_on(entry: LedgerEntry) -> Told:
    return Sentence("{who} issued {main} to follow this one.", {"main": entry.note})


def _contact_tried(entry: LedgerEntry) -> Told:
    return ATTEMPTS.get(entry.note.partition(". ")[0], "{who} wrote to the POC.")


def _undone(entry: LedgerEntry) -> Told:
    step = Event(_new(entry, "step"))
    return Sentence("{who} undid the step {main}.", {"main": step.label})


TOLD: dict[Event, Callable[[LedgerEntry], Told]] = {
    Event.CREATED: _created,
    Event.ACCEPTED: _accepted,
    Event.SHIPMENT_ADDED: _shipment_added,
    Event.SHIPMENT_UPDATED: _shipment_updated,
    Event.PARTS_RECEIVED: _received,
    Event.RETURN_OWED: _return_owed,
    Event.RETURN_DUE: _return_due,
    Event.STATUS_FOLLOWED: _status_followed,
    Event.EDD_FOLLOWED: _edd_followed,
    Event.TARGET_MOVED: _target_moved,
    Event.TARGET_SET: _target_set,
    Event.APPOINTMENT_BOOKED: _booked,
    Event.APPOINTMENT_TAKEN_BACK: _taken_back,
    Event.TECHNICIAN_LEFT: _technician_left,
    Event.REASON_GIVEN: _reason_given,
    Event.REASON_REVIEWED: _reviewed,
    Event.NOTED_INTERNALLY: _noted_internally,
    Event.ASSISTANCE_REQUESTED: _assistance,
    Event.FILE_ADDED: _file_added,
    Event.FILE_CHANGED: _file_changed,
    Event.VISIT_ENDED: _visit_ended,
    Event.COULD_NOT_COMPLETE: _could_not_complete,
    Event.FOLLOW_ON_ISSUED: _follow_on,
    Event.CONTACT_TRIED: _contact_tried,
    Event.UNDONE: _undone,
}
