"""Entitlements, whose service level changes once its effect was seen; carrier services,
and places.
"""

from typing import Any

import pytest

from tests.factories import (
    fresh,
    make_accepted,
    make_carrier_service,
    make_entitlement,
    make_rita,
    make_site,
    make_work_order,
)
from tests.pages import html_of
from tests.workorders.admin.calendars import url, words
from tests.workorders.admin.conftest import allow
from tests.workorders.admin.staff_pages import TODAY
from workorders.models import Account, Entitlement, ServiceLevelRevision, Site
from workorders.services.calendars.entitlements import save_entitlement

ASSURE = {"name": "Assure", "business_days": "1", "start_without_parts": "assigned", "seen": "1"}
PREVIEWED = {"_confirmed": "Change it"}


@pytest.fixture
def boss(client_of, admin_user) -> Any:
    return client_of(admin_user)


@pytest.fixture
def assure(db) -> Entitlement:
    return make_entitlement()


def change(client: Any, entitlement: Entitlement, **data: Any) -> Any:
    return client.post(url("entitlement_change", entitlement.pk), ASSURE | data)


# --- Entitlements
def test_new_entitlement_is_saved_at_once_with_its_first_revision(boss, admin_user):
    assert (
        boss.post(
            url("entitlement_add"), ASSURE | {"name": "Gold", "business_days": "2"}
        ).status_code
        == 302
    )
    gold = Entitlement.objects.get(name="Gold")
    assert [(row.number, row.what, row.made_by) for row in gold.revisions.all()] == [
        (1, "2 business days after delivery, without parts after assignment", admin_user)
    ]


def test_another_name_is_saved_at_once_without_a_revision(boss, assure):
    response = change(boss, assure, name="Assure Plus")
    assert response.status_code == 302
    assure.refresh_from_db()
    assert (assure.name, assure.revision, assure.revisions.count()) == ("Assure Plus", 1, 1)


def test_another_service_level_is_previewed_and_nothing_is_saved(boss, assure, dana):
    work_order = make_accepted(dana, parts_required=False, assigned_on=TODAY)
    response = change(boss, assure, business_days="3", from_next_business_day="on")
    text = words(response)
    assert "Now 1 business day after delivery, without parts after assignment" in text
    assert (
        "Becomes 3 business days after delivery, without parts after assignment; a closed start day"
        " counts" in text
    )
    assert "1 of 1 open work order moves: 1 later. Nothing is saved yet." in text
    assert (Entitlement.objects.get().business_days, fresh(work_order).target_on) == (
        1,
        work_order.target_on,
    )


def test_confirmed_service_level_is_what_was_previewed_and_open_work_moves(
    boss, assure, admin_user, dana
):
    work_order = make_accepted(dana, parts_required=False, assigned_on=TODAY)
    form = change(boss, assure, business_days="3", from_next_business_day="on").context["form"]
    hidden = {field.html_name: field.value() for field in form}
    response = change(boss, assure, **hidden | PREVIEWED)
    assert response.url == url("entitlement_change", assure.pk)
    assert "Assure is saved. 1 Target SLA moved." in words(boss.get(response.url))
    assure.refresh_from_db()
    assert (assure.business_days, assure.from_next_business_day, assure.revision) == (3, True, 2)
    assert assure.revisions.first().made_by == admin_user
    assert f"{fresh(work_order).target_on}" == "2026-03-12"


def test_preview_carries_every_value_in_hidden_fields(boss, assure):
    text = html_of(change(boss, assure, business_days="3"))
    for field in (
        '<input type="hidden" name="name" value="Assure"',
        '<input type="hidden" name="business_days" value="3"',
        '<input type="hidden" name="from_next_business_day" value="False"',
        '<input type="hidden" name="seen" value="1"',
    ):
        assert field in text


@pytest.mark.parametrize("confirmed", [{}, PREVIEWED])
def test_what_someone_else_has_changed_meanwhile_is_not_overwritten(boss, assure, confirmed):
    row = Entitlement.objects.get(pk=assure.pk)
    row.business_days = 2
    save_entitlement(row, by=None)
    response = change(boss, assure, business_days="3", **confirmed)
    assert (response.status_code, Entitlement.objects.get().business_days) == (409, 2)
    assert (
        "Assure has been changed by someone else and now promises 2 business days after delivery"
        in words(response)
    )
    assert "Change it" not in words(response)


@pytest.mark.once
@pytest.mark.parametrize("confirmed", [{}, PREVIEWED])
@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"business_days": "251"}, "business_days"),
        ({"business_days": "-1"}, "business_days"),
        ({"start_without_parts": "never"}, "start_without_parts"),
        ({"name": ""}, "name"),
        ({"seen": ""}, "seen"),
        ({"seen": "x"}, "seen"),
    ],
)
def test_forged_or_wrong_values_are_refused_with_and_without_a_preview(
    boss, assure, data, field, confirmed
):
    response = change(boss, assure, **({"business_days": "3"} | data | confirmed))
    assert (response.status_code, list(response.context["adminform"].form.errors)) == (422, [field])
    assert ServiceLevelRevision.objects.count() == 1


def test_name_of_another_one_is_refused(boss, assure):
    make_entitlement("Gold")
    assert change(boss, assure, name="Gold").status_code == 422


def test_page_says_what_counting_starts_with_and_shows_the_revisions(boss, assure):
    change(boss, assure, business_days="3", **PREVIEWED)
    text = words(boss.get(url("entitlement_change", assure.pk)))
    assert "Start with parts: The delivery of the last required part" in text
    assert (
        "2 3 business days after delivery, without parts after assignment Admin 2026-03-09 20:00"
        in text
    )
    assert "1 1 business day after delivery, without parts after assignment Portal" in text


def test_appointments_are_told_of_in_the_preview(boss, assure, dana):
    make_work_order(parts_required=False)
    assert "1 of 1 open work order moves: 1 earlier." in words(
        change(boss, assure, business_days="0")
    )


def test_viewer_reads_and_changes_nothing(client_of, staff, assure):
    client = client_of(allow(staff, "view_entitlement"))
    assert "The delivery of the last required part" in words(
        client.get(url("entitlement_change", assure.pk))
    )
    assert change(client, assure, business_days="3", **PREVIEWED).status_code == 403
    assert Entitlement.objects.get().business_days == 1


def test_partners_and_staff_without_the_permission_are_kept_out(client_of, dana, assure):
    for user in (make_rita("workorders.view_workorder"), dana):
        assert change(client_of(user), assure, business_days="3", **PREVIEWED).status_code == 403
        assert client_of(user).get(url("entitlement_change", assure.pk)).status_code == 403


def test_entitlement_that_does_not_exist_is_not_there(boss, assure):
    assert boss.post(url("entitlement_change", 999), ASSURE).status_code == 404


# --- Places and the rest
@pytest.mark.parametrize(
    ("change", "field"),
    [({"time_zone": "Mars/Olympus"}, "time_zone"), ({"country": "USA"}, "country")],
)
def test_site_that_cannot_be_is_refused(boss, change, field):
    account = Account.objects.create(name="Bluebird")
    names = ["name", "street", "city", "country", "time_zone"]
    data = dict(
        zip(names, ["HQ", "1 Main St", "Oakland", "us", "America/Los_Angeles"], strict=True)
    )
    response = boss.post(url("site_add"), data | {"account": account.pk} | change)
    assert list(response.context["adminform"].form.errors) == [field]
    boss.post(url("site_add"), data | {"account": account.pk})
    assert Site.objects.get().country == "US"


def test_what_is_used_is_not_deleted(boss, dana):
    work_order = make_accepted(dana)
    rows = {
        "site": work_order.site,
        "station": work_order.station,
        "account": work_order.site.account,
        "serviceterritory": work_order.territory,
        "entitlement": work_order.entitlement,
    }
    for name, row in rows.items():
        assert boss.post(url(f"{name}_delete", row.pk), {"post": "yes"}).status_code == 403
    unused = make_site("Unused")
    boss.post(url("site_delete", unused.pk), {"post": "yes"})
    assert not Site.objects.filter(pk=unused.pk).exists()


def test_carrier_service_needs_a_safe_tracking_page(boss):
    service = make_carrier_service()
    values = {"carrier": "FedEx", "service": "2Day", "transit_business_days": "2"}
    response = boss.post(
        url("carrierservice_change", service.pk), values | {"tracking_url": "javascript:{number}"}
    )
    assert list(response.context["adminform"].form.errors) == ["tracking_url"]


@pytest.mark.once
@pytest.mark.parametrize(
    "name", ["account", "site", "station", "serviceterritory", "entitlement", "carrierservice"]
)
def test_lists_open_for_staff_with_the_permission_alone(client_of, boss, dana, name):
    make_accepted(dana)
    make_carrier_service()
    assert boss.get(url(f"{name}_changelist")).status_code == 200
    assert boss.get(url(f"{name}_add")).status_code == 200
    others = make_rita("workorders.view_workorder"), dana
    assert [client_of(user).get(url(f"{name}_changelist")).status_code for user in others] == [
        403,
        403,
    ]
