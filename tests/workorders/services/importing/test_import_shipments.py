"""shipments.csv: created, brought up to date, or left alone, by number; status and Target SLA
follow.
"""

import datetime as dt

import pytest
import time_machine

from portal.people.models import Partner, User
from portal.people.roles import Role
from tests.factories import fresh, make_accepted, make_user, ready_to_complete
from tests.workorders.services.importing.import_files import (
    NOW,
    Rows,
    errors,
    prepare,
    sample,
    shipments,
    work_orders,
)
from workorders.models import LedgerEntry, Shipment, WorkOrder
from workorders.models.ledger import Event
from workorders.services import NotAllowed, complete, parts_received, parts_sent_back
from workorders.states import Status

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def _imported(shared_rows):
    with time_machine.travel(NOW, tick=False):
        prepare()
        work_orders(sample("work_orders"))
        shipments(sample("shipments"))
        yield


@pytest.fixture
def dispatcher() -> User:
    return make_user(
        "dana@voltfix.example", Role.DISPATCHER, partner=Partner.objects.get(name="VoltFix")
    )


def changed(row_number: str, /, **cells: str) -> Rows:
    """The sample's row of this number, with other cells."""
    return [row | cells for row in sample("shipments") if row["number"] == row_number]


def row_of(number: str) -> WorkOrder:
    return fresh(WorkOrder.objects.get(number=number))


def test_statuses_follow_the_shipments():
    statuses = {row.number[-2:]: row.status for row in WorkOrder.objects.exclude(shipments=None)}
    assert statuses == {
        "01": Status.IN_PROGRESS,
        "04": Status.SHIPPED,
        "05": Status.SHIPPING,
        "07": Status.PARTS_ORDERED,
        "08": Status.IN_PROGRESS,
        "09": Status.SHIPPED,
        "11": Status.SHIPPED,
    }


def test_the_target_follows_the_last_required_part():
    assert row_of("WO-00900001").target_on == dt.date(2026, 3, 5)  # delivered on Wednesday, one day
    assert row_of("WO-00900004").target_on == dt.date(
        2026, 3, 11
    )  # UPS Ground: five days from Tuesday
    assert (row_of("WO-00900005").target_on, row_of("WO-00900005").waits_for) == (None, "delivery")
    assert row_of("WO-00900008").target_on == dt.date(2026, 3, 6)  # the tool kit is not required


def test_an_edd_is_computed_where_the_carrier_gives_none():
    shipment = Shipment.objects.get(number="FSO-0900003")
    assert (shipment.estimated_delivery_on, shipment.edd_is_computed) == (
        dt.date(2026, 3, 10),
        True,
    )
    assert not Shipment.objects.get(number="FSO-0900001").edd_is_computed


def test_parts_are_split_into_number_quantity_and_description():
    parts = Shipment.objects.get(number="FSO-0900003").parts.values_list(
        "part_number", "quantity", "description"
    )
    assert list(parts) == [("MDM-LTE", 1, "LTE gateway modem"), ("ANT-02", 1, "External antenna")]


def test_the_same_file_again_writes_nothing():
    before = list(WorkOrder.objects.values_list("number", "version")), LedgerEntry.objects.count()
    assert shipments(sample("shipments")).summary == "0 created, 0 updated, 11 unchanged"
    assert (
        list(WorkOrder.objects.values_list("number", "version")),
        LedgerEntry.objects.count(),
    ) == before


def test_what_has_ended_is_still_unchanged(dispatcher):
    complete(ready_to_complete(row_of("WO-00900001"), by=dispatcher), by=dispatcher)
    assert shipments(sample("shipments")).summary == "0 created, 0 updated, 11 unchanged"


def test_the_preview_tells_fields_status_and_target():
    result = shipments(
        changed("FSO-0900003", status="delivered", delivered_on="2026-03-05"), dry_run=True
    )
    assert [tuple(field) for field in result.changes[0].fields] == [
        ("status", "shipped", "delivered"),
        ("delivered_on", "", "2026-03-05"),
        ("work order's status", "Shipped", "In Progress"),
        ("work order's target_on", "2026-03-11", "2026-03-06"),
    ]
    assert row_of("WO-00900004").status == Status.SHIPPED


def test_the_preview_tells_an_edd_that_is_computed_anew():
    result = shipments(changed("FSO-0900003", pick_up_on="2026-03-04"), dry_run=True)
    assert [tuple(field) for field in result.changes[0].fields] == [
        ("pick_up_on", "2026-03-03", "2026-03-04"),
        ("estimated_delivery_on", "2026-03-10", "2026-03-11"),
        ("work order's target_on", "2026-03-11", "2026-03-12"),
    ]


def test_an_empty_cell_clears():
    shipments(
        changed(
            "RMA-0900010", tracking_number="", estimated_delivery_on="", pick_up_on="", parts=""
        )
    )
    shipment = Shipment.objects.get(number="RMA-0900010")
    assert (shipment.tracking_number, shipment.estimated_delivery_on, shipment.parts.count()) == (
        "",
        None,
        0,
    )
    assert (row_of("WO-00900011").target_on, row_of("WO-00900011").waits_for) == (None, "delivery")


def test_two_shipments_of_one_work_order_in_a_file_are_both_seen():
    new = changed("FSO-0900005", number="FSO-1", status="shipped") + changed(
        "FSO-0900005", status="shipped"
    )
    assert shipments(new).summary == "1 created, 1 updated, 0 unchanged"
    assert row_of("WO-00900005").status == Status.SHIPPED
    versions = LedgerEntry.objects.filter(work_order__number="WO-00900005").values_list(
        "version", flat=True
    )
    assert max(versions) == row_of("WO-00900005").version


@pytest.mark.parametrize(
    ("number", "cells", "said"),
    [
        (
            "FSO-0900003",
            {"status": "delivered"},
            "delivered_on: A delivered shipment needs a delivered date, and no other may have one.",
        ),
        (
            "FSO-0900003",
            {"delivered_on": "2026-03-05"},
            "delivered_on: A delivered shipment needs a delivered date, and no other may have one.",
        ),
        (
            "FSO-0900003",
            {"status": "delivered", "delivered_on": "2026-03-07"},
            "delivered_on: The delivered date is in the future.",
        ),
        (
            "FSO-0900003",
            {"pick_up_on": "2026-03-07", "estimated_delivery_on": ""},
            "pick_up_on: It is not shipped yet: the pick-up is in the future.",
        ),
        (
            "FSO-0900003",
            {"estimated_delivery_on": "2026-03-01"},
            "estimated_delivery_on: The estimated delivery is before the pick-up.",
        ),
        (
            "FSO-0900003",
            {"service": "Mule"},
            (
                "service: No transit days are known for 'UPS Mule'. Enter the estimated"
                " delivery date, or add the carrier service."
            ),
        ),
        ("FSO-0900003", {"work_order": "WO-1"}, "work_order: there is no work order 'WO-1'"),
        (
            "FSO-0900003",
            {"work_order": "WO-00900001"},
            "work_order: 'FSO-0900003' belongs to work order 'WO-00900004'",
        ),
        (
            "FSO-0900003",
            {"number": "FSO-2", "work_order": "WO-00900002"},
            "work_order: 'WO-00900002' has not been accepted yet",
        ),
        ("FSO-0900003", {"kind": "fso"}, "kind: 'fso' is unknown: use one of RMA, FSO"),
        ("FSO-0900003", {"parts": "CBL"}, "parts: 'CBL' is not part_number*quantity*description"),
        (
            "FSO-0900003",
            {"parts": "CBL*0*x"},
            "parts: '0' in 'CBL*0*x' is not a quantity from 1 to 9999",
        ),
        (
            "FSO-0900003",
            {"parts": "CBL*²*x"},
            "parts: '²' in 'CBL*²*x' is not a quantity from 1 to 9999",
        ),
    ],
)
def test_what_cannot_be_is_refused(number, cells, said):
    assert errors(shipments(changed(number, **cells))) == [f"line 2: {said}"]


def test_a_feed_confirms_what_the_partner_reported_and_never_takes_it_back(dispatcher):
    work_order, today = row_of("WO-00900009"), dt.date(2026, 3, 5)
    parts_received(work_order, numbers=["FSO-0900009"], on=today, by=dispatcher)
    assert shipments(sample("shipments")).summary == "0 created, 0 updated, 11 unchanged"
    assert row_of("WO-00900009").status == Status.IN_PROGRESS
    result = shipments(changed("FSO-0900009", status="delivered", delivered_on="2026-03-05"))
    assert [tuple(field) for field in result.changes[0].fields] == [
        ("reported_by_partner", "yes", "no")
    ]
    assert not Shipment.objects.get(number="FSO-0900009").reported_by_partner
    assert row_of("WO-00900009").ledger.last().event == Event.SHIPMENT_UPDATED


def test_only_staff_import(dispatcher):
    with pytest.raises(NotAllowed):
        shipments(sample("shipments"), by=dispatcher)


def test_a_delivery_above_a_part_still_to_come_does_not_begin_the_work(dispatcher):
    waiting = make_accepted(dispatcher)
    delivered = changed("FSO-0900001")[0] | {"number": "FSO-1", "work_order": waiting.number}
    ordered = delivered | {"number": "FSO-2", "status": "ordered", "delivered_on": ""}
    result = shipments([delivered, ordered])
    assert [change.number for change in result.changes] == ["FSO-1", "FSO-2"]
    assert fresh(waiting).status == Status.SHIPPING


def test_a_feed_leaves_what_the_partner_sent_back_until_it_knows_more(dispatcher):
    line = sample("shipments")[0] | {
        "number": "RMA-77",
        "kind": "RMA",
        "direction": "return",
        "required": "no",
    }
    line |= {
        "status": "ordered",
        "carrier": "",
        "service": "",
        "tracking_number": "",
        "pick_up_on": "",
    }
    line |= {"estimated_delivery_on": "", "delivered_on": "", "work_order": "WO-00900001"}
    assert shipments([line]).summary == "1 created, 0 updated, 0 unchanged"
    sent = {"carrier": "UPS", "tracking_number": "1Z9", "on": row_of("WO-00900001").site_today()}
    parts_sent_back(row_of("WO-00900001"), number="RMA-77", **sent, by=dispatcher)
    assert shipments([line]).summary == "0 created, 0 updated, 1 unchanged"
    came = line | {
        "status": "delivered",
        "delivered_on": "2026-03-05",
        "carrier": "UPS",
        "tracking_number": "1Z9",
    }
    assert shipments([came]).summary == "0 created, 1 updated, 0 unchanged"
    shipment = Shipment.objects.get(number="RMA-77")
    assert (shipment.status, shipment.sent_on) == ("delivered", sent["on"])
