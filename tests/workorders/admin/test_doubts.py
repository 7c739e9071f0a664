"""What can hardly be meant of a work order is asked about before it is saved, and may be meant."""

import io
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse

from tests.factories import (
    fresh,
    make_accepted,
    make_entitlement,
    make_site,
    make_territory,
    make_work_order,
)
from tests.pages import html_of, mismatches
from tests.workorders.admin.calendars import words
from tests.workorders.admin.staff_pages import entered, page
from tests.workorders.admin.test_imports import ROW
from tests.workorders.services.importing.import_files import as_csv, work_orders
from workorders.models import ListedRegion, ServiceTerritory, Site, Station, WorkOrder
from workorders.services import could_not_complete
from workorders.services.flow.doubts import listed_regions, misplaced, territory_of
from workorders.states import CouldNotCompleteReason

pytestmark = pytest.mark.once

ADD = reverse("admin:workorders_workorder_add")
ELSEWHERE = (
    "CA-ON has the holidays of CA-ON; Mission Creek Offices, San Francisco is in US-CA."
    " The site belongs to US-CA."
)
REGIONS = {
    ("US", "ca"): "CA",
    ("US", "california"): "CA",
    ("US", "tx"): "TX",
    ("DE", "by"): "BY",
    ("DE", "bayern"): "BY",
    ("GB", "eng"): "ENG",
}


@pytest.fixture(autouse=True)
def territories(db) -> dict[str, ServiceTerritory]:
    for (country, name), subdivision in REGIONS.items():
        ListedRegion.objects.create(country=country, name=name, subdivision=subdivision)
    places = [("US-Federal", "US", ""), ("US-CA", "US", "CA"), ("CA-ON", "CA", "ON")]
    return {name: make_territory(name, *place) for name, *place in places}


@pytest.fixture
def form(voltfix, territories) -> dict[str, Any]:
    station = Station.objects.create(serial="SN1", model="CP6000", site=make_site())
    return {
        "number": "WO-00100001",
        "case_number": "00012345",
        "subject": "Replace charging cable - CP6000",
        "work_type": "repair",
        "partner": voltfix.pk,
        "station": station.pk,
        "territory": territories["US-CA"].pk,
        "entitlement": make_entitlement().pk,
        "line_items": "Lock out",
    }


def confirmed(response: Any) -> str:
    return response.context["form"]["confirmed"].value()


# --- A territory elsewhere
def test_a_territory_of_another_country_is_asked_about(client, form, territories):
    data = form | {"territory": territories["CA-ON"].pk}
    response = client.post(ADD, data)
    assert (response.status_code, WorkOrder.objects.count()) == (200, 0)
    assert mismatches(response, "Is this what you meant? Nothing is saved yet.", ELSEWHERE) == []
    assert 'value="Save anyway"' in html_of(response)
    assert client.post(ADD, data | {"confirmed": confirmed(response)}).status_code == 302
    assert WorkOrder.objects.get().territory == territories["CA-ON"]


def test_a_yes_holds_for_what_was_asked_alone(client, form, territories):
    other = make_territory("US-TX", "US", "TX")
    asked = client.post(ADD, form | {"territory": territories["CA-ON"].pk})
    data = form | {"territory": other.pk, "confirmed": confirmed(asked)}
    response = client.post(ADD, data)
    assert (response.status_code, WorkOrder.objects.count()) == (200, 0)
    assert "US-TX has the holidays of US-TX" in html_of(response)


@pytest.mark.parametrize(
    ("territory", "site", "is_asked_about"),
    [
        (("US", "CA"), ("US", "CA"), False),
        (("US", "CA"), ("US", "California"), False),
        (("US", "California"), ("US", "ca"), False),
        (("US", ""), ("US", "CA"), False),  # the whole country
        (("US", "CA"), ("US", "TX"), True),
        (("US", "CA"), ("US", "Atlantis"), False),  # no region that `holidays` knows
        (("US", "CA"), ("US", ""), False),
        (("DE", "BY"), ("DE", "Bayern"), False),
        (("CA", "ON"), ("US", "CA"), True),
        (("GB", "ENG"), ("UK", "England"), False),
    ],
)
def test_another_country_or_known_region_is_elsewhere(territory, site, is_asked_about):
    row = ServiceTerritory(name="T", country=territory[0], subdivision=territory[1])
    place = Site(name="S", city="C", country=site[0], region=site[1])
    assert bool(misplaced(row, place, listed_regions())) == is_asked_about


def test_an_edit_asks_only_about_what_it_changes(client, dana, territories):
    work_order = make_accepted(dana, territory=territories["CA-ON"])
    data = entered(work_order) | {"version": work_order.version, "subject": "Another"}
    assert client.post(page(work_order, "edit"), data).status_code == 302
    moved = data | {"version": fresh(work_order).version, "territory": territories["US-CA"].pk}
    assert client.post(page(work_order, "edit"), moved).status_code == 302
    back = data | {"version": fresh(work_order).version, "territory": territories["CA-ON"].pk}
    response = client.post(page(work_order, "edit"), back)
    assert response.status_code == 200
    assert ELSEWHERE in html_of(response)
    data = back | {"confirmed": confirmed(response)}
    assert client.post(page(work_order, "edit"), data).status_code == 302


def test_a_site_that_is_corrected_says_which_open_work_lies_elsewhere(
    admin_user, client_of, dana, territories
):
    work_order = make_accepted(dana, territory=territories["US-CA"])
    site = work_order.site
    names = ("name", "street", "city", "region", "postal_code", "country", "time_zone")
    data = {name: getattr(site, name) for name in names} | {"account": site.account_id}
    address = reverse("admin:workorders_site_change", args=[site.pk])
    client = client_of(admin_user)
    assert "Open work there" not in words(client.post(address, data, follow=True))
    page = words(client.post(address, data | {"region": "TX"}, follow=True))
    assert "Open work there: US-CA has the holidays of US-CA; Mission Creek Offices" in page
    assert "San Francisco is in US-TX." in page


# --- The territory of a site
def test_a_site_proposes_its_territory(client, form, territories):
    assert client.post(ADD, form | {"territory": ""}).status_code == 302
    assert WorkOrder.objects.get().territory == territories["US-CA"]


def test_without_a_territory_there_one_is_asked_for(client, form):
    make_site().__class__.objects.update(country="DE", region="BY")
    response = client.post(ADD, form | {"territory": ""})
    assert (response.status_code, WorkOrder.objects.count()) == (422, 0)
    assert response.context["form"].errors["territory"] == ["Choose a service territory."]


@pytest.mark.parametrize(
    ("site", "expected"),
    [
        (("US", "California"), "US-CA"),
        (("US", "TX"), "US-Federal"),
        (("US", ""), "US-Federal"),
        (("CA", ""), "CA-ON"),  # the only one there
        (("GB", "ENG"), None),
    ],
)
def test_the_nearest_territory_is_proposed(territories, site, expected):
    place = Site(name="S", city="C", country=site[0], region=site[1])
    found = territory_of(place, territories.values(), listed_regions())
    assert (found and found.name) == expected


def test_of_two_that_fit_none_is_proposed(territories):
    both = [*territories.values(), make_territory("US-CA North", "US", "CA")]
    assert territory_of(make_site(), both, listed_regions()) is None


# --- Open already
def test_the_same_case_open_already_is_said(client, form):
    make_work_order("WO-00100900", case_number="00012345", serial="SN9")
    page = html_of(client.post(ADD, form))
    assert "WO-00100900 is open for case 00012345 already: Assigned, VoltFix." in page


def test_the_same_station_open_already_is_said(client, form):
    make_work_order("WO-00100900", serial="SN1")
    response = client.post(ADD, form)
    assert response.status_code == 200
    assert "WO-00100900 is open for station SN1 already: Assigned, VoltFix." in html_of(response)
    assert client.post(ADD, form | {"confirmed": confirmed(response)}).status_code == 302


@pytest.mark.no_waits
def test_ended_work_and_work_without_a_case_are_no_doubt(client, form):
    make_work_order("WO-00100900", serial="SN1")
    WorkOrder.objects.update(status="canceled")
    make_work_order("WO-00100901", case_number="", serial="SN8")
    assert client.post(ADD, form | {"case_number": ""}).status_code == 302


# --- An import
def test_an_import_warns_of_a_territory_elsewhere_and_goes_on(voltfix):
    make_entitlement()
    row = ROW | {"service_territory": "CA-ON"}
    result = work_orders([row])
    assert (result.saved, result.created, result.errors) == (True, 1, ())
    assert [str(warning) for warning in result.warnings] == [
        "line 2: service_territory: CA-ON has the holidays of CA-ON; Mission Creek Offices, San"
        " Francisco is in US-CA."
    ]
    assert work_orders([row]).warnings == ()  # nothing changes


def test_the_command_prints_the_warning_and_succeeds(voltfix, tmp_path):
    make_entitlement()
    file = tmp_path / "work_orders.csv"
    file.write_bytes(as_csv([ROW | {"service_territory": "CA-ON"}]))
    out, err = io.StringIO(), io.StringIO()
    call_command("import_work_orders", str(file), stdout=out, stderr=err, no_color=True)
    assert err.getvalue().startswith("Warning: line 2: service_territory: CA-ON has the holidays")
    assert out.getvalue() == "1 created, 0 updated, 0 unchanged\n"


def test_the_preview_of_an_upload_shows_the_warning(client, voltfix):
    make_entitlement()
    file = io.BytesIO(as_csv([ROW | {"service_territory": "CA-ON"}]))
    file.name = "work_orders.csv"
    address = reverse("admin:workorders_workorder_import_work-orders")
    preview = words(client.post(address, {"file": file}, follow=True))
    assert "line 2: service_territory: CA-ON has the holidays of CA-ON" in preview
    assert "1 created" in preview


def test_an_import_that_corrects_a_sites_region_warns_of_its_other_open_work(voltfix):
    make_entitlement()
    first = ROW | {"service_territory": "US-Federal"}
    second = ROW | {"number": "WO-2", "case_number": "2", "service_territory": "US-CA"}
    work_orders([first, second])
    (warning,) = work_orders([first | {"region": "TX"}]).warnings
    assert "US-CA has the holidays of US-CA; Mission Creek Offices" in str(warning)
    assert "is in US-TX" in str(warning)


# --- A follow-on
def test_a_follow_on_beside_open_work_for_the_station_is_asked_about(client, dana):
    row = make_accepted(dana, serial="SN1")
    reason = {"reason": CouldNotCompleteReason.OBSTRUCTION, "note": "A car"}
    could_not_complete(row, **reason, by=dana)
    make_work_order("WO-00100900", station=row.station, site=row.site)
    address = reverse("admin:workorders_workorder_follow-on", args=[row.pk])
    data = {"version": fresh(row).version, "number": "WO-00100901"}
    data |= {"partner": row.partner_id, "assigned_on": row.site_today().isoformat()}
    response = client.post(address, data)
    assert (response.status_code, WorkOrder.objects.filter(follows=row).count()) == (200, 0)
    assert "WO-00100900 is open for station SN1 already" in html_of(response)
    assert client.post(address, data | {"confirmed": confirmed(response)}).status_code == 302
    assert WorkOrder.objects.filter(follows=row).count() == 1
