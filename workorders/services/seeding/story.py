"""The story of a work order: played in memory by the services' own rules, and stored in bulk.

`UnitOfWork`, `set_status` and `follow_shipments` change status, target and ledger as they do in the
services; only saving is left to `copying`. A test compares stored stories with what the services
compute.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any, NamedTuple

from portal.people.models import Partner, User
from workorders.models import (
    Appointment,
    CarrierService,
    Comment,
    Hold,
    LedgerEntry,
    LineItem,
    MissedSLAReason,
    PartReport,
    Shipment,
    ShipmentPart,
    Verdict,
    Visit,
    WorkOrder,
)
from workorders.models.ledger import Event, LedgerChanges
from workorders.services.changes import changed
from workorders.services.flow.acceptance import ship_to_fields
from workorders.services.flow.completion import freeze_outcome
from workorders.services.flow.cycles import begin_next_cycle
from workorders.services.flow.entering import line_item
from workorders.services.seeding.names import MARKS
from workorders.services.seeding.texts import Task
from workorders.services.transitions import follow_shipments, set_status
from workorders.services.unit_of_work import UnitOfWork
from workorders.states import (
    AssistanceReason,
    Cause,
    CouldNotCompleteReason,
    Direction,
    ShipmentKind,
    ShipmentStatus,
    Status,
)
from workorders.targets.computing import computed_edd
from workorders.targets.terms import business_calendar

ONE_DAY = dt.timedelta(days=1)
RETURN = {"kind": ShipmentKind.RMA, "direction": Direction.RETURN, "required": False}


class Cast(NamedTuple):
    """The people in a story."""

    partner: Partner
    dispatcher: User
    staff: User
    technicians: dict[str, User]  # those with an account, by name


class StoryUnitOfWork(UnitOfWork):
    """A unit of work that keeps its rows in the story instead of saving them."""

    def __init__(self, story: "Story", by: User | None, now: dt.datetime) -> None:
        super().__init__(story.work_order, by, now=now)
        self.story = story
        self.shipments, self.holds, self.visits = story.shipments, story.holds, story.visits
        self.appointments = story.appointments
        self.story_entries = story.entries

    def _deciding(self, began_at: dt.datetime) -> list[Shipment]:
        earlier = (entry for entry in self.story_entries if entry.at <= began_at)
        added = {id(each.shipment) for each in earlier if each.event == Event.SHIPMENT_ADDED}
        known = [shipment for shipment in self.shipments if id(shipment) in added]
        return [each for each in known if each.is_required_outbound] or self.shipments

    def _target_moves(self) -> list[LedgerEntry]:
        entries = (*self.story_entries, *self.entries)
        return [entry for entry in entries if entry.event == Event.TARGET_MOVED]

    def _save_judgement(self, appointment: Appointment) -> None:
        pass

    def _let_count(self, reason: MissedSLAReason | None) -> None:
        for row in self.story.reasons:
            row.counts = row is reason


class Story:
    def __init__(
        self, work_order: WorkOrder, task: Task, cast: Cast, today: dt.date, random: Random
    ) -> None:
        self.work_order, self.task, self.cast = work_order, task, cast
        self.today, self.random = today, random
        self.zone = work_order.site.zone
        self.calendar = business_calendar(work_order.territory)
        self.now = dt.datetime.min.replace(tzinfo=dt.UTC)
        self.entries: list[LedgerEntry] = []
        self.line_items: list[LineItem] = []
        self.shipments: list[Shipment] = []
        self.parts: list[ShipmentPart] = []
        self.appointments: list[Appointment] = []
        self.reasons: list[MissedSLAReason] = []
        self.verdicts: list[Verdict] = []
        self.comments: list[Comment] = []
        self.holds: list[Hold] = []
        self.visits: list[Visit] = []
        self.part_reports: list[PartReport] = []

    # --- Days

    def business_day(self, offset: int) -> dt.date:
        """The business day this many days before or after today; 0 is today, or the next one."""
        if offset >= 0:
            return self.calendar.add_business_days(self.today, offset)
        return self.before(self.today, -offset)

    def before(self, day: dt.date, count: int) -> dt.date:
        """The count-th business day strictly before `day`."""
        while count:
            day -= ONE_DAY
            count -= self.calendar.is_business_day(day)
        return day

    def start_for(self, target: dt.date) -> dt.date:
        """The start day for which the work order's entitlement gives this target."""
        return self.before(target, self.work_order.entitlement.business_days)

    # --- Steps
    @contextmanager
    def step(self, on: dt.date, by: User | None) -> Iterator[StoryUnitOfWork]:
        """One write on that day at the site, some time after the last one."""
        since_eight = dt.timedelta(seconds=self.random.randrange(30_000))
        at = dt.datetime.combine(on, dt.time(8), self.zone) + since_eight
        self.now = max(at.astimezone(dt.UTC), self.now + dt.timedelta(minutes=7))
        work = StoryUnitOfWork(self, by, self.now)
        yield work
        self.work_order.version += 1
        for entry in work.entries:
            entry.version = self.work_order.version
        self.entries += work.entries

    def enter(self, on: dt.date) -> None:
        self.work_order.assigned_on = on
        self.line_items = [
            line_item(self.work_order, n, step) for n, step in enumerate(self.task.steps, start=1)
        ]
        with self.step(on, None) as work:
            work.log(Event.CREATED)
            work.retarget()
            work.refresh_search_text()

    def accept(self, on: dt.date) -> None:
        with self.step(on, self.cast.dispatcher) as work:
            parts = self.work_order.parts_required
            to = Status.SHIP_TO_RECEIVED if parts else Status.IN_PROGRESS
            set_status(work, to, accepted_on=work.today)
            if self.cast.partner.ship_to and parts:
                work.set(**ship_to_fields(self.cast.partner.ship_to))
            work.log(Event.ACCEPTED)
            work.retarget()

    def order_parts(self, on: dt.date) -> None:
        with self.step(on, self.cast.staff) as work:
            set_status(work, Status.PARTS_ORDERED)
            work.log(Event.PARTS_ORDERED)
            follow_shipments(work)

    def add_shipment(self, on: dt.date, service: CarrierService, **values: Any) -> Shipment:
        """Add a shipment, by default ordered, outbound and required.

        Its EDD is computed if `values` have a pick-up date but no EDD.
        """
        carrier = {"carrier": service.carrier, "service": service.service}
        given = {"kind": ShipmentKind.FSO} | carrier | values
        pick_up_on = given.get("pick_up_on")
        if pick_up_on and not given.get("estimated_delivery_on"):
            edd = computed_edd(pick_up_on, service.transit_business_days, self.calendar)
            given |= {"estimated_delivery_on": edd, "edd_is_computed": True}
        number = f"{given['kind']}-{MARKS.digits}{len(self.shipments)}"
        shipment = Shipment(number=number, work_order=self.work_order)
        self.parts += [
            ShipmentPart(shipment=shipment, part_number=part, description=description)
            for part, description in self.task.parts
        ]
        with self.step(on, self.cast.staff) as work:
            self.shipments.append(shipment)
            self.put(work, shipment, Event.SHIPMENT_ADDED, given)
        return shipment

    def change_shipment(self, on: dt.date, shipment: Shipment, **values: Any) -> None:
        with self.step(on, self.cast.staff) as work:
            self.put(work, shipment, Event.SHIPMENT_UPDATED, values)

    def deliver(self, shipment: Shipment, on: dt.date) -> None:
        self.change_shipment(on, shipment, status=ShipmentStatus.DELIVERED, delivered_on=on)

    def report_delivery(self, shipment: Shipment, on: dt.date) -> None:
        with self.step(on, self.cast.dispatcher) as work:
            values = {
                "status": ShipmentStatus.DELIVERED,
                "delivered_on": on,
                "reported_by_partner": True,
            }
            self.put(work, shipment, Event.PARTS_RECEIVED, values)

    def put(
        self, work: StoryUnitOfWork, shipment: Shipment, event: Event, values: dict[str, Any]
    ) -> None:
        changes: LedgerChanges = {}
        for field, value in values.items():
            old = getattr(shipment, field)
            if old != value:
                setattr(shipment, field, value)
                changes |= changed(field, old, value)
        work.log(event, shipment=shipment, changes=changes)
        follow_shipments(work)
        work.retarget()
        work.refresh_search_text()

    def add_comment(self, on: dt.date, by: User, body: str, *, urgent: bool = False) -> None:
        with self.step(on, by) as work:
            self._comment(work, by, body, urgent)
            why = AssistanceReason.OTHER.label if urgent else ""
            work.log(Event.ASSISTANCE_REQUESTED if urgent else Event.COMMENTED, note=why)

    def _comment(self, work: StoryUnitOfWork, by: User, body: str, urgent: bool = False) -> None:
        if by.is_staff:
            for asked in self.comments:
                if asked.urgent:
                    asked.answered_at = asked.answered_at or work.now
        asks = {"urgent": True, "assistance": AssistanceReason.OTHER} if urgent else {}
        self.comments.append(
            Comment(work_order=self.work_order, author=by, body=body, at=work.now, **asks)
        )

    def note(self, on: dt.date, text: str) -> None:
        with self.step(on, self.cast.dispatcher) as work:
            work.set(partner_notes=text)
            work.log(Event.REQUIREMENTS_NOTED)

    def hold(self, on: dt.date, reason: str, cause: Cause, **values: Any) -> None:
        with self.step(on, self.cast.staff) as work:
            values |= {"first": work.today, "reason": reason, "cause": cause}
            self.holds.append(Hold(work_order=self.work_order, **values))
            set_status(work, Status.ON_HOLD)
            work.log(Event.HELD, note=reason)
            work.retarget()

    def resume(self, on: dt.date) -> None:
        with self.step(on, self.cast.staff) as work:
            self.holds[-1].last = work.today
            set_status(work, Status(self.work_order.held_from))
            work.log(Event.RESUMED)
            follow_shipments(work)
            work.retarget()

    def complete(self, on: dt.date) -> None:
        self.work_order.images_required = False  # as the demo data has no photos
        for item in self.line_items:
            item.photo_required = False
        with self.step(on, self.cast.dispatcher) as work:
            set_status(work, Status.COMPLETED, completed_at=work.now)
            freeze_outcome(work)
            work.log(Event.COMPLETED)

    def send_back(self, on: dt.date, note: str) -> None:
        with self.step(on, self.cast.staff) as work:
            appointment = self.work_order.appointment
            begin_next_cycle(work)
            changes = work.take_unlogged()
            if appointment:
                changes |= {"appointment": [appointment, None]}
            work.log(Event.SENT_BACK, note=note, changes=changes)

    def close(self, on: dt.date) -> None:
        with self.step(on, self.cast.staff) as work:
            set_status(work, Status.CLOSED)
            work.log(Event.CLOSED)

    def cancel(self, on: dt.date, comment: str) -> None:
        with self.step(on, self.cast.staff) as work:
            set_status(work, Status.CANCELED)
            self._comment(work, self.cast.staff, comment)
            work.log(Event.CANCELED)

    def could_not_complete(self, on: dt.date, reason: CouldNotCompleteReason, note: str) -> None:
        with self.step(on, self.cast.dispatcher) as work:
            set_status(work, Status.COULD_NOT_COMPLETE, give_up_reason=reason)
            work.log(Event.COULD_NOT_COMPLETE, note=note)
