"""Names that differ in case and blanks alone: listed where they are there already, refused anew.
A site is at a place that exists.
"""

import pytest
from django.urls import reverse

from tests.factories import make_accepted, make_work_order, ship
from tests.pages import html_of, mismatches
from tests.workorders.admin.conftest import allow
from workorders.models import Account, Shipment, Site, Station, WorkOrder

pytestmark = pytest.mark.once

PAGE = reverse("admin:workorders_workorder_twins")


@pytest.fixture
def row(dana) -> WorkOrder:
    return make_accepted(dana, number="WO-1")


def twin_of(row, **changes):
    """A copy with another name, as it could be saved before."""
    row = type(row).objects.get(pk=row.pk)
    row.pk = None
    for field, value in changes.items():
        setattr(row, field, value)
    row.save(force_insert=True)
    return row


def test_page_lists_twins_of_each_kind_with_their_pages(client, row, django_assert_num_queries):
    site, station = row.site, row.station
    ship(row, number="FSO-1")
    page = client.get(PAGE)
    assert mismatches(page, "There are none.") == []
    pairs = [
        (site.account, twin_of(site.account, name=f" {site.account.name.upper()}")),
        (site, twin_of(site, name=f"{site.name}\u200b")),
        (station, twin_of(station, serial=f"{station.serial} ")),
    ]
    other = make_work_order(number="WO-2")
    WorkOrder.objects.filter(pk=other.pk).update(number="wo-1")
    twin_of(Shipment.objects.get(), number="fso-1", work_order=other)
    links = [
        reverse(f"admin:workorders_{each._meta.model_name}_change", args=[each.pk])
        for pair in [*pairs, (row, other)]
        for each in pair
    ]
    with django_assert_num_queries(13):
        text = html_of(client.get(PAGE))
    labels = ["Accounts", "Sites", "Stations", "Work orders", "Shipments"]
    found = [f"<h2>{label}</h2>" for label in labels] + [f'href="{link}"' for link in links]
    assert mismatches(text, *found, "“FSO-1”", "“fso-1”") == []


def test_import_leads_to_the_page(client):
    page = client.get(reverse("admin:workorders_workorder_import_work-orders"))
    assert mismatches(page, f'href="{PAGE}"') == []


def test_only_staff_who_may_view_work_orders_see_it(client_of, rita, viewer, dana):
    assert [client_of(user).get(PAGE).status_code for user in (rita, dana, viewer)] == [
        403,
        403,
        200,
    ]


PLACES = ["view", "add", "change"]


@pytest.fixture
def editor(staff, client_of):
    """Staff who keep accounts, sites and stations."""
    names = [f"{verb}_{place}" for verb in PLACES for place in ("account", "site", "station")]
    return client_of(allow(staff, "view_workorder", *names))


def test_a_new_place_with_the_name_of_another_is_refused(editor, row):
    site, station = row.site, row.station
    address = ("street", "city", "region", "postal_code", "country", "time_zone")
    forms = {
        "account": {"name": site.account.name.upper()},
        "site": {"account": site.account_id, "name": f" {site.name.lower()}"}
        | {name: getattr(site, name) for name in address},
        "station": {"site": site.pk, "serial": f"{station.serial[:3]} {station.serial[3:]}"}
        | {"model": "CP4000"},
    }
    for kind, data in forms.items():
        page = editor.post(reverse(f"admin:workorders_{kind}_add"), data)
        names = {"account": site.account.name, "site": site.name, "station": station.serial}
        assert mismatches(page, f"“{names[kind]}” is there already.") == []
    assert [model.objects.count() for model in (Account, Site, Station)] == [1, 1, 1]


def test_a_twin_of_before_can_still_be_changed(editor, row):
    twin = twin_of(row.station, serial=row.station.serial.lower() + " ")
    data = {"site": twin.site_id, "serial": twin.serial.strip() + " ", "model": "CP4000"}
    address = reverse("admin:workorders_station_change", args=[row.station.pk])
    answer = editor.post(address, data | {"serial": row.station.serial})
    assert answer.status_code == 302
    assert Station.objects.get(pk=row.station.pk).model == "CP4000"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("country", "UK", "Enter an ISO code that exists, such as US or GB."),
        ("time_zone", "EST", "Name a place, such as America/Los_Angeles."),
        ("time_zone", "US/Pacific", "Name a place, such as America/Los_Angeles."),
    ],
)
def test_a_site_is_in_a_country_and_a_zone_that_exist(editor, row, field, value, said):
    site = row.site
    names = ("name", "street", "city", "region", "postal_code", "country", "time_zone")
    data = {name: getattr(site, name) for name in names} | {"account": site.account_id}
    address = reverse("admin:workorders_site_change", args=[site.pk])
    assert mismatches(editor.post(address, data | {field: value}), said) == []
    assert editor.post(address, data | {"city": "Oakland"}).status_code == 302
