"""Dates of a shipment that cannot be meant are refused, whoever enters them."""

import datetime as dt

import pytest

from tests.factories import fresh, make_accepted, make_site, ship
from tests.workorders.services.parts.shipments import MONDAY, RMA, send
from workorders import services
from workorders.models import WorkOrder
from workorders.services import DomainError

FIRST = {"carrier": "", "service": ""}


def march(day: int) -> dt.date:
    return dt.date(2026, 3, day)


def refused(work_order, *args, **details) -> tuple[str | None, str]:
    with pytest.raises(DomainError) as refusal:
        ship(work_order, *args, **FIRST | details)
    return refusal.value.field, refusal.value.message


@pytest.mark.parametrize("direction", ["outbound", "return"])
def test_shipped_with_a_pick_up_in_the_future_is_refused(clock, dana, direction):
    work_order = make_accepted(dana)
    assert refused(work_order, direction=direction, pick_up_on=march(4)) == (
        "pick_up_on",
        "It is not shipped yet: the pick-up is in the future.",
    )
    assert not work_order.shipments.exists()


def test_a_pick_up_is_in_the_future_when_it_is_so_everywhere(clock, dana):
    """At 10:00 UTC it is the 3rd already at UTC+14, whatever the site's day."""
    work_order = make_accepted(dana, site=make_site(time_zone="Pacific/Honolulu"))
    clock.move_to(dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC))
    assert ship(work_order, **FIRST, pick_up_on=march(3)).pick_up_on == march(3)
    clock.move_to(dt.datetime(2026, 3, 2, 9, 59, tzinfo=dt.UTC))
    assert refused(work_order, "FSO-2", pick_up_on=march(3))[0] == "pick_up_on"


def test_a_pick_up_may_be_scheduled(clock, dana):
    work_order = make_accepted(dana)
    assert ship(work_order, **FIRST, status="ordered", pick_up_on=march(9)).pick_up_on == march(9)
    assert refused(work_order, pick_up_on=march(9))[0] == "pick_up_on"


BEFORE_THE_PICK_UP = ("delivered_on", "The delivered date is before the pick-up, Tue, Mar 3.")


@pytest.fixture
def picked_up(clock, dana) -> WorkOrder:
    """On Tue, Mar 3; today it is Thursday."""
    work_order = make_accepted(dana)
    services.order_parts(work_order, by=None)
    ship(work_order, **FIRST, status="ordered", pick_up_on=march(3))
    clock.move_to(dt.datetime(2026, 3, 5, 20, tzinfo=dt.UTC))
    return fresh(work_order)


def test_delivered_before_the_pick_up_is_refused(picked_up):
    delivered = {"status": "delivered", "delivered_on": MONDAY, "pick_up_on": march(3)}
    assert refused(picked_up, **delivered) == BEFORE_THE_PICK_UP


def test_received_before_the_pick_up_is_refused(picked_up, dana):
    with pytest.raises(DomainError) as refusal:
        services.parts_received(picked_up, numbers=["FSO-1"], on=MONDAY, by=dana)
    assert (refusal.value.field, refusal.value.message) == BEFORE_THE_PICK_UP


def test_a_pick_up_after_the_delivery_is_refused_when_it_is_corrected(clock, dana):
    work_order = make_accepted(dana)
    came = {"status": "delivered", "delivered_on": MONDAY}
    ship(work_order, **FIRST, **came)
    assert refused(work_order, **came, pick_up_on=march(3))[0] == "delivered_on"


def test_a_return_is_not_delivered_before_it_was_sent(clock, dana):
    work_order = make_accepted(dana, parts_required=False, return_parts_required=True)
    clock.move_to(dt.datetime(2026, 3, 4, 20, tzinfo=dt.UTC))
    ship(work_order, "RMA-1", **RMA)
    send(work_order, dana, on=march(4))
    back = RMA | {"status": "delivered", "delivered_on": march(3)}
    assert refused(work_order, "RMA-1", **back) == (
        "delivered_on",
        "The delivered date is before the partner sent it, Wed, Mar 4.",
    )


def test_a_return_sent_before_its_planned_pick_up_loses_the_plan(clock, dana):
    work_order = make_accepted(dana, parts_required=False, return_parts_required=True)
    planned = {"carrier": "UPS", "pick_up_on": march(6), "estimated_delivery_on": march(9)}
    ship(work_order, "RMA-1", **RMA | planned)
    send(fresh(work_order), dana, carrier="UPS")
    back = work_order.shipments.get(number="RMA-1")
    assert (back.status, back.pick_up_on, back.sent_on) == ("shipped", None, MONDAY)
    assert back.estimated_delivery_on == march(9)  # the carrier's own
