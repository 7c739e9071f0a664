"""Where the parts go: a partner's depots, the territory's proposed first."""

import datetime as dt

import pytest
from django.urls import reverse

from portal.people.roles import Role
from tests.factories import SHIP_TO, make_accepted, make_territory, make_user, make_work_order
from tests.pages import html_of
from workorders.fieldwork.technicians import crew_of
from workorders.models import Depot
from workorders.services.flow.acceptance import ship_to_fields

pytestmark = pytest.mark.once


def make_depot(partner, name: str, *territories) -> Depot:
    fields = ship_to_fields(SHIP_TO._replace(street=f"1 {name} Rd"))
    depot = Depot.objects.create(partner=partner, name=name, **fields)
    depot.territories.set(territories)
    return depot


@pytest.fixture
def new(clock, dana):
    return make_work_order("WO-1", partner=dana.partner)


def street(page) -> str:
    return page.context["form"]["street"].value()


def test_the_territorys_depot_is_proposed_else_the_last_one_used(new, dana, client_of):
    browser, url = client_of(dana), reverse("accept", args=[new.number])
    last = make_accepted(dana)
    assert street(browser.get(url)) == last.ship_to.street
    make_depot(dana.partner, "Reno")
    assert street(browser.get(url)) == last.ship_to.street
    make_depot(dana.partner, "Oakland", new.territory)
    assert street(browser.get(url)) == "1 Oakland Rd"


def test_another_depot_is_one_press_away_and_the_list_is_kept(new, dana, client_of):
    reno = make_depot(dana.partner, "Reno")
    make_depot(dana.partner, "Oakland", new.territory)
    browser, url = client_of(dana), reverse("accept", args=[new.number])
    back = "back=needs%3Daccept"
    assert f'href="?{back}&amp;depot={reno.pk}"' in html_of(browser.get(f"{url}?{back}"))
    assert street(browser.get(f"{url}?{back}&depot={reno.pk}")) == "1 Reno Rd"
    assert street(browser.get(f"{url}?depot=no-such-depot")) == "1 Oakland Rd"


def test_another_partners_depot_is_neither_shown_nor_filled_in(new, dana, omar, client_of):
    theirs = make_depot(omar.partner, "Secret", make_territory("US-Federal"))
    page = client_of(dana).get(f"{reverse('accept', args=[new.number])}?depot={theirs.pk}")
    assert "Secret" not in html_of(page)


def test_staff_enter_a_depot(staff, dana, client_of):
    known = ship_to_fields(SHIP_TO) | {"partner": dana.partner_id, "name": "Oakland"}
    answer = client_of(staff).post(reverse("admin:workorders_depot_add"), known)
    assert (answer.status_code, Depot.objects.get().ship_to) == (302, SHIP_TO)


def test_depots_and_technicians_stand_in_the_order_of_their_letters(dana):
    names = ["Adam", "Émile", "eva", "Zoe"]
    for name in reversed(names):
        make_depot(dana.partner, name)
        make_user(f"{name}@voltfix.example", Role.TECHNICIAN, name=name, partner=dana.partner)
    assert [depot.name for depot in Depot.objects.of(dana.partner)] == names
    assert [user.name for user in crew_of(dana.partner, dt.date(2026, 12, 1)).others] == names
