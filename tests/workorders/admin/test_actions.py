"""Staff's actions on a work order: each leads through its service, and what cannot be is said in a
sentence.
"""

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from tests.factories import fresh, make_accepted, make_work_order, ready_to_complete
from tests.pages import html_of, mismatches
from tests.workorders.admin.staff_pages import TODAY, entered, post_action, url
from workorders.admin.actions import ACTIONS
from workorders.models import LedgerEntry
from workorders.services import complete, hold
from workorders.states import Status

pytestmark = pytest.mark.once

NOTE = {"note": "It was too early."}


def in_progress(dana: Any) -> Any:
    return make_accepted(dana, parts_required=False)


def completed(dana: Any) -> Any:
    return complete(ready_to_complete(in_progress(dana), by=dana), by=dana)


def on_hold(dana: Any) -> Any:
    return hold(in_progress(dana), reason="No access", stops_clock=False, by=None)


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
    response = post_action(client, work_order, name, **data)
    assert (response.status_code, fresh(work_order).status) == (302, status)
    assert LedgerEntry.objects.filter(work_order=work_order, actor=coordinator).exists()


@pytest.mark.parametrize(("name", "made", "data", "status"), STEPS)
def test_forged_status_changes_nothing(client, dana, name, made, data, status):
    work_order = made(dana)
    post_action(
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
    assert (after.status, after.partner, after.accepted_on) == (
        status,
        work_order.partner,
        work_order.accepted_on,
    )
    assert after.target_on != dt.date(2030, 1, 1)


@pytest.mark.parametrize(("name", "made", "data", "status"), STEPS)
def test_stale_step_says_what_changed_and_keeps_what_was_typed(
    client, staff, dana, name, made, data, status
):
    work_order = made(dana)
    seen, before = work_order.version, fresh(work_order).status
    edit = {"subject": "Another subject"}
    client.post(url(work_order, "edit"), entered(work_order) | edit | {"version": seen})
    response = post_action(client, work_order, name, **data, version=seen)
    text = html_of(response)
    assert (response.status_code, fresh(work_order).status) == (409, before)
    assert "Someone changed this work order" in text
    assert "Another subject" in text
    assert mismatches(text, *[typed for typed in data.values() if typed != "on"]) == []
    assert post_action(client, work_order, name, **data, version=seen + 1).status_code == 302


@pytest.mark.parametrize(("name", "made", "data", "status"), STEPS)
def test_step_that_is_not_possible_now_is_refused_with_a_sentence(
    client, dana, name, made, data, status
):
    work_order = make_work_order()
    if name in ("hold", "cancel"):
        work_order = completed(dana)
    if name == "undo":
        assert "There is no step to undo." in html_of(
            client.get(url(work_order, name), follow=True)
        )
    response = post_action(client, work_order, name, **data)
    assert response.status_code == 409
    assert "not possible while" in html_of(response) or "no step to undo" in html_of(response)
    assert client.get(url(work_order, name)).status_code == 302


@pytest.mark.parametrize("name", ["hold", "send-back", "cancel", "undo", "comment"])
def test_words_are_mandatory(client, dana, name):
    work_order = completed(dana) if name in ("send-back", "undo") else in_progress(dana)
    before = fresh(work_order).version
    response = post_action(client, work_order, name)
    assert (response.status_code, fresh(work_order).version) == (422, before)
    assert "This field is required." in html_of(response)


def test_comment_is_in_the_thread(client, coordinator, dana):
    work_order = in_progress(dana)
    post_action(client, work_order, "comment", body="Please call the POC.")
    assert [(c.author, c.body) for c in work_order.comments.all()] == [
        (coordinator, "Please call the POC.")
    ]


def test_cancel_shares_its_comment_with_the_partner(client, dana):
    work_order = in_progress(dana)
    post_action(client, work_order, "cancel", comment="c" * 2000)
    assert [len(comment.body) for comment in work_order.comments.all()] == [2000]


def test_hold_that_stops_the_clock_moves_the_target(client, dana):
    work_order = make_accepted(dana, parts_required=False, assigned_on=TODAY)
    assert fresh(work_order).target_on == dt.date(2026, 3, 10)
    post_action(client, work_order, "hold", reason="No access", stops_clock="on")
    assert fresh(work_order).target_on is None


def test_undo_shows_the_last_step(client, dana):
    work_order = completed(dana)
    text = html_of(client.get(url(work_order, "undo")))
    assert "The last step" in text
    assert "In Progress → Completed" in text


def test_order_parts_leads_on_to_the_first_shipment(client, dana):
    work_order = make_accepted(dana)
    response = post_action(client, work_order, "order-parts", _add_shipment="1")
    assert response.url == url(work_order, "add-shipment")


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


def test_stranger_is_led_to_the_login(db, dana):
    response = Client().get(url(in_progress(dana), "hold"))
    assert (response.status_code, response.url.split("?")[0]) == (302, "/login/")
