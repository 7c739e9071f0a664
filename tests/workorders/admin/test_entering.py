"""The forms a work order is entered and edited with."""

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse

from portal.people.models import Partner
from tests.factories import (
    fresh,
    make_accepted,
    make_entitlement,
    make_site,
    make_territory,
    make_work_order,
    ready_to_complete,
)
from tests.pages import html_of
from tests.workorders.admin.staff_pages import entered, page
from workorders.models import Station, WorkOrder
from workorders.services import complete
from workorders.states import Status

pytestmark = pytest.mark.once

ADD = reverse("admin:workorders_workorder_add")


@pytest.fixture
def form(voltfix: Partner) -> dict[str, Any]:
    station = Station.objects.create(serial="SN1", model="CP6000", site=make_site())
    return {
        "number": "WO-00100001",
        "subject": "Replace charging cable - CP6000",
        "work_type": "repair",
        "partner": voltfix.pk,
        "station": station.pk,
        "territory": make_territory().pk,
        "entitlement": make_entitlement().pk,
        "parts_required": "on",
        "line_items": "Lock out\r\n\r\n  Replace the cable  ",
    }


def test_add_form_suggests_the_next_number(client, dana):
    make_work_order("WO-00100206")
    text = html_of(client.get(ADD))
    assert 'value="WO-00100207"' in text
    assert "/admin/workorders/station/add/?_to_field=id&amp;_popup=1" in text


def test_work_order_is_entered_for_today_at_the_site(client, form, voltfix):
    response = client.post(
        ADD, form | {"status": "closed", "accepted_on": "2026-03-01", "version": "7"}
    )
    work_order = WorkOrder.objects.get(number="WO-00100001")
    assert response.url == page(work_order)
    assert (work_order.status, work_order.accepted_on, work_order.version) == (
        Status.ASSIGNED,
        None,
        1,
    )
    assert (work_order.site.name, work_order.assigned_on) == (
        "Mission Creek Offices",
        dt.date(2026, 3, 9),
    )
    assert [item.description for item in work_order.line_items.all()] == [
        "Lock out",
        "Replace the cable",
    ]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"number": "WO.1"}, "Use only letters, digits, - and _ in a number."),
        ({"number": "WO 1/2"}, "Use only letters, digits, - and _ in a number."),
        ({"subject": ""}, "This field is required."),
        ({"subject": "s" * 201}, "at most 200 characters"),
        ({"line_items": "s" * 301}, "Line 1 has 301 characters; the limit is 300."),
        ({"assigned_on": "9.3.2026"}, "Enter the date as YYYY-MM-DD."),
        ({"poc_email": "priya"}, "Enter a valid email address."),
        ({"station": "999"}, "That choice is not one of the available choices."),
    ],
)
def test_work_order_that_cannot_be_entered_is_refused(client, form, change, sentence):
    response = client.post(ADD, form | change)
    assert (response.status_code, WorkOrder.objects.count()) == (422, 0)
    assert sentence in html_of(response)


@pytest.mark.parametrize("field", ["partner", "site", "station", "territory", "entitlement"])
@pytest.mark.every_database
@pytest.mark.parametrize("key", ["x", "-1", "1" + 30 * "0", "9" * 18, "1\x00"])
def test_key_that_is_none_is_refused_at_its_field(client, form, field, key):
    response = client.post(ADD, form | {field: key})
    assert (response.status_code, WorkOrder.objects.count()) == (422, 0)
    assert list(response.context["form"].errors) == [field]


def test_number_that_exists_is_refused(client, form):
    make_work_order("WO-00100001")
    response = client.post(ADD, form)
    assert (response.status_code, WorkOrder.objects.count()) == (422, 1)
    assert response.context["form"].errors["number"] == [
        "Work order with this Number already exists."
    ]


def test_station_of_another_site_is_refused(client, form):
    response = client.post(ADD, form | {"site": make_site("Seaport Garage B").pk})
    assert response.context["form"].errors["station"] == ["Station SN1 is at another site."]


def test_entering_needs_the_permission(client_of, viewer, form):
    assert client_of(viewer).get(ADD).status_code == 403
    assert client_of(viewer).post(ADD, form).status_code == 403
    assert WorkOrder.objects.count() == 0


def test_edit_changes_what_it_came_with_and_nothing_else(client, coordinator, dana):
    work_order = make_accepted(dana)
    data = entered(work_order) | {
        "version": work_order.version,
        "subject": "Replace module",
        "number": "WO-X",
    }
    client.post(
        page(work_order, "edit"),
        data | {"status": "closed", "accepted_on": "", "target_on": "2030-01-01"},
    )
    after = fresh(work_order)
    assert (after.subject, after.number, after.status) == (
        "Replace module",
        work_order.number,
        work_order.status,
    )
    assert (after.accepted_on, after.target_on) == (work_order.accepted_on, None)
    assert after.ledger.last().actor == coordinator


def test_partner_is_fixed_after_acceptance(client, dana, amped):
    work_order = make_accepted(dana)
    client.post(
        page(work_order, "edit"),
        entered(work_order) | {"version": work_order.version, "partner": amped.pk},
    )
    assert fresh(work_order).partner == dana.partner


def test_partner_can_change_before_acceptance(client, dana, amped):
    work_order = make_work_order()
    client.post(
        page(work_order, "edit"),
        entered(work_order) | {"version": work_order.version, "partner": amped.pk},
    )
    assert fresh(work_order).partner == amped


def test_stale_edit_says_what_is_saved_now(client, dana):
    work_order = make_work_order(access_notes="Ring twice")
    seen = work_order.version
    client.post(
        page(work_order, "edit"),
        entered(work_order) | {"version": seen, "access_notes": "Garage 2.0 m"},
    )
    data = entered(work_order) | {"version": seen, "access_notes": "Call first", "subject": "Mine"}
    response = client.post(page(work_order, "edit"), data)
    text = html_of(response)
    assert (response.status_code, fresh(work_order).access_notes) == (409, "Garage 2.0 m")
    assert "This has changed in the meantime. It is now: Garage 2.0 m." in text
    assert "Call first" in text
    assert f'name="version" value="{seen + 1}"' in text


def test_edit_without_its_version_is_refused(client, dana):
    work_order = make_work_order()
    response = client.post(page(work_order, "edit"), entered(work_order) | {"subject": "x"})
    assert (response.status_code, fresh(work_order).version) == (422, work_order.version)


def test_outcome_stays_when_completed_work_is_edited(client, dana):
    work_order = complete(
        ready_to_complete(make_accepted(dana, parts_required=False), by=dana), by=dana
    )
    data = entered(work_order) | {"version": work_order.version, "assigned_on": "2026-03-01"}
    client.post(page(work_order, "edit"), data)
    assert fresh(work_order).outcome_target_on == work_order.outcome_target_on


def test_lookup_names_the_account_of_a_site_and_the_site_of_a_station(client, form):
    base = {"app_label": "workorders", "model_name": "workorder", "term": ""}
    site = client.get("/admin/autocomplete/", base | {"field_name": "site"}).json()["results"]
    station = client.get("/admin/autocomplete/", base | {"field_name": "station"}).json()["results"]
    assert [row["text"] for row in site] == [
        "Mission Creek Offices, San Francisco · Bluebird Retail Trust"
    ]
    assert [row["text"] for row in station] == [
        "CP6000 · SN1 · Mission Creek Offices, San Francisco"
    ]
