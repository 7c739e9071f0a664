"""Whatever is in an address, the answer is never 5xx: every query value is read by a form."""

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection

from portal.people.models import User
from tests.factories import certify, make_accepted, make_tess, make_work_order
from tests.portal.test_urls import UUID, addresses

HOSTILE = ["", "abc", "9" * 30, "0001-01-01", "-1", "\x00", "2026-02-30", "1,2,x", "ü💥'\"<"]
THE_WORST = {"sqlite": "abc", "postgresql": "9" * 30}  # the others in `make test-all`
OF_LISTS = {
    "q",
    "status",
    "work_type",
    "territory",
    "sla",
    "sort",
    "after",
    "needs",
    "partner",
    "kind",
}
OF_PAGES = {"again", "from", "page", "day", "visit_of", "about", "item", "shows", "reason", "part"}
OF_SCORES = {"first", "last", "by", "figure", "entitlement", "spent", "waited", "shipment", "back"}
OF_ADMIN = {"p", "o", "e", "all", "keys", "review", "next", "term", "app_label", "model_name"}
OF_DJANGO = {"_changelist_filters", "_popup", "_to_field", "field_name"}
NAMES = sorted(OF_LISTS | OF_PAGES | OF_SCORES | OF_ADMIN | OF_DJANGO)


def with_rows(row, user: User) -> Iterator[str]:
    """Every address, with a work order and a person that exist."""
    for path in sorted(set(addresses())):
        if path != "/logout/" and UUID not in path:
            yield (
                path.replace("/work-orders/1/", f"/work-orders/{row.number}/")
                .replace("/workorder/1/", f"/workorder/{row.pk}/")
                .replace("/user/1/", f"/user/{user.pk}/")
            )


def names_for(path: str) -> list[str]:
    """Those that any page reads, and in the admin the fields of the model, as filter and as value
    to begin with.
    """
    for model in apps.get_models():
        if (
            f"/{model._meta.app_label}/{model._meta.model_name}/" in path
            and admin.site.is_registered(model)
        ):
            fields = [field.name for field in model._meta.get_fields()]
            return [*NAMES, *fields, *(f"{field}__exact" for field in fields)]
    return NAMES


def broken(browser, paths: Iterator[str], values: list[str]) -> list[str]:
    found = []
    for path in paths:
        for value in values:
            query = urlencode(dict.fromkeys(names_for(path), value))
            if browser.get(f"{path}?{query}").status_code >= 500:
                found.append(f"{path} {value!r}")
    return found


@pytest.fixture
def quiet(client):
    """Answers 500 instead of raising."""
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize("who", ["dana", "admin_user"])
def test_hostile_values_in_an_address_are_no_error_of_ours(who, request, dana, quiet, full_size):
    tess = make_tess()
    certify(tess, make_work_order().assigned_on)
    row = make_accepted(dana, line_items=("Lock out",))
    quiet.force_login(request.getfixturevalue(who))
    values = HOSTILE if full_size else [THE_WORST[connection.vendor]]
    assert broken(quiet, with_rows(row, tess), values) == []


@pytest.mark.parametrize("value", ["%00", "%C3%BC", "9" * 40])
def test_visit_of_no_number_opens_the_page(value, dana, quiet):
    """PostgreSQL takes no zero byte, and SQLite would look for it."""
    quiet.force_login(dana)
    page = f"/work-orders/{make_accepted(dana).number}/"
    assert quiet.get(f"{page}?visit_of={value}").status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/technicians/?again=abc",
        "/technicians/?again=",
        "/technicians/?again=" + "9" * 30,
        "/admin/people/user/add/?partner=0001-01-01",
        "/admin/people/user/add/?partner=abc&role=x",
    ],
)
def test_address_that_once_broke_opens(address, dana, admin_user, quiet):
    quiet.force_login(admin_user if address.startswith("/admin/") else dana)
    assert quiet.get(address).status_code == 200
