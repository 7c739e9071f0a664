"""Territories with their calendars, entitlements, carrier services, and places."""

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse

from tests.factories import make_accepted, make_carrier_service, make_site, make_territory
from tests.workorders.admin.conftest import allow
from workorders import targets
from workorders.models import Account, CalendarDay, ServiceTerritory, Site
from workorders.services import NotAllowed, Refused
from workorders.services.calendars import save_territory

CLOSURE = dt.date(2026, 3, 10)


@pytest.fixture
def boss(client_of, admin_user) -> Any:
    return client_of(admin_user)


def url(name: str, *args: Any) -> str:
    return reverse(f"admin:workorders_{name}", args=args)


def territory_form(territory: ServiceTerritory | None = None, *days: dict[str, Any], **change: Any) -> dict[str, Any]:
    values = {"name": "US-Federal", "country": "US", "subdivision": "", "weekend": [5, 6]}
    values |= {"first": "2025-01-01", "last": "2029-12-31"}
    data = values | {"days-TOTAL_FORMS": len(days), "days-INITIAL_FORMS": sum("id" in day for day in days)}
    for index, day in enumerate(days):
        row = {"territory": territory.pk if territory else ""} | day
        data |= {f"days-{index}-{name}": value for name, value in row.items()}
    return data | change


def test_added_day_makes_a_new_revision_that_targets_see(boss):
    territory = make_territory()
    assert targets.business_calendar(territory).is_business_day(CLOSURE)
    data = territory_form(territory, {"day": CLOSURE, "name": "Company closure"})
    assert boss.post(url("serviceterritory_change", territory.pk), data).status_code == 302
    territory.refresh_from_db()
    assert (territory.revision, targets.business_calendar(territory).is_business_day(CLOSURE)) == (2, False)


def test_removed_and_changed_days_make_a_new_revision(boss):
    territory = make_territory()
    day = territory.days.create(day=CLOSURE, name="Company closure")
    worked = {"id": day.pk, "day": CLOSURE, "name": "Worked", "worked": "on"}
    boss.post(url("serviceterritory_change", territory.pk), territory_form(territory, worked))
    assert CalendarDay.objects.get(pk=day.pk).worked
    gone = {"id": day.pk, "day": CLOSURE, "name": "Worked", "worked": "on", "DELETE": "on"}
    boss.post(url("serviceterritory_change", territory.pk), territory_form(territory, gone))
    territory.refresh_from_db()
    assert (territory.revision, territory.days.filter(day=CLOSURE).count()) == (3, 0)


@pytest.mark.parametrize(
    ("change", "revision"), [({}, 1), ({"name": "USA"}, 1), ({"weekend": [4, 5]}, 2), ({"last": "2030-12-31"}, 2)]
)
def test_weekend_and_coverage_make_a_new_revision(boss, change, revision):
    territory = make_territory()
    boss.post(url("serviceterritory_change", territory.pk), territory_form(territory, **change, revision="99"))
    territory.refresh_from_db()
    assert territory.revision == revision


def test_target_follows_the_changed_calendar(boss, dana):
    territory = make_territory()
    data = territory_form(territory, {"day": CLOSURE, "name": "Company closure"})
    boss.post(url("serviceterritory_change", territory.pk), data)
    work_order = make_accepted(dana, parts_required=False, assigned_on=dt.date(2026, 3, 9))
    assert (work_order.target_on, work_order.target_revision) == (dt.date(2026, 3, 11), 2)


@pytest.mark.parametrize("country", ["AU", "CA", "CH", "DE", "ES", "GB"])
def test_country_whose_parts_set_holidays_needs_a_subdivision(boss, country):
    data = territory_form(name=country, country=country)
    response = boss.post(url("serviceterritory_add"), data)
    assert list(response.context["adminform"].form.errors) == ["subdivision"]
    assert boss.post(url("serviceterritory_add"), data | {"subdivision": "X"}).status_code == 302


@pytest.mark.parametrize(
    ("change", "field"),
    [({"weekend": list(range(7))}, "weekend"), ({"country": "USA"}, "country"), ({"first": "2030-01-01"}, "__all__")],
)
def test_territory_that_cannot_be_is_refused(boss, change, field):
    response = boss.post(url("serviceterritory_add"), territory_form(**change))
    assert list(response.context["adminform"].form.errors) == [field]
    assert ServiceTerritory.objects.count() == 0


def test_calendar_without_a_business_day_is_refused_and_nothing_saved(boss):
    change = {"first": CLOSURE, "last": CLOSURE}
    data = territory_form(None, {"day": CLOSURE, "name": "Company closure"}, **change)
    response = boss.post(url("serviceterritory_add"), data, follow=True)
    assert "This is no business calendar" in response.content.decode()
    assert ServiceTerritory.objects.count() == 0


def test_day_of_another_territory_is_out_of_reach(boss):
    territory, other = make_territory(), make_territory("GB-ENG", "GB", "ENG")
    foreign = other.days.create(day=CLOSURE, name="Closure")
    row = {"id": foreign.pk, "day": CLOSURE, "name": "x", "DELETE": "on"}
    boss.post(url("serviceterritory_change", territory.pk), territory_form(territory, row))
    assert CalendarDay.objects.filter(pk=foreign.pk, territory=other).exists()


def test_forged_inline_adds_nothing_for_those_who_may_only_look(client_of, staff):
    territory = make_territory()
    count = CalendarDay.objects.count()
    client = client_of(allow(staff, "view_serviceterritory", "change_serviceterritory", "view_calendarday"))
    data = territory_form(territory, {"day": CLOSURE, "name": "Closure"})
    client.post(url("serviceterritory_change", territory.pk), data)
    assert CalendarDay.objects.count() == count


def test_save_territory_is_for_staff(dana, voltfix):
    with pytest.raises(NotAllowed):
        save_territory(make_territory(), by=dana)


def test_refused_calendar_leaves_the_known_one(staff):
    territory = make_territory()
    territory.first = territory.last = dt.date(2026, 3, 8)
    with pytest.raises(Refused):
        save_territory(territory, by=staff)
    assert ServiceTerritory.objects.get().revision == 1


# --- Places and the rest
@pytest.mark.parametrize(
    ("change", "field"), [({"time_zone": "Mars/Olympus"}, "time_zone"), ({"country": "USA"}, "country")]
)
def test_site_that_cannot_be_is_refused(boss, change, field):
    account = Account.objects.create(name="Bluebird")
    names = ["name", "street", "city", "country", "time_zone"]
    data = dict(zip(names, ["HQ", "1 Main St", "Oakland", "us", "America/Los_Angeles"], strict=True))
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
    response = boss.post(url("carrierservice_change", service.pk), values | {"tracking_url": "javascript:{number}"})
    assert list(response.context["adminform"].form.errors) == ["tracking_url"]


@pytest.mark.parametrize("name", ["account", "site", "station", "serviceterritory", "entitlement", "carrierservice"])
def test_lists_open_for_staff_with_the_permission_alone(client_of, boss, staff, dana, name):
    make_accepted(dana)
    make_carrier_service()
    assert boss.get(url(f"{name}_changelist")).status_code == 200
    assert boss.get(url(f"{name}_add")).status_code == 200
    assert [client_of(user).get(url(f"{name}_changelist")).status_code for user in (staff, dana)] == [403, 403]
