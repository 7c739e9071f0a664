"""A technician's home: the visits of the day by the clock, and what to press for each."""

import datetime as dt

import pytest
from django.urls import reverse

from portal.people.roles import Role
from tests.factories import book_on, make_accepted, make_user
from tests.pages import html_of
from workorders import services
from workorders.models import Visit

pytestmark = pytest.mark.once

TODAY = "/today/"


@pytest.fixture
def at_noon(clock, dana, tess):
    """Two visits today, entered in the wrong order, and one tomorrow; it is 9:00 AM on Monday."""
    made = []
    for number, day, hour in (("WO-2", 2, 15), ("WO-1", 2, 10), ("WO-3", 3, 9)):
        row = make_accepted(dana, number=number, parts_required=False, line_items=("Replace",))
        at = dt.datetime(2026, 3, day, hour, tzinfo=row.site.zone)
        made.append(book_on(row, tess, at=at))
    return made


def slots(page) -> dict[str, list[str]]:
    names = ("slots", "earlier", "later")
    return {name: [slot.work_order.number for slot in page.context[name]] for name in names}


def test_home_is_today_for_a_technician_and_the_list_for_others(dana, tess, staff, client_of):
    home = {person.role: client_of(person).get("/").url for person in (dana, tess, staff)}
    assert home == {"dispatcher": "/work-orders/", "technician": TODAY, "staff": "/work-orders/"}
    assert client_of(dana).get(TODAY).url == "/work-orders/"


def test_visits_stand_by_the_clock_of_their_sites_and_the_next_one_has_the_filled_button(
    at_noon, tess, client_of
):
    page = client_of(tess).get(TODAY)
    assert slots(page) == {"slots": ["WO-1", "WO-2"], "earlier": [], "later": ["WO-3"]}
    assert [slot.is_first for slot in page.context["slots"]] == [True, False]
    html = html_of(page)
    assert "<b>10:00</b> <span>AM PST</span>" in html
    assert html.index('id="WO-1"') < html.index('id="WO-2"') < html.index("Tue, Mar 3")
    assert html.count("Start work") == 2


def test_start_work_is_pressed_here_and_then_the_visit_goes_on(at_noon, tess, client_of):
    browser = client_of(tess)
    assert browser.post(reverse("start-visit", args=["WO-2"]), follow=True).status_code == 200
    page = browser.get(TODAY)
    first = {slot.work_order.number: slot.is_first for slot in page.context["slots"]}
    assert first == {"WO-1": False, "WO-2": True}
    assert html_of(page).count("Go on<span") == 1


def test_what_nobody_has_reported_stays_until_it_is(at_noon, tess, client_of, clock):
    clock.move_to(dt.datetime(2026, 3, 4, 18, tzinfo=dt.UTC))
    browser = client_of(tess)
    page = browser.get(TODAY)
    assert slots(page) == {"slots": [], "earlier": ["WO-1", "WO-2", "WO-3"], "later": []}
    assert "No visits today" in html_of(page)
    assert reverse("enter-visit", args=["WO-1"]) in html_of(page)
    services.enter_visit(at_noon[1], began_at=at_noon[1].appointment.at, outcome="done", by=tess)
    assert slots(browser.get(TODAY))["earlier"] == ["WO-2", "WO-3"]


def test_a_day_shows_ones_own_visits_in_as_many_queries_for_one_as_for_three(
    at_noon, dana, tess, client_of, django_assert_num_queries
):
    lee = make_user("lee@voltfix.example", Role.TECHNICIAN, partner=dana.partner)
    other = make_accepted(dana, number="WO-9", parts_required=False)
    book_on(other, lee, at=dt.datetime(2026, 3, 2, 11, tzinfo=other.site.zone))
    counts = []
    for person in (lee, tess):
        browser = client_of(person)
        browser.get(TODAY)
        with django_assert_num_queries(5):
            counts.append(slots(browser.get(TODAY))["slots"])
    assert counts == [["WO-9"], ["WO-1", "WO-2"]]
    assert Visit.objects.count() == 0
