"""Staff's actions: each leads through its service, and what cannot be is said in a sentence."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import fresh, make_accepted, make_carrier_service, make_work_order, ship
from workorders.admin.actions import ACTIONS, SHIPMENT_ACTIONS
from workorders.models import LedgerEntry, Shipment
from workorders.services import complete, hold, order_parts
from workorders.states import ShipmentStatus, Status

NOTE = {"note": "It was too early."}
TODAY = dt.date(2026, 3, 9)


@pytest.fixture(autouse=True)
def _now(time_machine) -> None:
    time_machine.move_to("2026-03-09T20:00:00Z", tick=False)


def url(work_order: Any, name: str, *shipment: Shipment) -> str:
    prefix = "shipment_" if shipment else ""
    return reverse(f"admin:workorders_workorder_{prefix}{name}", args=[work_order.pk, *(s.pk for s in shipment)])


def act(client: Any, work_order: Any, name: str, *shipment: Shipment, **data: Any) -> Any:
    data = {"version": fresh(work_order).version} | data
    return client.post(url(work_order, name, *shipment), data)


def in_progress(dana: Any) -> Any:
    return make_accepted(dana, parts_required=False)


def completed(dana: Any) -> Any:
    return complete(in_progress(dana), by=dana)


def on_hold(dana: Any) -> Any:
    return hold(in_progress(dana), reason="No access", stops_clock=False, by=None)


def ordered(dana: Any) -> Any:
    return order_parts(make_accepted(dana), by=None)


STEPS = [
    ("order-parts", make_accepted, {}, Status.PARTS_ORDERED),
    ("hold", in_progress, {"reason": "No access", "stops_clock": "on"}, Status.ON_HOLD),
    ("resume", on_hold, {}, Status.IN_PROGRESS),
    ("send-back", completed, NOTE, Status.IN_PROGRESS),
    ("close", completed, {}, Status.CLOSED),
    ("cancel", in_progress, {"comment": "The fault cleared by itself."}, Status.CANCELED),
    ("undo", completed, NOTE, Status.IN_PROGRESS),
]


@pytest.mark.parametrize(("name", "made", "data", "status"), STEPS)
def test_step_leads_to_its_status(client, coordinator, dana, name, made, data, status):
    work_order = made(dana)
    response = act(client, work_order, name, **data)
    assert (response.status_code, fresh(work_order).status) == (302, status)
    assert LedgerEntry.objects.filter(work_order=work_order, actor=coordinator).exists()


@pytest.mark.parametrize(("name", "made", "data", "status"), STEPS)
def test_forged_status_changes_nothing(client, dana, name, made, data, status):
    work_order = made(dana)
    act(
        client,
        work_order,
        name,
        **data,
        status="assigned",
        target_on="2030-01-01",
        partner="999",
        accepted_on="2020-01-01",
    )
    after = fresh(work_order)
    assert (after.status, after.partner, after.accepted_on) == (status, work_order.partner, work_order.accepted_on)
    assert after.target_on != dt.date(2030, 1, 1)


@pytest.mark.parametrize(("name", "made", "data", "status"), STEPS)
def test_stale_step_says_what_changed_and_keeps_what_was_typed(client, staff, dana, name, made, data, status):
    work_order = made(dana)
    seen, before = work_order.version, fresh(work_order).status
    edit = {"subject": "Another subject"}
    client.post(url(work_order, "edit"), entered(work_order) | edit | {"version": seen})
    response = act(client, work_order, name, **data, version=seen)
    text = response.content.decode()
    assert (response.status_code, fresh(work_order).status) == (409, before)
    assert "Someone changed this work order" in text
    assert "Another subject" in text
    assert all(typed in text for typed in data.values() if typed != "on")
    assert act(client, work_order, name, **data, version=seen + 1).status_code == 302


@pytest.mark.parametrize(("name", "made", "data", "status"), STEPS)
def test_step_that_is_not_possible_now_is_refused_with_a_sentence(client, dana, name, made, data, status):
    work_order = make_work_order()
    if name in ("hold", "cancel"):
        work_order = completed(dana)
    if name == "undo":
        assert "There is no step to undo." in client.get(url(work_order, name), follow=True).content.decode()
    response = act(client, work_order, name, **data)
    assert response.status_code == 409
    assert "not possible while" in response.content.decode() or "no step to undo" in response.content.decode()
    assert client.get(url(work_order, name)).status_code == 302


@pytest.mark.parametrize("name", ["hold", "send-back", "cancel", "undo", "comment"])
def test_words_are_mandatory(client, dana, name):
    work_order = completed(dana) if name in ("send-back", "undo") else in_progress(dana)
    before = fresh(work_order).version
    response = act(client, work_order, name)
    assert (response.status_code, fresh(work_order).version) == (422, before)
    assert "This field is required." in response.content.decode()


def test_comment_stands_in_the_thread(client, coordinator, dana):
    work_order = in_progress(dana)
    act(client, work_order, "comment", body="Please call the POC.")
    assert [(c.author, c.body) for c in work_order.comments.all()] == [(coordinator, "Please call the POC.")]


def test_cancel_shares_its_comment_with_the_partner(client, dana):
    work_order = in_progress(dana)
    act(client, work_order, "cancel", comment="c" * 2000)
    assert [len(comment.body) for comment in work_order.comments.all()] == [2000]


def test_hold_that_stops_the_clock_moves_the_target(client, dana):
    work_order = make_accepted(dana, parts_required=False, assigned_on=TODAY)
    assert fresh(work_order).target_on == dt.date(2026, 3, 10)
    act(client, work_order, "hold", reason="No access", stops_clock="on")
    assert fresh(work_order).target_on is None


def test_undo_shows_the_last_step(client, dana):
    work_order = completed(dana)
    text = client.get(url(work_order, "undo")).content.decode()
    assert "The last step" in text
    assert "In Progress → Completed" in text


def test_order_parts_leads_on_to_the_first_shipment(client, dana):
    work_order = make_accepted(dana)
    response = act(client, work_order, "order-parts", _add_shipment="1")
    assert response.url == url(work_order, "add-shipment")


# --- Shipments
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
    response = client.post(url(work_order, "add-shipment"), SHIPMENT | {"version": work_order.version}, follow=True)
    shipment = work_order.shipments.get()
    assert (shipment.estimated_delivery_on, shipment.edd_is_computed) == (dt.date(2026, 3, 10), True)
    assert [str(part) for part in shipment.parts.all()] == ["2 × CBL-23", "1 × TOOL-1"]
    assert (fresh(work_order).status, fresh(work_order).target_on) == (Status.SHIPPED, dt.date(2026, 3, 11))
    assert "is Shipped. Target SLA: Wed, Mar 11" in response.content.decode()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"service": "Pigeon"}, "No transit days are known for &#x27;FedEx Pigeon&#x27;"),
        ({"estimated_delivery_on": "2026-03-01"}, "The estimated delivery is before the pick-up."),
        ({"status": "delivered"}, "Delivered needs the delivered date"),
        ({"pick_up_on": "3/6/2026"}, "Write the date as YYYY-MM-DD."),
        ({"parts": "*2*Cable"}, "Line 1: write part number*quantity*description"),
        ({"parts": "A*0"}, "Line 1: write part number*quantity*description"),
        ({"number": "a/b"}, "Letters, digits, dots, - and _ only, please."),
    ],
)
def test_shipment_that_cannot_be_is_refused_at_its_field(client, dana, change, sentence):
    make_carrier_service()
    work_order = ordered(dana)
    response = act(client, work_order, "add-shipment", **SHIPMENT | change)
    assert (response.status_code, Shipment.objects.count()) == (422, 0)
    assert sentence in response.content.decode()
    assert "794" in response.content.decode()


def test_shipment_number_is_added_once(client, dana):
    make_carrier_service()
    work_order = ordered(dana)
    act(client, work_order, "add-shipment", **SHIPMENT)
    response = act(client, work_order, "add-shipment", **SHIPMENT | {"status": "ordered"})
    assert response.status_code == 422
    assert "stands on this work order already" in response.content.decode()
    elsewhere = act(client, ordered(dana), "add-shipment", **SHIPMENT)
    assert "belongs to another work order" in elsewhere.content.decode()


def test_edit_shipment_says_what_was_computed(client, dana):
    make_carrier_service()
    work_order = ordered(dana)
    shipment = ship(work_order, "FSO-1", pick_up_on=dt.date(2026, 3, 6))
    text = client.get(url(work_order, "edit", shipment)).content.decode()
    assert "Computed now for FedEx 2Day: Tue, Mar 10." in text
    assert 'value="2026-03-10"' not in text


def test_edit_shipment_keeps_its_number(client, dana):
    make_carrier_service()
    work_order = ordered(dana)
    shipment = ship(work_order, "FSO-1")
    act(client, work_order, "edit", shipment, **SHIPMENT | {"number": "FSO-9"})
    assert [s.number for s in work_order.shipments.all()] == ["FSO-1"]


def test_mark_shipped_then_delivered(client, dana):
    make_carrier_service()
    work_order = ordered(dana)
    shipment = ship(work_order, "FSO-1", status=ShipmentStatus.ORDERED)
    act(client, work_order, "shipped", shipment, pick_up_on="2026-03-06", tracking_number="794")
    assert fresh(work_order).status == Status.SHIPPED
    act(client, work_order, "delivered", shipment, delivered_on="2026-03-09")
    shipment.refresh_from_db()
    assert (shipment.tracking_number, shipment.delivered_on) == ("794", TODAY)
    assert (fresh(work_order).status, fresh(work_order).target_on) == (Status.IN_PROGRESS, dt.date(2026, 3, 10))


def test_delivered_date_in_the_future_is_refused(client, dana):
    work_order = ordered(dana)
    shipment = ship(work_order, "FSO-1")
    response = act(client, work_order, "delivered", shipment, delivered_on="2026-03-10")
    assert response.status_code == 422
    assert "The delivered date is in the future." in response.content.decode()


def test_edd_is_corrected_and_computed_again_when_emptied(client, dana):
    make_carrier_service()
    work_order = ordered(dana)
    shipment = ship(work_order, "FSO-1", pick_up_on=dt.date(2026, 3, 6))
    act(client, work_order, "edd", shipment, estimated_delivery_on="2026-03-13")
    assert fresh(work_order).target_on == dt.date(2026, 3, 16)
    act(client, work_order, "edd", shipment, estimated_delivery_on="")
    assert fresh(work_order).target_on == dt.date(2026, 3, 11)


def test_stale_shipment_names_the_field_that_changed(client, dana):
    make_carrier_service()
    work_order = ordered(dana)
    shipment = ship(work_order, "FSO-1", pick_up_on=dt.date(2026, 3, 6))
    seen = fresh(work_order).version
    act(client, work_order, "edd", shipment, estimated_delivery_on="2026-03-13")
    response = act(client, work_order, "edd", shipment, estimated_delivery_on="2026-03-12", version=seen)
    assert response.status_code == 409
    assert "Changed meanwhile, it is now: 2026-03-13." in response.content.decode()


def test_shipment_of_another_work_order_is_not_there(client, dana):
    shipment = ship(ordered(dana), "FSO-1")
    assert client.get(url(ordered(dana), "edit", shipment)).status_code == 404


# --- Who may
ALL = [action.name for action in ACTIONS] + ["edit"]


@pytest.mark.parametrize("name", ALL)
def test_action_is_forbidden_without_the_permission(client_of, viewer, dana, name):
    work_order = in_progress(dana)
    data = {"version": work_order.version, "reason": "r", "body": "b", "note": "n", "comment": "c"}
    assert client_of(viewer).get(url(work_order, name)).status_code == 403
    assert client_of(viewer).post(url(work_order, name), data).status_code == 403
    assert client_of(dana).post(url(work_order, name), data).status_code == 403
    assert fresh(work_order).version == work_order.version


@pytest.mark.parametrize("action", SHIPMENT_ACTIONS, ids=lambda action: action.name)
def test_shipment_action_is_forbidden_without_the_permission(client_of, viewer, dana, action):
    work_order = ordered(dana)
    shipment = ship(work_order, "FSO-1")
    for user in (viewer, dana):
        assert client_of(user).post(url(work_order, action.name, shipment), SHIPMENT).status_code == 403


def test_stranger_is_led_to_the_login(db, dana):
    response = Client().get(url(in_progress(dana), "hold"))
    assert (response.status_code, response.url.split("?")[0]) == (302, "/login/")


def entered(work_order: Any) -> dict[str, Any]:
    """What the edit form holds."""
    names = ["case_number", "subject", "description", "work_type", "poc_name", "poc_phone", "poc_email"]
    values = {name: getattr(work_order, name) for name in names}
    values |= {name: getattr(work_order, f"{name}_id") for name in ("site", "station", "territory", "entitlement")}
    values |= {"partner": work_order.partner_id, "assigned_on": work_order.assigned_on.isoformat()}
    flags = ["parts_required", "images_required", "return_parts_required"]
    return values | {flag: "on" for flag in flags if getattr(work_order, flag)}
