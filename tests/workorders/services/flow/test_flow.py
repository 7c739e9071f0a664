"""Acceptance, parts, ends: what each verb does to status, Target SLA and ledger, and what it
refuses.
"""

import datetime as dt

import pytest
from django.db import Error, transaction

from tests.factories import (
    SHIP_TO,
    fresh,
    make_accepted,
    make_carrier_service,
    make_entitlement,
    make_work_order,
    ready_to_complete,
    ship,
)
from workorders import services
from workorders.models import LedgerEntry
from workorders.models.ledger import Event
from workorders.services import DomainError, InvalidState, NotAllowed, Stale
from workorders.states import Status, WaitsFor


def events(work_order) -> list[str]:
    return list(work_order.ledger.values_list("event", flat=True))


def test_accept_with_parts_waits_for_them_and_keeps_the_ship_to(dana, voltfix):
    work_order = services.accept_work_order(
        make_work_order(partner=voltfix), ship_to=SHIP_TO, by=dana, version=1
    )
    assert (work_order.status, work_order.accepted_on) == (
        Status.SHIP_TO_RECEIVED,
        dt.date(2026, 3, 2),
    )
    assert fresh(work_order).ship_to == SHIP_TO
    assert (work_order.target_on, work_order.waits_for) == (None, WaitsFor.DELIVERY)
    assert events(work_order) == [Event.CREATED, Event.ACCEPTED]


def test_accept_with_parts_needs_a_ship_to(dana, voltfix):
    with pytest.raises(DomainError) as refused:
        services.accept_work_order(make_work_order(partner=voltfix), ship_to=None, by=dana)
    assert refused.value.field == "street"


def test_accept_without_parts_goes_to_work_with_a_target(dana):
    work_order = make_accepted(dana, parts_required=False)
    assert (work_order.status, work_order.target_on) == (Status.IN_PROGRESS, dt.date(2026, 3, 3))


def test_a_target_from_acceptance_waits_for_it(dana, voltfix):
    warranty = make_entitlement("Parts Warranty", 5, "accepted")
    work_order = make_work_order(partner=voltfix, parts_required=False, entitlement=warranty)
    assert (work_order.target_on, work_order.waits_for) == (None, WaitsFor.ACCEPTANCE)
    accepted = services.accept_work_order(work_order, ship_to=None, by=dana)
    assert (accepted.target_on, accepted.waits_for) == (dt.date(2026, 3, 9), "")


def test_accept_where_it_is_still_the_day_before_the_assignment_counts_from_it(dana, voltfix):
    tomorrow = make_work_order(partner=voltfix, assigned_on=dt.date(2026, 3, 3))
    assert services.accept_work_order(tomorrow, ship_to=SHIP_TO, by=dana).accepted_on == dt.date(
        2026, 3, 3
    )
    later = make_work_order(partner=voltfix, assigned_on=dt.date(2026, 3, 4))
    with pytest.raises(DomainError):
        services.accept_work_order(later, ship_to=SHIP_TO, by=dana)


def test_accept_twice_is_refused_and_changes_nothing(dana):
    work_order = make_accepted(dana)
    with pytest.raises(InvalidState):
        services.accept_work_order(work_order, ship_to=SHIP_TO, by=dana)
    assert events(work_order) == [Event.CREATED, Event.ACCEPTED]


def test_the_ship_to_changes_until_the_parts_are_ordered(dana, staff):
    work_order = make_accepted(dana)
    moved = services.change_ship_to(
        work_order, ship_to=SHIP_TO._replace(street="2 New Way"), by=dana
    )
    assert moved.ship_to.street == "2 New Way"
    services.order_parts(work_order, by=staff)
    with pytest.raises(InvalidState):
        services.change_ship_to(work_order, ship_to=SHIP_TO, by=dana)


def test_the_ship_to_suggested_is_the_last_one_then_the_default(dana, voltfix):
    assert services.suggested_ship_to(make_work_order(partner=voltfix), voltfix) is None
    make_accepted(dana)
    assert services.suggested_ship_to(make_work_order(partner=voltfix), voltfix) == SHIP_TO


def test_the_ledger_never_copies_a_phone_number_or_an_address(dana):
    make_accepted(dana)
    ledger_text = " ".join(str(entry.changes) + entry.note for entry in LedgerEntry.objects.all())
    assert "ship_to_phone" in ledger_text
    assert "555" not in ledger_text
    assert "Depot Way" not in ledger_text


def test_required_shipments_decide_the_status(dana, staff):
    work_order = make_accepted(dana)
    services.order_parts(work_order, by=staff)
    ship(work_order, "FSO-1", status="ordered")
    ship(work_order, "FSO-2", status="ordered")
    assert fresh(work_order).status == Status.PARTS_ORDERED
    ship(work_order, "FSO-1")
    assert fresh(work_order).status == Status.SHIPPING
    ship(work_order, "FSO-2")
    assert fresh(work_order).status == Status.SHIPPED
    ship(work_order, "FSO-1", status="delivered", delivered_on=dt.date(2026, 3, 2))
    assert fresh(work_order).status == Status.SHIPPED
    ship(work_order, "FSO-2", status="delivered", delivered_on=dt.date(2026, 3, 2))
    assert fresh(work_order).status == Status.IN_PROGRESS


def test_in_progress_never_goes_back_because_of_a_shipment_but_the_target_moves(dana):
    work_order = make_accepted(dana)
    ship(work_order, "FSO-1", status="delivered", delivered_on=dt.date(2026, 3, 2))
    ship(work_order, "FSO-2", estimated_delivery_on=dt.date(2026, 3, 5))
    row = fresh(work_order)
    assert (row.status, row.target_on) == (Status.IN_PROGRESS, dt.date(2026, 3, 6))


def test_optional_and_return_shipments_decide_nothing(dana):
    work_order = make_accepted(dana)
    ship(work_order, "FSO-1", estimated_delivery_on=dt.date(2026, 3, 3))
    ship(work_order, "FSO-2", estimated_delivery_on=dt.date(2026, 3, 9), required=False)
    ship(work_order, "RMA-3", estimated_delivery_on=dt.date(2026, 3, 9), direction="return")
    assert fresh(work_order).target_on == dt.date(2026, 3, 4)


def test_every_move_of_the_target_is_told_with_old_new_and_cause(dana):
    work_order = make_accepted(dana)
    ship(work_order, estimated_delivery_on=dt.date(2026, 3, 3))
    ship(work_order, estimated_delivery_on=dt.date(2026, 3, 6))
    moves = work_order.ledger.filter(event=Event.TARGET_MOVED)
    assert [(entry.changes["target_on"], entry.note) for entry in moves] == [
        ([None, "2026-03-04"], "Shipment added: FSO-1"),
        (["2026-03-04", "2026-03-09"], "Shipment updated: FSO-1"),
    ]


def test_one_required_shipment_without_a_date_leaves_no_target(dana):
    work_order = make_accepted(dana)
    ship(work_order, "FSO-1", estimated_delivery_on=dt.date(2026, 3, 3))
    ship(work_order, "FSO-2", status="ordered")
    row = fresh(work_order)
    assert (row.target_on, row.waits_for) == (None, WaitsFor.DELIVERY)


def test_without_a_carriers_date_the_edd_is_counted_from_the_pick_up(dana):
    make_carrier_service("FedEx", "Ground", 5)
    work_order = make_accepted(dana)
    scheduled = {"service": "Ground", "status": "ordered", "pick_up_on": dt.date(2026, 3, 6)}
    shipment = ship(work_order, **scheduled)
    assert (shipment.estimated_delivery_on, shipment.edd_is_computed) == (
        dt.date(2026, 3, 13),
        True,
    )
    shipment = ship(work_order, **scheduled, estimated_delivery_on=dt.date(2026, 3, 10))
    assert (shipment.estimated_delivery_on, shipment.edd_is_computed) == (
        dt.date(2026, 3, 10),
        False,
    )


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({"status": "delivered"}, "delivered_on"),
        ({"delivered_on": dt.date(2026, 3, 2)}, "delivered_on"),
        ({"status": "delivered", "delivered_on": dt.date(2026, 3, 4)}, "delivered_on"),
        ({"service": "Pigeon", "pick_up_on": dt.date(2026, 3, 2)}, "service"),
        (
            {"pick_up_on": dt.date(2026, 3, 3), "estimated_delivery_on": dt.date(2026, 3, 2)},
            "estimated_delivery_on",
        ),
        ({"estimated_delivery_on": dt.date(2031, 1, 1)}, None),
    ],
)
def test_a_shipment_that_cannot_be_is_refused_at_its_field(dana, details, field):
    work_order = make_accepted(dana)
    with pytest.raises(DomainError) as refused:
        ship(work_order, **details)
    assert refused.value.field == field
    assert work_order.shipments.count() == 0


def test_parts_received_counts_as_delivered_until_staff_correct_it(dana):
    work_order = make_accepted(dana)
    ship(work_order, estimated_delivery_on=dt.date(2026, 3, 5))
    services.parts_received(work_order, numbers=["FSO-1"], on=dt.date(2026, 3, 2), by=dana)
    row, shipment = fresh(work_order), work_order.shipments.get()
    assert (row.status, row.target_on) == (Status.IN_PROGRESS, dt.date(2026, 3, 3))
    assert shipment.reported_by_partner
    ship(work_order, status="delivered", delivered_on=dt.date(2026, 3, 2))
    assert not work_order.shipments.get().reported_by_partner


def test_parts_received_in_the_future_or_unknown_is_refused(dana):
    work_order = make_accepted(dana)
    ship(work_order, estimated_delivery_on=dt.date(2026, 3, 5))
    for numbers, on in (
        (["FSO-1"], dt.date(2026, 3, 3)),
        (["FSO-9"], dt.date(2026, 3, 2)),
        ([], dt.date(2026, 3, 2)),
    ):
        with pytest.raises(DomainError):
            services.parts_received(work_order, numbers=numbers, on=on, by=dana)
    assert work_order.shipments.get().status == "shipped"


def test_a_role_and_a_partner_that_may_not_are_refused(dana, tess, omar, staff, voltfix):
    work_order = make_work_order(partner=voltfix)
    for someone in (tess, omar, staff):
        with pytest.raises(NotAllowed):
            services.accept_work_order(work_order, ship_to=SHIP_TO, by=someone)
    with pytest.raises(NotAllowed):
        services.order_parts(work_order, by=dana)
    assert fresh(work_order).version == 1


def test_a_write_from_an_old_page_is_stale(dana, staff):
    work_order = make_accepted(dana)
    services.order_parts(work_order, by=staff)
    with pytest.raises(Stale) as stale:
        services.order_parts(work_order, by=staff, version=work_order.version)
    assert [entry.event for entry in stale.value.news] == [Event.PARTS_ORDERED]


@pytest.mark.parametrize("write", ["update", "delete"])
def test_the_ledger_refuses_to_be_rewritten(guarded_ledger, dana, write):
    make_accepted(dana)
    rows = LedgerEntry.objects.filter(event=Event.ACCEPTED)
    with pytest.raises(Error, match="append-only"), transaction.atomic():
        rows.update(note="never happened") if write == "update" else rows.delete()
    assert rows.count() == 1


def test_a_note_written_over_another_is_stale(dana):
    work_order = make_accepted(dana)
    services.note_requirements(work_order, text="A ladder", by=dana, version=work_order.version)
    with pytest.raises(Stale):
        services.note_requirements(work_order, text="A key", by=dana, version=work_order.version)
    assert fresh(work_order).partner_notes == "A ladder"


def test_an_old_part_may_come_back_after_completion(dana):
    work_order = make_accepted(dana, parts_required=False)
    services.complete(ready_to_complete(work_order, by=dana), by=dana)
    ship(work_order, "RMA-9", kind="RMA", direction="return", required=False)
    assert (fresh(work_order).status, work_order.shipments.count()) == ("completed", 1)


def test_parts_that_turn_out_unneeded_let_the_work_begin(dana):
    work_order = make_accepted(dana)
    updated = services.update_work_order(work_order, {"parts_required": False}, by=None)
    assert (updated.status, updated.target_on) == ("in-progress", dt.date(2026, 3, 3))


def test_parts_cannot_have_come_before_the_assignment(dana):
    work_order = make_accepted(dana)
    with pytest.raises(DomainError, match="before the work order was assigned"):
        ship(work_order, status="delivered", delivered_on=dt.date(2026, 3, 1))
