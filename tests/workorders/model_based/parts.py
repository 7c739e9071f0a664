"""Random steps: accepted, reassigned; parts ordered, shipped, delivered, damaged, replaced."""

from functools import partial
from typing import Any

from hypothesis import strategies as st

from tests.factories import SHIP_TO
from tests.workorders.model_based.steps import Steps, action
from tests.workorders.model_based.values import (
    AT_WORK,
    DAY,
    ON_THE_WAY,
    TRANSIT,
    Shipment,
    after_business_days,
)
from workorders import services as s
from workorders.services import Part
from workorders.states import PartProblem, ShipmentKind

REQUIRED, OPTIONAL = ("FSO-1", "FSO-2"), "FSO-3"
OTHER = {"VoltFix": "Amped Field Services", "Amped Field Services": "VoltFix"}


class Parts(Steps):
    @property
    def began_today(self) -> bool:
        """The clock stands still within a day: whether a shipment was entered before the visit or
        after it cannot be told.
        """
        visit = self.model.first_visit
        return visit is not None and visit.on == self.model.today

    @action(lambda self: self.model.status == "assigned")
    def accept(self) -> None:
        model = self.model

        def change() -> None:
            model.status = "ship-to-received" if model.parts else "in-progress"
            model.accepted_on = max(model.today, model.assigned_on)

        call = partial(s.accept_work_order, self.row, ship_to=SHIP_TO, by=self.partner)
        self.take(model.status == "assigned", call, change, step="accepted")

    def accept_as_another_partner(self) -> None:
        other = self.people[OTHER[self.model.partner]]
        self.take(False, partial(s.accept_work_order, self.row, ship_to=SHIP_TO, by=other))

    @action(
        lambda self: (
            not self.model.accepted_on and self.model.status in ("assigned", "could-not-complete")
        ),
        on=st.integers(0, 4),
    )
    def reassign(self, on: int = 0) -> None:
        model, day, to = self.model, self.model.assigned_on + on * DAY, OTHER[self.model.partner]

        def change() -> None:
            if model.outcome:
                model.declined = (*model.declined, (model.partner, model.outcome))
            model.outcome, model.ended_late = None, False
            model.partner, model.assigned_on, model.status = to, day, "assigned"

        possible = model.status in ("assigned", "could-not-complete") and not (
            model.accepted_on or model.has_follow_on
        )
        partner = self.people[to].partner
        call = partial(s.reassign, self.row, partner=partner, assigned_on=day, by=self.staff)
        self.take(possible and day <= model.latest_today, call, change, step="reassigned")

    @action(lambda self: self.model.status == "ship-to-received")
    def order(self) -> None:
        model = self.model
        possible = model.status == "ship-to-received"
        call, change = (
            partial(s.order_parts, self.row, by=self.staff),
            partial(model.goes_on_as, "parts-ordered"),
        )
        self.take(possible, call, change, step="ordered", shipments_changed=True)

    @action(
        lambda self: self.model.accepted_on,
        number=st.sampled_from([*REQUIRED, *REQUIRED, OPTIONAL]),
        status=st.sampled_from(["ordered", "shipped", "delivered"]),
        edd=st.sampled_from([None, None, *range(-2, 12)]),
        ago=st.integers(0, 3),
        counted=st.booleans(),
    )
    def enter(
        self, number: str, status: str, edd: int | None, ago: int = 0, counted: bool = False
    ) -> None:
        """Staff enter how far a shipment is.

        `counted`: the carrier names no date, the pick-up does.
        """
        model, today = self.model, self.model.today
        pick_up = today if counted and status == "shipped" else None
        given = None if edd is None or pick_up else today + edd * DAY
        known: dict[str, Any] = {"required": number != OPTIONAL, "status": status}
        if status == "delivered":
            known["delivered_on"] = max(today - ago * DAY, min(model.assigned_on, today))
        carrier = {
            "carrier": "FedEx",
            "service": "2Day",
            "pick_up_on": pick_up,
            "estimated_delivery_on": given,
        }
        after = Shipment(
            **known,
            edd=after_business_days(pick_up, TRANSIT) if pick_up else given,
            computed=bool(pick_up),
            picked_up_on=pick_up,
        )
        before = model.shipments.get(number)
        if before is None and self.began_today:
            return
        call = partial(
            s.enter_shipment,
            self.row,
            number,
            s.ShipmentDetails(ShipmentKind.FSO, **known, **carrier),
        )
        self.take(
            model.accepted_on,
            partial(call, parts=None if before else [Part("CBL-23", 2)], by=self.staff),
            lambda: model.shipments.update({number: after}),
            step="" if before == after else "shipment updated" if before else "shipment added",
            writes=before != after,
            shipments_changed=True,
        )

    @action(
        lambda self: self.model.waits in ON_THE_WAY,
        number=st.sampled_from(REQUIRED),
        edd=st.integers(1, 6),
    )
    def parts_go_on(self, number: str, edd: int) -> None:
        """The usual way of a shipment, which chance alone seldom finds."""
        known = self.model.shipments.get(number)
        self.enter(
            number,
            {None: "ordered", "ordered": "shipped"}.get(known and known.status, "delivered"),
            edd,
        )

    @action(
        lambda self: any(
            shipment.status != "delivered" for shipment in self.model.shipments.values()
        ),
        both=st.booleans(),
        ago=st.integers(0, 2),
    )
    def receive(self, both: bool, ago: int) -> None:
        """The partner says what has come; not before it was picked up."""
        model = self.model
        numbers = sorted(
            n for n, shipment in model.shipments.items() if shipment.status != "delivered"
        )[: 1 + both]
        day = max(model.today - ago * DAY, min(model.assigned_on, model.today))
        picked_up = self.row.shipments.filter(number__in=numbers).values_list(
            "pick_up_on", flat=True
        )
        too_early = any(on and day < on for on in picked_up)

        def change() -> None:
            for number in numbers:
                came = {"status": "delivered", "delivered_on": day, "by_partner": True}
                model.shipments[number] = model.shipments[number]._replace(**came)

        possible = model.status in (*ON_THE_WAY[1:], *AT_WORK) and not too_early
        call = partial(s.parts_received, self.row, numbers=numbers, on=day, by=self.partner)
        self.take(possible, call, change, step="shipment updated", shipments_changed=True)

    @action(
        lambda self: (
            self.model.shipments and self.model.status in ("shipping", "shipped", *AT_WORK)
        ),
        data=st.data(),
    )
    def report_damage(self, data: Any) -> None:
        model = self.model
        number = data.draw(st.sampled_from(sorted(model.shipments)))
        reported = model.reports.get(number, 0)
        part = self.row.shipments.get(number=number).parts.get().pk
        call = partial(
            s.report_part,
            self.row,
            part=part,
            problem=PartProblem.DAMAGED,
            quantity=1,
            by=self.partner,
        )
        possible = model.shipments[number].status != "ordered" and reported < model.quantity_of(
            number
        )
        self.take(possible, call, lambda: model.reports.update({number: reported + 1}))

    @action(lambda self: self.model.reports, edd=st.sampled_from([None, *range(1, 9)]))
    def replace(self, edd: int | None) -> None:
        """One more required part: the target follows it, In Progress stays."""
        if self.began_today:
            return
        model, number = self.model, f"FSO-R{len(self.model.shipments)}"
        after = Shipment(required=True, edd=None if edd is None else model.today + edd * DAY)
        reports = [report.pk for report in self.row.part_reports.filter(settled_at=None)]
        details = s.ShipmentDetails(ShipmentKind.FSO, estimated_delivery_on=after.edd)
        call = partial(
            s.send_replacement,
            self.row,
            number,
            details,
            parts=[Part("CBL-23", 1)],
            reports=reports,
        )
        change = partial(model.shipments.__setitem__, number, after)
        self.take(
            reports,
            partial(call, by=self.staff),
            change,
            step="shipment added",
            shipments_changed=True,
        )
