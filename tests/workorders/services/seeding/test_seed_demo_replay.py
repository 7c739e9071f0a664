"""Each life of the demo data, lived again through the services at the same times: the same rows,
the same ledger.
"""

import datetime as dt
import itertools
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.forms.models import model_to_dict

from portal.people.models import User
from portal.people.ship_to import ShipTo
from tests.factories import fresh
from workorders.models import Comment, LedgerEntry, Shipment, Verdict, WorkOrder
from workorders.models.ledger import Event
from workorders.services import (
    Booking,
    Part,
    ShipmentDetails,
    accept_work_order,
    book_appointment,
    cancel,
    close,
    comment,
    complete,
    could_not_complete,
    end_visit,
    enter_shipment,
    enter_work_order,
    hold,
    note_requirements,
    order_parts,
    parts_received,
    parts_sent_back,
    report_part,
    request_assistance,
    resume,
    review_reason,
    send_back,
    send_replacement,
    start_visit,
    tick_line_item,
)
from workorders.services.flow.entering import ENTERED
from workorders.states import CouldNotCompleteReason, DelayReason, VerdictKind, VisitOutcome

pytestmark = [pytest.mark.once, pytest.mark.django_db]
FIELDS = set(ShipmentDetails._fields)


class Replay:
    """A second work order, brought along the ledger of a first one."""

    def __init__(self, original: WorkOrder) -> None:
        self.original = original
        self.shipments: dict[int, dict[str, Any]] = {}
        self.again: WorkOrder = original

    def live(self) -> WorkOrder:
        entries = self.original.ledger.select_related(
            "actor", "shipment", "appointment__missed_sla"
        ).order_by("pk")
        for _, group in itertools.groupby(entries, key=lambda entry: entry.version):
            step = list(group)
            with time_machine.travel(step[0].at, tick=False):
                self._do(step)
        return fresh(self.again)

    def _do(self, step: list[LedgerEntry]) -> None:
        main = (Event.APPOINTMENT_BOOKED, Event.REPORT_SETTLED)
        entry = next((e for e in step if e.event in main), step[0])
        verbs: dict[str, Callable[[LedgerEntry, User | None], object]] = {
            Event.CREATED: self._enter,
            Event.ACCEPTED: self._accept,
            Event.PARTS_ORDERED: lambda e, by: order_parts(self.again, by=by),
            Event.SHIPMENT_ADDED: self._ship,
            Event.SHIPMENT_UPDATED: self._ship,
            Event.PARTS_RECEIVED: self._receive,
            Event.PARTS_SENT_BACK: self._return,
            Event.PARTS_REPORTED: self._report,
            Event.REPORT_SETTLED: self._replace,
            Event.APPOINTMENT_BOOKED: self._book,
            Event.REASON_REVIEWED: self._review,
            Event.COMMENTED: lambda e, by: comment(self.again, body=self._said(e), by=by),
            Event.ASSISTANCE_REQUESTED: lambda e, by: request_assistance(
                self.again, body=self._said(e), by=by
            ),
            Event.REQUIREMENTS_NOTED: lambda e, by: note_requirements(
                self.again, text=self.original.partner_notes, by=by
            ),
            Event.HELD: self._hold,
            Event.RESUMED: lambda e, by: resume(self.again, by=by),
            Event.VISIT_BEGAN: lambda e, by: start_visit(self.again, by=by),
            Event.VISIT_ENDED: self._end_visit,
            Event.LINE_ITEM_DONE: self._tick,
            Event.COMPLETED: lambda e, by: complete(self.again, by=by),
            Event.SENT_BACK: lambda e, by: send_back(self.again, note=e.note, by=by),
            Event.CLOSED: lambda e, by: close(self.again, by=by),
            Event.CANCELED: lambda e, by: cancel(self.again, comment=self._said(e), by=by),
            Event.COULD_NOT_COMPLETE: self._give_up,
        }
        verbs[entry.event](entry, entry.actor)

    def _said(self, entry: LedgerEntry) -> str:
        return str(Comment.objects.get(work_order=self.original, at=entry.at).body)

    def _enter(self, entry: LedgerEntry, by: User | None) -> None:
        values = {field: getattr(self.original, field) for field in ENTERED}
        steps = [item.as_entered for item in self.original.line_items.all()]
        self.again = enter_work_order(f"{self.original.number}R", values, line_items=steps, by=by)

    def _accept(self, entry: LedgerEntry, by: User) -> None:
        partner: ShipTo | None = self.original.partner.ship_to
        accept_work_order(
            self.again, ship_to=partner if self.original.parts_required else None, by=by
        )

    def _ship(self, entry: LedgerEntry, by: User) -> None:
        details, parts = self._details(entry)
        enter_shipment(self.again, f"{entry.shipment.number}R", details, parts=parts, by=by)

    def _details(self, entry: LedgerEntry) -> tuple[ShipmentDetails, list[Part]]:
        values = self.shipments.setdefault(entry.shipment_id, {"kind": entry.shipment.kind})
        values |= {field: change[1] for field, change in entry.changes.items()}
        if values.get("edd_is_computed"):
            values["estimated_delivery_on"] = None
        dates = {
            name: value and dt.date.fromisoformat(value)
            for name, value in values.items()
            if name.endswith("_on")
        }
        known = {name: value for name, value in (values | dates).items() if name in FIELDS}
        parts = [Part(p.part_number, p.quantity, p.description) for p in entry.shipment.parts.all()]
        return ShipmentDetails(**known), parts

    def _receive(self, entry: LedgerEntry, by: User) -> None:
        on = dt.date.fromisoformat(entry.changes["delivered_on"][1])
        parts_received(self.again, numbers=[f"{entry.shipment.number}R"], on=on, by=by)

    def _return(self, entry: LedgerEntry, by: User) -> None:
        row, number = entry.shipment, f"{entry.shipment.number}R"
        known = {"carrier": row.carrier, "tracking_number": row.tracking_number, "on": row.sent_on}
        parts_sent_back(self.again, number=number, **known, by=by)

    def _report(self, entry: LedgerEntry, by: User) -> None:
        made = self.original.part_reports.get(reported_at=entry.at)
        part = self.again.shipments.get(number=f"{entry.shipment.number}R").parts.get(
            part_number=made.part_number
        )
        known = {"problem": made.problem, "quantity": made.quantity, "note": made.note}
        report_part(self.again, part=part.pk, **known, by=by)

    def _replace(self, entry: LedgerEntry, by: User) -> None:
        added = self.original.ledger.get(version=entry.version, event=Event.SHIPMENT_ADDED)
        details, parts = self._details(added)
        reports = [report.pk for report in self.again.part_reports.all()]
        send_replacement(
            self.again, f"{added.shipment.number}R", details, parts=parts, reports=reports, by=by
        )

    def _book(self, entry: LedgerEntry, by: User) -> None:
        row = entry.appointment
        missed = row.missed_sla
        booking = Booking(row.at, row.technician_name, row.contact_phone, row.contact_email)
        if missed:
            reason = DelayReason(missed.reason)
            booking = booking._replace(
                reason=reason, note=missed.note, confirmed_target=missed.target_on
            )
        book_appointment(self.again, booking, by=by)

    def _review(self, entry: LedgerEntry, by: User) -> None:
        original = Verdict.objects.get(missed_sla__work_order=self.original, at=entry.at)
        review_reason(
            self.again.missed_sla_reasons.get(),
            kind=VerdictKind(original.kind),
            note=original.note,
            by=by,
        )

    def _hold(self, entry: LedgerEntry, by: User) -> None:
        original = self.original.holds.get()
        hold(
            self.again,
            reason=entry.note,
            stops_clock=original.stops_clock,
            cause=original.cause,
            by=by,
        )

    def _end_visit(self, entry: LedgerEntry, by: User) -> None:
        visit = self.original.visits.get(ended_at=entry.at)
        end_visit(self.again, outcome=VisitOutcome(visit.outcome), note=visit.note, by=by)

    def _tick(self, entry: LedgerEntry, by: User) -> None:
        item = self.original.line_items.get(done_at=entry.at)
        tick_line_item(self.again, item.number, serial=item.serial, by=by)

    def _give_up(self, entry: LedgerEntry, by: User) -> None:
        could_not_complete(
            self.again,
            reason=CouldNotCompleteReason(self.original.give_up_reason),
            note=entry.note,
            by=by,
        )


def facts(work_order: WorkOrder) -> dict[str, Any]:
    """All fields but those that name the row itself."""
    row = model_to_dict(work_order) | {
        "version": work_order.version,
        "parts_due_on": work_order.parts_due_on,
    }
    appointment = work_order.appointment
    row["appointment"] = appointment and (appointment.at, appointment.on, appointment.judged_by)
    return {field: value for field, value in row.items() if field not in ("id", "number")}


def ledger(work_order: WorkOrder) -> list[tuple[Any, ...]]:
    entries = work_order.ledger.order_by("pk").select_related("shipment")
    return [
        (
            e.version,
            e.event,
            e.actor_id,
            e.at,
            {**e.changes, "appointment": None},
            e.note.replace("R", ""),
        )
        for e in entries
    ]


def shipments(work_order: WorkOrder) -> list[tuple[Any, ...]]:
    rows = Shipment.objects.filter(work_order=work_order).order_by("number")
    fields = (
        "status",
        "estimated_delivery_on",
        "edd_is_computed",
        "delivered_on",
        "reported_by_partner",
    )
    return list(
        rows.values_list(*fields, "kind", "direction", "required", "pick_up_on", "tracking_number")
    )


def test_each_life_is_what_the_services_make_of_it(full_size):
    call_command("seed_demo", "--today", "2026-03-11", stdout=StringIO())
    User.objects.update(is_active=True)  # so that they may act again
    seeded = list(WorkOrder.objects.with_facts().order_by("number"))
    assert len(seeded) == 72
    for original in seeded if full_size else seeded[::2]:
        again = Replay(original).live()
        assert ledger(again) == ledger(original)
        assert facts(again) == facts(original)
        assert shipments(again) == shipments(original)
