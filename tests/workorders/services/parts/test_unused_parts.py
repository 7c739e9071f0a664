"""Parts of work that ends without them: owed, taken back, and received after the end."""

import datetime as dt

import pytest

from tests.factories import fresh, make_accepted, ship
from tests.workorders.services.parts.shipments import (
    MONDAY,
    RMA,
    could_not_complete,
    delivered,
    send,
)
from workorders import services
from workorders.models import Shipment
from workorders.models.ledger import Event
from workorders.services import ShipmentDetails
from workorders.states import Status


@pytest.mark.parametrize("end", ["cancel", "could_not_complete"])
def test_parts_of_work_that_ends_without_them_are_owed(dana, staff, end):
    work_order = make_accepted(dana)
    delivered(work_order)
    ship(work_order, "FSO-2", status="shipped")
    if end == "cancel":
        services.cancel(fresh(work_order), comment="The fault cleared.", by=staff)
    else:
        could_not_complete(work_order, dana)
    back = work_order.shipments.get(direction="return")
    assert (back.number, back.kind, back.required, back.status) == (
        "FSO-1-R",
        "RMA",
        False,
        "ordered",
    )
    assert (back.is_unused, back.return_due_on) == (True, dt.date(2026, 3, 16))
    assert [str(part) for part in back.parts.all()] == ["2 × CBL-23", "1 × GSK"]
    entry = work_order.ledger.get(event=Event.RETURN_OWED)
    assert (entry.shipment, entry.actor, entry.version) == (back, None, fresh(work_order).version)
    assert entry.note == "Not used, came with FSO-1: 2 × CBL-23, 1 × GSK"
    assert "fso1r" in fresh(work_order).search_text


def test_nothing_is_owed_where_nothing_came(dana, staff):
    work_order = make_accepted(dana)
    ship(work_order, status="shipped")
    services.cancel(fresh(work_order), comment="The fault cleared.", by=staff)
    assert not work_order.shipments.filter(direction="return").exists()


def test_a_shipment_that_comes_after_the_end_is_owed_too(dana, staff):
    work_order = make_accepted(dana)
    ship(work_order, status="shipped")
    services.cancel(fresh(work_order), comment="The fault cleared.", by=staff)
    delivered(fresh(work_order))
    assert [s.number for s in work_order.shipments.all() if s.is_to_be_sent] == ["FSO-1-R"]


def test_what_did_not_come_is_not_owed(dana, staff):
    work_order = make_accepted(dana)
    part = delivered(work_order).parts.first()
    services.report_part(fresh(work_order), part=part.pk, problem="missing", quantity=1, by=dana)
    could_not_complete(work_order, dana)
    back = work_order.shipments.get(direction="return")
    assert [str(part) for part in back.parts.all()] == ["1 × CBL-23", "1 × GSK"]


def test_undo_takes_what_is_owed_back_and_the_next_end_owes_it_again(dana, staff):
    work_order = make_accepted(dana)
    delivered(work_order)
    could_not_complete(work_order, dana)
    services.undo_last_step(fresh(work_order), note="It does fit", by=staff)
    back = work_order.shipments.get(direction="return")
    assert (fresh(work_order).status, back.is_void, back.is_to_be_sent) == (
        Status.IN_PROGRESS,
        True,
        False,
    )
    assert Shipment.objects.owed_back().count() == 0
    services.cancel(fresh(work_order), comment="The customer upgrades.", by=staff)
    again = work_order.shipments.get(direction="return")
    assert (again.pk, again.is_void, again.parts.count()) == (back.pk, False, 2)


def test_undo_leaves_what_is_on_its_way(dana, staff):
    work_order = make_accepted(dana)
    delivered(work_order)
    could_not_complete(work_order, dana)
    send(fresh(work_order), dana, "FSO-1-R")
    services.undo_last_step(fresh(work_order), note="It does fit", by=staff)
    back = work_order.shipments.get(direction="return")
    assert (fresh(work_order).status, back.is_void, back.status) == (
        Status.IN_PROGRESS,
        False,
        "shipped",
    )


def test_a_number_that_is_taken_is_passed_over(dana, staff):
    ship(make_accepted(dana, parts_required=False), "FSO-1-R", **RMA)
    work_order = make_accepted(dana)
    delivered(work_order)
    could_not_complete(work_order, dana)
    assert work_order.shipments.get(direction="return").number == "FSO-1-R2"


def test_staff_receive_what_came_back_after_the_end(dana, staff):
    work_order = make_accepted(dana)
    delivered(work_order)
    could_not_complete(work_order, dana)
    details = ShipmentDetails(**RMA | {"status": "delivered", "delivered_on": MONDAY})
    services.enter_shipment(fresh(work_order), "FSO-1-R", details, by=staff)
    assert Shipment.objects.owed_back().count() == 0
    assert work_order.shipments.filter(direction="return").count() == 1
