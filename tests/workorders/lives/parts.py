"""Random lives: accepted, reassigned; parts ordered, shipped, delivered, damaged, replaced."""

from functools import partial
from typing import Any

from hypothesis import strategies as st

from tests.factories import SHIP_TO
from tests.workorders.lives.rules import (
    AT_WORK,
    DAY,
    ON_THE_WAY,
    TRANSIT,
    Shipment,
    after_business_days,
)
from tests.workorders.lives.steps import Steps, action
from workorders import services as s
from workorders.services import Part
from workorders.states import PartProblem, ShipmentKind

REQUIRED, OPTIONAL = ("FSO-1", "FSO-2"), "FSO-3"
OTHER = {"VoltFix": "Amped Field Services", "Amped Field Services": "VoltFix"}


class Parts(Steps):
    @action(lambda self: self.life.status == "assigned")
    def accept(self) -> None:
        life = self.life

        def change() -> None:
            life.status = "ship-to-received" if life.parts else "in-progress"
            life.accepted_on = max(life.today, life.assigned_on)

        do = partial(s.accept_work_order, self.row, ship_to=SHIP_TO, by=self.partner)
        self.take(life.status == "assigned", do, change, step="accepted")

    def accept_as_another_partner(self) -> None:
        other = self.people[OTHER[self.life.partner]]
        self.take(False, partial(s.accept_work_order, self.row, ship_to=SHIP_TO, by=other))

    @action(
        lambda self: (
            not self.life.accepted_on and self.life.status in ("assigned", "could-not-complete")
        ),
        on=st.integers(0, 4),
    )
    def reassign(self, on: int = 0) -> None:
        life, day, to = self.life, self.life.assigned_on + on * DAY, OTHER[self.life.partner]

        def change() -> None:
            life.partner, life.assigned_on, life.status = to, day, "assigned"

        possible = life.status in ("assigned", "could-not-complete") and not (
            life.accepted_on or life.has_follow_on
        )
        partner = self.people[to].partner
        do = partial(s.reassign, self.row, partner=partner, assigned_on=day, by=self.staff)
        self.take(possible and day <= life.latest_today, do, change, step="reassigned")

    @action(lambda self: self.life.status == "ship-to-received")
    def order(self) -> None:
        life = self.life
        possible = life.status == "ship-to-received"
        do, change = (
            partial(s.order_parts, self.row, by=self.staff),
            partial(life.goes_on_as, "parts-ordered"),
        )
        self.take(possible, do, change, step="ordered", shipments_changed=True)

    @action(
        lambda self: self.life.accepted_on,
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
        life, today = self.life, self.life.today
        pick_up = today if counted and status == "shipped" else None
        given = None if edd is None or pick_up else today + edd * DAY
        known: dict[str, Any] = {"required": number != OPTIONAL, "status": status}
        if status == "delivered":
            known["delivered_on"] = max(today - ago * DAY, min(life.assigned_on, today))
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
        )
        before = life.shipments.get(number)
        do = partial(
            s.enter_shipment,
            self.row,
            number,
            s.ShipmentDetails(ShipmentKind.FSO, **known, **carrier),
        )
        self.take(
            life.accepted_on,
            partial(do, parts=None if before else [Part("CBL-23", 2)], by=self.staff),
            lambda: life.shipments.update({number: after}),
            step="" if before == after else "shipment updated" if before else "shipment added",
            writes=before != after,
            shipments_changed=True,
        )

    @action(
        lambda self: self.life.waits in ON_THE_WAY,
        number=st.sampled_from(REQUIRED),
        edd=st.integers(1, 6),
    )
    def parts_go_on(self, number: str, edd: int) -> None:
        """The usual way of a shipment, which chance alone seldom finds."""
        known = self.life.shipments.get(number)
        self.enter(
            number,
            {None: "ordered", "ordered": "shipped"}.get(known and known.status, "delivered"),
            edd,
        )

    @action(
        lambda self: any(
            shipment.status != "delivered" for shipment in self.life.shipments.values()
        ),
        both=st.booleans(),
        ago=st.integers(0, 2),
    )
    def receive(self, both: bool, ago: int) -> None:
        """The partner says what has come; not before it was picked up."""
        life = self.life
        numbers = sorted(
            n for n, shipment in life.shipments.items() if shipment.status != "delivered"
        )[: 1 + both]
        day = max(life.today - ago * DAY, min(life.assigned_on, life.today))
        picked_up = self.row.shipments.filter(number__in=numbers).values_list(
            "pick_up_on", flat=True
        )
        too_early = any(on and day < on for on in picked_up)

        def change() -> None:
            for number in numbers:
                came = {"status": "delivered", "delivered_on": day, "by_partner": True}
                life.shipments[number] = life.shipments[number]._replace(**came)

        possible = life.status in (*ON_THE_WAY[1:], *AT_WORK) and not too_early
        do = partial(s.parts_received, self.row, numbers=numbers, on=day, by=self.partner)
        self.take(possible, do, change, step="shipment updated", shipments_changed=True)

    @action(
        lambda self: self.life.shipments and self.life.status in ("shipping", "shipped", *AT_WORK),
        data=st.data(),
    )
    def report_damage(self, data: Any) -> None:
        life = self.life
        number = data.draw(st.sampled_from(sorted(life.shipments)))
        reported = life.reports.get(number, 0)
        part = self.row.shipments.get(number=number).parts.get().pk
        do = partial(
            s.report_part,
            self.row,
            part=part,
            problem=PartProblem.DAMAGED,
            quantity=1,
            by=self.partner,
        )
        possible = life.shipments[number].status != "ordered" and reported < life.quantity_of(
            number
        )
        self.take(possible, do, lambda: life.reports.update({number: reported + 1}))

    @action(lambda self: self.life.reports, edd=st.sampled_from([None, *range(1, 9)]))
    def replace(self, edd: int | None) -> None:
        """One more required part: the target follows it, In Progress stays."""
        life, number = self.life, f"FSO-R{len(self.life.shipments)}"
        after = Shipment(required=True, edd=None if edd is None else life.today + edd * DAY)
        reports = [report.pk for report in self.row.part_reports.filter(settled_at=None)]
        details = s.ShipmentDetails(ShipmentKind.FSO, estimated_delivery_on=after.edd)
        do = partial(
            s.send_replacement,
            self.row,
            number,
            details,
            parts=[Part("CBL-23", 1)],
            reports=reports,
        )
        change = partial(life.shipments.__setitem__, number, after)
        self.take(
            reports,
            partial(do, by=self.staff),
            change,
            step="shipment added",
            shipments_changed=True,
        )
