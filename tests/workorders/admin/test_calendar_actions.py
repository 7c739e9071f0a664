"""Close, open, move, another week: each step makes a proposal and changes nothing by itself."""

from typing import Any

import pytest
from django.test import Client

from tests.factories import make_territory
from tests.pages import html_of, mismatches
from tests.workorders.admin.calendars import TUESDAY, closing, url, words
from tests.workorders.admin.conftest import allow
from workorders.models import CalendarProposal, ServiceTerritory
from workorders.services.calendars.proposals import approve
from workorders.services.calendars.refreshing import refresh

pytestmark = pytest.mark.once

RIGHTS = ["view_serviceterritory", "view_calendarproposal", "change_calendarproposal"]
STEPS = {
    "close": {"first": "2026-12-24", "last": "2027-01-02", "name": "Shutdown"},
    "open": {"day": "2026-11-11", "twin": "on"},
    "move": {"day": "2026-07-03", "to": "2026-07-06"},
    "week": {"weekend": [4, 5], "last": "2030-12-31"},
}


@pytest.fixture
def client(staff, client_of) -> Client:
    return client_of(allow(staff, *RIGHTS))


@pytest.fixture
def territory(db) -> ServiceTerritory:
    return make_territory()


def take(client: Client, territory: ServiceTerritory, step: str, **data: Any) -> Any:
    return client.post(url(f"serviceterritory_{step}", territory.pk), data)


def lines(proposal: CalendarProposal) -> list[str]:
    return [f"{line.day} {line.was} → {line.state}" for line in proposal.days.all()]


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (
            "close",
            [
                "2026-12-24 as its weekday → closed: Shutdown",
                "2026-12-28 as its weekday → closed: Shutdown",
                "2026-12-29 as its weekday → closed: Shutdown",
                "2026-12-30 as its weekday → closed: Shutdown",
                "2026-12-31 as its weekday → closed: Shutdown",
            ],
        ),
        ("open", ["2026-11-11 closed: Veterans Day → worked: Veterans Day"]),
        (
            "move",
            [
                (
                    "2026-07-03 closed: Independence Day (observed) → worked: Independence Day"
                    " (observed)"
                ),
                "2026-07-06 as its weekday → closed: Independence Day (observed)",
            ],
        ),
        ("week", []),
    ],
)
def test_step_ends_on_the_page_of_its_proposal_and_changes_nothing(
    client, territory, staff, step, expected
):
    response = take(client, territory, step, **STEPS[step])
    proposal = CalendarProposal.objects.get()
    assert response.url == url("calendarproposal_change", proposal.pk)
    assert (lines(proposal), proposal.made_by, proposal.is_open) == (expected, staff, True)
    territory.refresh_from_db()
    assert territory.revision == 1
    assert client.get(response.url).status_code == 200


def test_week_and_coverage_stand_on_the_proposal(client, territory):
    take(client, territory, "week", **STEPS["week"])
    proposal = CalendarProposal.objects.get()
    assert (proposal.weekend, f"{proposal.last}") == ([4, 5], "2030-12-31")
    assert proposal.summary == "another weekend, covered to 2030-12-31"


def test_page_of_the_week_holds_the_current_values(client, territory):
    text = html_of(client.get(url("serviceterritory_week", territory.pk)))
    assert 'value="2029-12-31"' in text
    assert text.count(" checked") == 2


def test_weekday_closed_by_staff_is_a_weekday_again(client, territory, staff):
    approve(closing(territory, TUESDAY, by=staff), by=staff)
    take(client, territory, "open", day="2026-03-10")
    assert lines(CalendarProposal.objects.get(verdict="")) == [
        "2026-03-10 closed: Company closure → as its weekday"
    ]


@pytest.mark.parametrize(
    ("step", "data", "field", "sentence"),
    [
        ("close", {"first": "2026-03-07"}, "first", "Sat, Mar 7 is already closed: Saturday."),
        (
            "close",
            {"first": "2026-03-10", "last": "2026-03-09"},
            "last",
            "The last day is before the first.",
        ),
        (
            "close",
            {"first": "2026-03-01", "last": "2026-04-30"},
            "last",
            "Close at most 60 days at once.",
        ),
        ("close", {"first": "2030-03-01"}, "first", "The calendar does not cover this day"),
        ("close", {"first": "10.3.2026"}, "first", "Enter the date as YYYY-MM-DD."),
        ("close", {"first": "2026-03-10", "name": ""}, "name", "This field is required."),
        ("close", {"first": "2026-03-10", "name": "n" * 201}, "name", "at most 200 characters"),
        ("open", {"day": "2026-03-10"}, "day", "Tue, Mar 10 is already a business day."),
        ("open", {"day": ""}, "day", "This field is required."),
        (
            "move",
            {"day": "2026-03-10", "to": "2026-03-11"},
            "day",
            "Tue, Mar 10 is neither a holiday nor a closure.",
        ),
        (
            "move",
            {"day": "2026-07-03", "to": "2026-07-04"},
            "to",
            "Sat, Jul 4 is already closed: Independence Day.",
        ),
        (
            "move",
            {"day": "2026-07-03", "to": "2036-07-04"},
            "to",
            "The calendar does not cover this day",
        ),
        (
            "week",
            {"weekend": list(range(7)), "last": "2029-12-31"},
            "weekend",
            "Leave at least one working day.",
        ),
        (
            "week",
            {"weekend": [5, 6], "last": "2028-12-31"},
            "last",
            "The coverage cannot become shorter.",
        ),
        (
            "week",
            {"weekend": [5, 6], "last": "9999-12-31"},
            "last",
            "A calendar cannot run beyond Mon, Dec 31, 2046.",
        ),
        ("week", {"weekend": [5, 6], "last": "2029-12-31"}, "__all__", "This changes nothing"),
        ("week", {"weekend": ["x"], "last": "2029-12-31"}, "weekend", "Select a valid choice"),
    ],
)
def test_bad_input_is_told_at_its_field_and_what_was_typed_stays(
    client, territory, step, data, field, sentence
):
    typed = {"name": "Typed by hand"} | data if step in ("close", "open") else data
    response = take(client, territory, step, **typed)
    errors = response.context["form"].errors
    assert (response.status_code, list(errors), CalendarProposal.objects.count()) == (
        422,
        [field],
        0,
    )
    assert sentence in errors[field][0]
    texts = [value for value in typed.values() if isinstance(value, str) and value]
    assert mismatches(response, *[f'value="{value}"' for value in texts]) == []


@pytest.mark.parametrize("step", STEPS)
def test_empty_post_is_refused(client, territory, step):
    assert take(client, territory, step).status_code == 422


@pytest.mark.parametrize("step", STEPS)
def test_territory_that_does_not_exist_is_not_there(client, db, step):
    assert client.get(url(f"serviceterritory_{step}", 999)).status_code == 404


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("missing", ["view_serviceterritory", "change_calendarproposal"])
def test_step_needs_both_permissions(client_of, staff, territory, step, missing):
    client = client_of(allow(staff, *(right for right in RIGHTS if right != missing)))
    assert client.get(url(f"serviceterritory_{step}", territory.pk)).status_code == 403
    assert take(client, territory, step, **STEPS[step]).status_code == 403
    assert CalendarProposal.objects.count() == 0


# --- Which holidays count
def closes(client: Client, territory: ServiceTerritory) -> Any:
    return client.get(url("serviceterritory_holidays", territory.pk))


def test_holidays_are_listed_by_year_with_where_they_come_from(client, territory):
    refresh(territory, year=2026)
    page = words(closes(client, territory))
    assert "Closes Holiday Listed as 2026 2027 2028 2029" in page
    assert (
        "Independence Day public Fri, Jul 3 , Sat, Jul 4 Sun, Jul 4 , Mon, Jul 5 Tue, Jul 4 Wed,"
        " Jul 4" in page
    )
    assert "Christmas Eve government Thu, Dec 24 Sun, Dec 24" in page


def test_ticked_holidays_become_a_proposal_that_is_kept_with_the_territory(
    client, territory, staff
):
    refresh(territory, year=2026)
    form = closes(client, territory).context["form"]
    wanted = [*form["closes"].value(), "Christmas Eve"]
    wanted.remove("Columbus Day")
    response = take(client, territory, "holidays", closes=wanted)
    proposal = CalendarProposal.objects.get(made_by=staff)
    assert response.url == url("calendarproposal_change", proposal.pk)
    assert "2026-10-12 closed: Columbus Day → as its weekday" in lines(proposal)
    assert "2026-12-24 as its weekday → closed: Christmas Eve" in lines(proposal)
    page = words(client.get(response.url))
    assert "Never closes for Columbus Day Always closes for Christmas Eve" in page
    territory.refresh_from_db()
    assert (territory.revision, territory.never_closes) == (1, [])
    approve(proposal, by=staff)
    page = words(client.get(url("serviceterritory_change", territory.pk)))
    assert "Never closes for Columbus Day Always closes for Christmas Eve" in page
    assert "Thu, Dec 24 closed Christmas Eve always closed here" in page


def test_holidays_left_as_they_are_are_no_proposal(client, territory):
    refresh(territory, year=2026)
    same = closes(client, territory).context["form"]["closes"].value()
    response = take(client, territory, "holidays", closes=same)
    assert response.status_code == 422
    assert "This changes nothing in the calendar." in words(response)


def test_holiday_that_is_not_listed_is_refused(client, territory):
    refresh(territory, year=2026)
    response = take(client, territory, "holidays", closes=["Towel Day"])
    assert response.status_code == 422
    assert "Towel Day is not one of the available choices." in words(response)


def test_page_says_when_nothing_is_listed_yet(client, territory):
    assert "are not listed yet" in words(closes(client, territory))


@pytest.mark.parametrize("years", [1, 3])
def test_holidays_take_the_same_number_of_queries(
    client, territory, years, django_assert_num_queries
):
    refresh(territory, year=2026)
    territory.listed.filter(day__year__gte=2025 + years).delete()
    with django_assert_num_queries(5):
        closes(client, territory)
