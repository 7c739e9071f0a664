"""Shipments that staff enter, mark and correct; status and Target SLA follow."""

import datetime as dt

import pytest
from django.urls import reverse

from tests.factories import fresh, make_accepted, make_carrier_service, ship
from tests.pages import html_of, mismatches
from tests.workorders.admin.staff_pages import TODAY, ordered, post_action, url
from workorders.admin.actions import SHIPMENT_ACTIONS
from workorders.models import Shipment
from workorders.states import ShipmentStatus, Status

pytestmark = pytest.mark.once

SHIPMENT = {
    "number": "FSO-7",
    "kind": "FSO",
    "direction": "outbound",
    "required": "on",
    "status": "shipped",
    "carrier": "FedEx",
    "service": "2Day",
    "tracking_number": "794",
    "pick_up_on": "2026-03-06",
    "parts": "CBL-23*2*Charging cable\n\nTOOL-1",
}


def test_shipment_is_added_with_its_parts_and_a_computed_edd(client, dana):
    make_carrier_service()
    work_order = ordered(dana)
    response = client.post(
        url(work_order, "add-shipment"), SHIPMENT | {"version": work_order.version}, follow=True
    )
    shipment = work_order.shipments.get()
    assert (shipment.estimated_delivery_on, shipment.edd_is_computed) == (
        dt.date(2026, 3, 10),
        True,
    )
    assert [str(part) for part in shipment.parts.all()] == ["2 × CBL-23", "1 × TOOL-1"]
    assert (fresh(work_order).status, fresh(work_order).target_on) == (
        Status.SHIPPED,
        dt.date(2026, 3, 11),
    )
    assert "is Shipped. Target SLA: Wed, Mar 11" in html_of(response)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"service": "Pigeon"}, "No transit days are known for &#39;FedEx Pigeon&#39;"),
        ({"estimated_delivery_on": "2026-03-01"}, "The estimated delivery is before the pick-up."),
        ({"status": "delivered"}, "A delivered shipment needs a delivered date"),
        ({"pick_up_on": "3/6/2026"}, "Enter the date as YYYY-MM-DD."),
        ({"parts": "*2*Cable"}, "Line 1: write part number*quantity*description"),
        ({"parts": "A*0"}, "Line 1: write part number*quantity*description"),
        ({"number": "FSO.1"}, "Use only letters, digits, - and _ in a number."),
        ({"number": "a/b"}, "Use only letters, digits, - and _ in a number."),
    ],
)
def test_shipment_that_cannot_be_is_refused_at_its_field(client, dana, change, sentence):
    make_carrier_service()
    work_order = ordered(dana)
    response = post_action(client, work_order, "add-shipment", **SHIPMENT | change)
    assert (response.status_code, Shipment.objects.count()) == (422, 0)
    assert sentence in html_of(response)
    assert "794" in html_of(response)


def test_shipment_number_is_added_once(client, dana):
    make_carrier_service()
    work_order = ordered(dana)
    post_action(client, work_order, "add-shipment", **SHIPMENT)
    response = post_action(client, work_order, "add-shipment", **SHIPMENT | {"status": "ordered"})
    assert response.status_code == 422
    assert "is already on this work order" in html_of(response)
    elsewhere = post_action(client, ordered(dana), "add-shipment", **SHIPMENT)
    assert "belongs to another work order" in html_of(elsewhere)


def test_edit_shipment_says_what_was_computed(client, dana):
    make_carrier_service()
    work_order = ordered(dana)
    shipment = ship(work_order, "FSO-1", pick_up_on=dt.date(2026, 3, 6))
    text = html_of(client.get(url(work_order, "edit", shipment)))
    assert "Computed now for FedEx 2Day: Tue, Mar 10." in text
    assert 'value="2026-03-10"' not in text


def test_edit_shipment_keeps_its_number(client, dana):
    make_carrier_service()
    work_order = ordered(dana)
    shipment = ship(work_order, "FSO-1")
    post_action(client, work_order, "edit", shipment, **SHIPMENT | {"number": "FSO-9"})
    assert [s.number for s in work_order.shipments.all()] == ["FSO-1"]


def test_mark_shipped_then_delivered(client, dana):
    make_carrier_service()
    work_order = ordered(dana)
    shipment = ship(work_order, "FSO-1", status=ShipmentStatus.ORDERED)
    post_action(
        client, work_order, "shipped", shipment, pick_up_on="2026-03-06", tracking_number="794"
    )
    assert fresh(work_order).status == Status.SHIPPED
    post_action(client, work_order, "delivered", shipment, delivered_on="2026-03-09")
    shipment.refresh_from_db()
    assert (shipment.tracking_number, shipment.delivered_on) == ("794", TODAY)
    assert (fresh(work_order).status, fresh(work_order).target_on) == (
        Status.IN_PROGRESS,
        dt.date(2026, 3, 10),
    )


def test_delivered_date_in_the_future_is_refused(client, dana):
    work_order = ordered(dana)
    shipment = ship(work_order, "FSO-1")
    response = post_action(client, work_order, "delivered", shipment, delivered_on="2026-03-11")
    assert response.status_code == 422
    assert "The delivered date is in the future." in html_of(response)


def test_edd_is_corrected_and_computed_again_when_emptied(client, dana):
    make_carrier_service()
    work_order = ordered(dana)
    shipment = ship(work_order, "FSO-1", pick_up_on=dt.date(2026, 3, 6))
    post_action(client, work_order, "edd", shipment, estimated_delivery_on="2026-03-13")
    assert fresh(work_order).target_on == dt.date(2026, 3, 16)
    post_action(client, work_order, "edd", shipment, estimated_delivery_on="")
    assert fresh(work_order).target_on == dt.date(2026, 3, 11)


def test_stale_shipment_names_the_field_that_changed(client, dana):
    make_carrier_service()
    work_order = ordered(dana)
    shipment = ship(work_order, "FSO-1", pick_up_on=dt.date(2026, 3, 6))
    seen = fresh(work_order).version
    post_action(client, work_order, "edd", shipment, estimated_delivery_on="2026-03-13")
    response = post_action(
        client, work_order, "edd", shipment, estimated_delivery_on="2026-03-12", version=seen
    )
    assert response.status_code == 409
    assert "This has changed in the meantime. It is now: 2026-03-13." in html_of(response)


def test_shipment_of_another_work_order_is_not_there(client, dana):
    shipment = ship(ordered(dana), "FSO-1")
    assert client.get(url(ordered(dana), "edit", shipment)).status_code == 404


@pytest.mark.parametrize("action", SHIPMENT_ACTIONS, ids=lambda action: action.name)
def test_shipment_action_is_forbidden_without_the_permission(client_of, viewer, dana, action):
    work_order = ordered(dana)
    shipment = ship(work_order, "FSO-1")
    for user in (viewer, dana):
        assert (
            client_of(user).post(url(work_order, action.name, shipment), SHIPMENT).status_code
            == 403
        )


# --- Not needed back
def test_a_return_is_waived_and_claimed(client, dana):
    work_order = make_accepted(dana, parts_required=False)
    back = ship(
        work_order, "RMA-1", kind="RMA", direction="return", required=False, status="ordered"
    )
    page = reverse("admin:workorders_workorder_change", args=[work_order.pk])
    assert f'href="{url(work_order, "waive", back)}">Not needed back' in html_of(client.get(page))
    assert post_action(client, work_order, "waive", back, note=" ").status_code == 422
    assert post_action(client, work_order, "waive", back, note="Scrap it").status_code == 302
    text = html_of(client.get(page))
    assert mismatches(text, "“Scrap it”", url(work_order, "claim", back)) == []
    assert (
        post_action(client, work_order, "claim", back, note="The lab wants it").status_code == 302
    )
    back.refresh_from_db()
    assert (back.is_waived, back.is_to_be_sent) == (False, True)


def test_old_parts_without_a_return_are_waived_on_the_work_order(client, dana):
    work_order = make_accepted(dana, parts_required=False, return_parts_required=True)
    page = reverse("admin:workorders_workorder_change", args=[work_order.pk])
    assert "Old parts not needed back" in html_of(client.get(page))
    assert post_action(client, work_order, "waive-return", note="Scrap them").status_code == 302
    assert work_order.shipments.get().is_waived
    assert url(work_order, "waive-return") not in html_of(client.get(page))
    answer = post_action(client, work_order, "waive-return", note="Again")
    assert (answer.status_code, work_order.shipments.count()) == (422, 1)
