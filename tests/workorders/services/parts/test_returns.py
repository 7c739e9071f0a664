"""Parts on their way back: sent by the partner, due on a day, and in the way of Completed."""

import datetime as dt

import pytest

from portal.people.roles import Role
from tests.factories import (
    fresh,
    make_accepted,
    make_user,
    ready_to_complete,
    send_parts_back,
    ship,
)
from tests.workorders.services.parts.shipments import MONDAY, RMA, events, send
from workorders import services
from workorders.fieldwork.returns_and_reports import due_back, returns_owed
from workorders.models import Shipment
from workorders.models.ledger import Event
from workorders.services import DomainError, InvalidState, NotAllowed, ShipmentDetails, Stale
from workorders.states import RULES, Direction, Status, Verb


@pytest.fixture
def owed(dana):
    """In progress, with a return that Dana still has."""
    work_order = make_accepted(dana, parts_required=False)
    ship(work_order, "RMA-1", **RMA)
    return fresh(work_order)


# --- Who, and when
def test_return_parts_is_done_by_all_of_the_partner_from_work_on():
    rule = RULES[Verb.PARTS_SENT_BACK]
    assert rule.who == {Role.DISPATCHER, Role.MANAGER, Role.TECHNICIAN}
    assert {status.label for status in rule.sources} == {
        *("In Progress", "On Hold", "Completed", "Closed", "Could Not Complete", "Canceled")
    }
    assert rule.to is None


def test_return_parts_by_others_is_refused(owed, tess, omar, staff, voltfix):
    for someone in (tess, omar, staff):
        with pytest.raises(NotAllowed):
            send(owed, someone)
    manager = make_user("max@voltfix.example", Role.MANAGER, partner=voltfix)
    send(owed, manager)
    assert Shipment.objects.get().status == "shipped"


def test_return_parts_before_the_work_is_refused(dana):
    work_order = make_accepted(dana)
    ship(work_order, "RMA-1", **RMA)
    with pytest.raises(InvalidState):
        send(work_order, dana)


# --- Sent
def test_return_parts_tells_carrier_tracking_and_day(owed, dana):
    send(owed, dana)
    shipment = Shipment.objects.get()
    sent = (shipment.status, shipment.carrier, shipment.tracking_number, shipment.sent_on)
    assert sent == ("shipped", "UPS", "1Z9", MONDAY)
    entry = owed.ledger.last()
    assert (entry.title, entry.changes["sent_on"]) == (
        "Parts sent back: RMA-1",
        [None, "2026-03-02"],
    )
    assert "1z9" in fresh(owed).search_text


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"number": "RMA-9"}, "shipment"),
        ({"on": MONDAY + dt.timedelta(days=1)}, "sent_on"),
        ({"on": MONDAY - dt.timedelta(days=1)}, "sent_on"),
    ],
)
def test_return_parts_that_cannot_be_is_refused_at_its_field(owed, dana, values, field):
    with pytest.raises(DomainError) as refused:
        send(owed, dana, **values)
    assert (refused.value.field, Shipment.objects.get().status) == (field, "ordered")


def test_return_parts_twice_is_refused(owed, dana):
    send(owed, dana, version=owed.version)
    with pytest.raises(Stale):
        send(owed, dana, version=owed.version)
    with pytest.raises(DomainError):
        send(owed, dana)


def test_another_carrier_voids_what_was_planned_and_the_same_one_keeps_it(dana):
    work_order = make_accepted(dana, parts_required=False)
    planned = {"carrier": "FedEx", "service": "2Day", "estimated_delivery_on": dt.date(2026, 3, 6)}
    for number in ("RMA-1", "RMA-2"):
        ship(work_order, number, **RMA | planned)
    send(work_order, dana, "RMA-1", carrier="fedex")
    send(work_order, dana, "RMA-2", carrier="DHL")
    rows = Shipment.objects.values_list("carrier", "service", "estimated_delivery_on")
    assert list(rows) == [("FedEx", "2Day", dt.date(2026, 3, 6)), ("DHL", "", None)]


def test_old_parts_that_nobody_has_entered_are_sent_with_a_return_of_their_own(dana):
    work_order = make_accepted(
        dana, parts_required=False, return_parts_required=True, number="WO-7"
    )
    send(work_order, dana, "WO-7-R")
    shipment = work_order.shipments.get()
    assert (shipment.number, shipment.kind, shipment.direction) == (
        "WO-7-R",
        "RMA",
        Direction.RETURN,
    )
    assert (shipment.required, shipment.status) == (False, "shipped")
    assert events(work_order)[-2:] == [Event.SHIPMENT_ADDED, Event.PARTS_SENT_BACK]


def test_received_is_said_by_staff_as_delivered(owed, dana, staff):
    send(owed, dana)
    details = ShipmentDetails(**RMA | {"status": "delivered", "delivered_on": MONDAY})
    services.enter_shipment(owed, "RMA-1", details, by=staff)
    assert (Shipment.objects.get().sent_on, Shipment.objects.owed_back().count()) == (MONDAY, 0)


def test_staff_take_back_what_was_not_sent(owed, dana, staff):
    send(owed, dana)
    services.enter_shipment(owed, "RMA-1", ShipmentDetails(**RMA), by=staff)
    shipment = Shipment.objects.get()
    assert (shipment.sent_on, shipment.is_to_be_sent) == (None, True)


def test_a_feed_keeps_what_the_partner_said_and_the_day_of_staff(owed, dana, staff):
    due = dt.date(2026, 3, 20)
    services.enter_shipment(owed, "RMA-1", ShipmentDetails(**RMA, return_due_on=due), by=staff)
    send(owed, dana)
    services.enter_shipment(owed, "RMA-1", ShipmentDetails(**RMA), by=None, corrects=False)
    shipment = Shipment.objects.get()
    assert (shipment.status, shipment.carrier, shipment.tracking_number) == (
        "shipped",
        "UPS",
        "1Z9",
    )
    assert (shipment.sent_on, shipment.return_due_on) == (MONDAY, due)


# --- The day by which
def test_a_return_is_due_ten_business_days_after_completion(owed, dana, staff):
    assert Shipment.objects.get().return_due_on is None
    services.complete(ready_to_complete(owed, by=dana), by=dana)
    shipment = Shipment.objects.get()
    assert (shipment.return_due_on, shipment.return_due_is_default) == (dt.date(2026, 3, 16), True)
    services.send_back(fresh(owed), note="A photo is missing", by=staff)
    assert Shipment.objects.get().return_due_on is None


def test_a_day_that_staff_gave_is_kept(owed, dana, staff):
    due = dt.date(2026, 4, 1)
    services.enter_shipment(owed, "RMA-1", ShipmentDetails(**RMA, return_due_on=due), by=staff)
    services.complete(ready_to_complete(owed, by=dana), by=dana)
    shipment = Shipment.objects.get()
    assert (shipment.return_due_on, shipment.return_due_is_default) == (due, False)


def test_a_return_entered_after_completion_is_due_from_the_completion(dana, staff, clock):
    work_order = make_accepted(dana, parts_required=False)
    services.complete(ready_to_complete(work_order, by=dana), by=dana)
    clock.move_to(dt.datetime(2026, 3, 5, 17, tzinfo=dt.UTC))
    ship(work_order, "RMA-1", **RMA)
    assert Shipment.objects.get().return_due_on == dt.date(2026, 3, 16)


def test_undone_completion_takes_the_day_back(owed, dana, staff):
    services.complete(ready_to_complete(owed, by=dana), by=dana)
    services.undo_last_step(fresh(owed), note="Too early", by=staff)
    shipment = Shipment.objects.get()
    assert (shipment.return_due_on, shipment.return_due_is_default) == (None, False)


@pytest.mark.parametrize(
    ("due_on", "state", "text"),
    [
        (None, "waiting", ""),
        (dt.date(2026, 3, 5), "fine", "send back in 3 business days"),
        (dt.date(2026, 3, 3), "near", "send back in 1 business day"),
        (dt.date(2026, 3, 2), "near", "send back today"),
        (dt.date(2026, 3, 1), "late", "1 business day late"),
        (dt.date(2026, 2, 26), "late", "2 business days late"),
        (dt.date(2031, 1, 1), "waiting", "beyond the business calendar"),
    ],
)
def test_countdown_is_said_in_business_days(owed, due_on, state, text):
    shipment = Shipment.objects.get()
    shipment.return_due_on = due_on
    assert due_back(shipment, owed, MONDAY) == (due_on, state, text, None)


def test_a_weekend_behind_the_day_is_late_by_less_than_a_business_day(owed):
    shipment = Shipment.objects.get()
    shipment.return_due_on = dt.date(2026, 3, 6)
    assert due_back(shipment, owed, dt.date(2026, 3, 7)).text == "late, by less than a business day"


# --- What keeps the work from being completed
def test_returns_owed_until_one_is_sent(dana):
    work_order = make_accepted(dana, parts_required=False, return_parts_required=True)
    sentence = "The old part has not been sent back."
    assert returns_owed(work_order, work_order.shipments.all()) == sentence
    ship(work_order, "RMA-1", **RMA)
    assert returns_owed(work_order, work_order.shipments.all()) == sentence
    send_parts_back(work_order, by=dana)
    assert returns_owed(work_order, work_order.shipments.all()) == ""
    assert returns_owed(make_accepted(dana, parts_required=False), []) == ""


def test_completed_waits_for_the_return_of_the_old_part(dana):
    work_order = make_accepted(dana, parts_required=False)
    ready_to_complete(work_order, by=dana)
    services.update_work_order(fresh(work_order), {"return_parts_required": True}, by=None)
    with pytest.raises(InvalidState, match="The old part has not been sent back"):
        services.complete(fresh(work_order), by=dana)
    send_parts_back(fresh(work_order), by=dana)
    assert services.complete(fresh(work_order), by=dana).status == Status.COMPLETED
