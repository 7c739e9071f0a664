"""Accounts, sites and stations in the admin: their work orders are found by what they are called
now.
"""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import fresh, make_accepted, make_site, ship
from workorders.models import WorkOrder
from workorders.services import NotAllowed
from workorders.services.places import save_place

SITE = {
    "street": "1 Pier",
    "city": "San Francisco",
    "country": "US",
    "time_zone": "America/Los_Angeles",
}


@pytest.fixture
def client(admin_user, client_of) -> Client:
    return client_of(admin_user)


def edit(client: Client, row: Any, **data: Any) -> Any:
    return client.post(
        reverse(f"admin:workorders_{row._meta.model_name}_change", args=[row.pk]), data
    )


def found(query: str) -> list[str]:
    return sorted(WorkOrder.objects.search(query).values_list("number", flat=True))


@pytest.fixture
def there(dana) -> WorkOrder:
    """One of two work orders at a site; a third is elsewhere."""
    one, _, _ = (
        make_accepted(dana, number=number, site=make_site(site, account))
        for number, site, account in (
            *(
                ("WO-1", "Pier", "Bluebird"),
                ("WO-2", "Pier", "Bluebird"),
                ("WO-3", "Elsewhere", "Other"),
            ),
        )
    )
    ship(one, "FSO-1", tracking_number="794644790132")
    return fresh(one)


def test_work_is_found_by_the_new_name_of_its_account(client, there):
    assert edit(client, there.site.account, name="Kingfisher").status_code == 302
    assert (found("kingfisher"), found("bluebird")) == (["WO-1", "WO-2"], [])


def test_work_is_found_by_the_new_name_and_city_of_its_site(client, there):
    moved = {"name": "Wharf", "street": "1 Wharf Way", "city": "Oakland"}
    data = SITE | {"account": there.site.account_id} | moved
    assert edit(client, there.site, **data).status_code == 302
    assert (found("wharf oakland"), found("pier")) == (["WO-1", "WO-2"], [])
    assert found("794644790132") == ["WO-1"]


def test_work_is_found_by_the_new_serial_of_its_station(client, there):
    data = {"site": there.site_id, "serial": "SN-NEW", "model": "CP6000"}
    assert edit(client, there.station, **data).status_code == 302
    assert found("sn-new") == ["WO-1"]


def test_a_new_name_is_no_new_version_of_the_work(client, there):
    edit(client, there.site.account, name="Kingfisher")
    after = fresh(there)
    assert (after.version, after.ledger.count()) == (there.version, there.ledger.count())


@pytest.mark.parametrize("rows", [1, 3])
def test_a_name_is_saved_in_the_same_number_of_queries(dana, rows, django_assert_num_queries):
    account = make_site().account
    for _ in range(rows):
        make_accepted(dana)
    account.name = "Kingfisher"
    with django_assert_num_queries(7):
        save_place(account, by=None)
    assert len(found("kingfisher")) == rows


def test_places_are_saved_in_batches(dana, monkeypatch):
    monkeypatch.setattr("workorders.services.places.BATCH", 2)
    for _ in range(3):
        make_accepted(dana)
    account = make_site().account
    account.name = "Kingfisher"
    save_place(account, by=None)
    assert len(found("kingfisher")) == 3


def test_partners_change_no_place(dana, there):
    with pytest.raises(NotAllowed):
        save_place(there.site, by=dana)


@pytest.mark.parametrize("key", ["x", "1" + 30 * "0"])
def test_key_that_is_none_is_refused_at_its_field(client, there, key):
    site = edit(client, there.site, **SITE, account=key, name="Pier")
    station = edit(client, there.station, site=key, serial="SN1", model="CP6000")
    for response, field in ((site, "account"), (station, "site")):
        assert list(response.context["adminform"].form.errors) == [field]
