"""Service territories: added with a week and a coverage, and read with their calendar from
then on.
"""

import datetime as dt
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType

from tests.factories import make_rita, make_territory
from tests.pages import html_of
from tests.workorders.admin.calendars import TUESDAY, closing, url, words
from tests.workorders.admin.conftest import allow
from workorders.models import CalendarDay, ServiceTerritory
from workorders.services.calendars.proposals import approve

pytestmark = pytest.mark.once

STEPS = ["holidays", "close", "open", "move", "week"]
NEW = {
    "name": "US-Federal",
    "country": "us",
    "subdivision": "",
    "weekend": [5, 6],
    "first": "2026-01-01",
    "last": "2029-12-31",
}


@pytest.fixture
def planner(staff, client_of) -> Any:
    """Staff who look after calendars."""
    rights = ["view_serviceterritory", "add_serviceterritory", "change_serviceterritory"]
    return client_of(allow(staff, *rights, "view_calendarproposal", "change_calendarproposal"))


# --- Adding
def test_new_territory_says_who_proposes_its_holidays(planner, staff):
    response = planner.post(url("serviceterritory_add"), NEW, follow=True)
    territory = ServiceTerritory.objects.get()
    assert (territory.country, territory.weekend, territory.last) == (
        "US",
        [5, 6],
        dt.date(2029, 12, 31),
    )
    assert (
        "The calendar of US-Federal has no public holidays yet. The worker proposes them"
        in words(response)
    )
    assert [(row.number, row.made_by) for row in territory.revisions.all()] == [(1, staff)]


def test_new_territory_is_offered_the_usual_week_and_some_years(planner):
    form = planner.get(url("serviceterritory_add")).context["adminform"].form
    offered = [form[name].value() for name in ("weekend", "first", "last")]
    assert offered == [[5, 6], dt.date(2026, 1, 1), dt.date(2030, 12, 31)]


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"weekend": list(range(7))}, "weekend", "Leave at least one working day."),
        ({"country": "USA"}, "country", "Ensure this value has at most 2 characters (it has 3)."),
        ({"country": "U1"}, "country", "Enter two letters, such as US."),
        (
            {"first": "2030-01-01"},
            "last",
            (
                "This is not a business calendar: the calendar would end on 2029-12-31, before its"
                " first day 2030-01-01."
            ),
        ),
        (
            {"first": "2026-03-07", "last": "2026-03-08"},
            "last",
            (
                "This is not a business calendar: the calendar has no business day from 2026-03-07"
                " to 2026-03-08."
            ),
        ),
        ({"last": "9999-12-31"}, "last", "A calendar cannot run beyond Mon, Dec 31, 2046."),
        ({"first": "0001-01-01"}, "first", "Not before 2000-01-01."),
        ({"first": "1.1.2026"}, "first", "Enter the date as YYYY-MM-DD."),
    ],
)
def test_territory_that_cannot_be_is_refused_at_its_field_and_nothing_saved(
    planner, change, field, sentence
):
    response = planner.post(url("serviceterritory_add"), NEW | change)
    assert response.context["adminform"].form.errors == {field: [sentence]}
    assert ServiceTerritory.objects.count() == 0


@pytest.mark.parametrize("country", ["AU", "CA", "CH", "DE", "ES", "GB"])
def test_country_whose_parts_set_holidays_needs_a_subdivision(planner, country):
    data = NEW | {"name": country, "country": country}
    response = planner.post(url("serviceterritory_add"), data)
    assert list(response.context["adminform"].form.errors) == ["subdivision"]
    assert planner.post(url("serviceterritory_add"), data | {"subdivision": "X"}).status_code == 302


def test_name_is_shown_once(planner):
    make_territory()
    response = planner.post(url("serviceterritory_add"), NEW)
    assert list(response.context["adminform"].form.errors) == ["name"]


# --- One that exists
def test_page_shows_the_calendar_from_this_year_on(planner):
    text = words(planner.get(url("serviceterritory_change", make_territory().pk)))
    assert (
        "Weekend Saturday, Sunday First day covered Wed, Jan 1, 2025 Last day covered Mon, Dec 31,"
        " 2029" in text
    )
    assert (
        "2026: 12 days Day What Name Where it comes from Thu, Jan 1 closed New Year's Day public"
        " holiday" in text
    )
    assert "2025:" not in text


def test_page_tells_who_decided_a_day_and_who_made_a_revision(planner, staff):
    territory = make_territory()
    approve(closing(territory, TUESDAY, by=staff), by=staff)
    text = words(planner.get(url("serviceterritory_change", territory.pk)))
    assert "Tue, Mar 10 closed Company closure staff" in text
    assert "2 Tue, Mar 10, 2026 closed: Company closure Staff 2026-03-09 20:00" in text
    assert "1 First revision, with 62 special days. Portal" in text


def test_page_leads_to_the_open_proposals_and_the_steps(planner, staff):
    territory = make_territory()
    proposal, decided = closing(territory, TUESDAY, by=staff), closing(territory, TUESDAY, by=staff)
    approve(decided, by=staff)
    response = planner.get(url("serviceterritory_change", territory.pk))
    assert list(response.context["proposals"]) == [proposal]
    assert url("calendarproposal_change", proposal.pk) in html_of(response)
    assert [link.label for link in response.context["calendar_actions"]] == [
        *(
            "Choose holidays",
            "Close days",
            "Open a day",
            "Move an observed day",
            "Change the week or coverage",
        ),
    ]


@pytest.mark.parametrize(("last", "warns"), [("2027-09-08", True), ("2027-09-09", False)])
def test_page_warns_of_a_calendar_that_ends_soon(planner, last, warns):
    territory = make_territory()
    ServiceTerritory.objects.update(last=last)
    text = words(planner.get(url("serviceterritory_change", territory.pk)))
    assert ("The calendar of US-Federal ends on" in text) == warns


def test_page_says_that_open_work_still_follows(planner, staff):
    territory = make_territory()
    approve(closing(territory, TUESDAY, by=staff), by=staff)
    text = words(planner.get(url("serviceterritory_change", territory.pk)))
    assert "Open work orders are being recalculated after a change to this calendar." in text


def test_name_and_place_are_saved_at_once_and_the_calendar_is_not_in_the_form(planner):
    territory = make_territory()
    forged = {
        "weekend": [0],
        "first": "2020-01-01",
        "last": "2040-01-01",
        "revision": "9",
        "days-0-day": "2026-03-10",
    }
    planner.post(url("serviceterritory_change", territory.pk), NEW | {"name": "USA"} | forged)
    after = ServiceTerritory.objects.get()
    assert (after.name, after.weekend, after.first, after.last, after.revision) == (
        *("USA", [5, 6], dt.date(2025, 1, 1), dt.date(2029, 12, 31), 1),
    )
    assert CalendarDay.objects.count() == 62


@pytest.mark.parametrize("days", [1, 3])
def test_page_asks_the_same_number_of_queries(planner, staff, days, django_assert_num_queries):
    territory = make_territory()
    for number in range(days):
        closing(territory, TUESDAY + dt.timedelta(days=7 * number), by=staff)
        approve(closing(territory, TUESDAY + dt.timedelta(days=7 * number + 1), by=staff), by=staff)
    ContentType.objects.get_for_model(ServiceTerritory)  # which the process keeps
    with django_assert_num_queries(8):
        planner.get(url("serviceterritory_change", territory.pk))


# --- Who may
def test_viewer_reads_the_calendar_and_changes_nothing(client_of, staff):
    territory = make_territory()
    client = client_of(allow(staff, "view_serviceterritory"))
    response = client.get(url("serviceterritory_change", territory.pk))
    assert "2026: 12 days" in words(response)
    assert (response.context["calendar_actions"], list(response.context["proposals"])) == ([], [])
    assert client.post(url("serviceterritory_change", territory.pk), NEW).status_code == 403
    assert client.get(url("serviceterritory_add")).status_code == 403


@pytest.mark.parametrize("name", ["change", "delete", "history", *STEPS])
def test_partners_and_staff_without_the_permission_are_kept_out(client_of, dana, name):
    territory = make_territory()
    for user in (make_rita("workorders.view_workorder"), dana):
        client = client_of(user)
        assert client.get(url(f"serviceterritory_{name}", territory.pk)).status_code == 403
        assert client.post(url(f"serviceterritory_{name}", territory.pk), NEW).status_code == 403
