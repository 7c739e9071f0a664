"""What the admin's first page draws attention to, each with its number, and nothing when nothing is
wrong.
"""

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse

from portal.outbox.models import ATTEMPTS, Message
from tests.factories import make_accepted, make_entitlement, make_territory
from tests.pages import html_of, mismatches
from tests.workorders.admin.calendars import TUESDAY, WEDNESDAY, closing, url
from tests.workorders.admin.conftest import allow
from workorders.models import Entitlement, ServiceTerritory, WorkOrder
from workorders.services.calendars.proposals import approve
from workorders.services.calendars.recalculating import recalculate

INDEX = reverse("admin:index")
RIGHTS = ["view_calendarproposal", "view_serviceterritory", "view_entitlement", "view_workorder"]


@pytest.fixture
def client(rita, client_of) -> Any:
    return client_of(allow(rita, *RIGHTS))


def alerts_shown(client: Any) -> list[tuple[str, str]]:
    return [(alert.sentence, alert.url) for alert in client.get(INDEX).context["alerts"]]


def test_nothing_is_shown_when_nothing_is_wrong(client, dana):
    make_accepted(dana, parts_required=False)
    response = client.get(INDEX)
    assert (response.context["alerts"], mismatches(response, without=["Needs attention"])) == (
        [],
        [],
    )


@pytest.mark.parametrize(
    ("count", "sentence"),
    [
        (1, "1 proposed calendar change waits for a decision."),
        (2, "2 proposed calendar changes wait for a decision."),
    ],
)
def test_open_proposals_are_counted_with_a_link_to_them(client, staff, count, sentence):
    for day in (TUESDAY, WEDNESDAY)[:count]:
        closing(make_territory(), day, by=staff)
    address = f"{url('calendarproposal_changelist')}?verdict=open"
    assert alerts_shown(client) == [(sentence, address)]
    assert f'<a href="{address}">' in html_of(client.get(INDEX))
    assert len(client.get(address).context["cl"].result_list) == count


def test_calendar_that_ends_soon_is_named(client):
    territory = make_territory()
    make_territory("GB-ENG", "GB", "ENG")
    ServiceTerritory.objects.filter(pk=territory.pk).update(last=dt.date(2027, 9, 8))
    sentence = (
        "The calendar of US-Federal ends on Wed, Sep 8, 2027. Approve the proposal that extends it."
    )
    assert alerts_shown(client) == [(sentence, url("serviceterritory_change", territory.pk))]


def test_recalculation_under_way_is_told_until_it_is_done(client, staff, dana):
    make_accepted(dana, parts_required=False)
    approve(closing(make_territory(), TUESDAY, by=staff), by=staff)
    Entitlement.objects.filter(pk=make_entitlement().pk).update(applied_revision=0)
    assert alerts_shown(client) == [
        (
            "Open work orders of US-Federal are being recalculated after a change to its calendar.",
            "",
        ),
        (
            (
                "Open work orders under Assure are being recalculated after a change to what it"
                " promises."
            ),
            "",
        ),
    ]
    recalculate()
    assert alerts_shown(client) == []


@pytest.mark.no_waits
def test_work_that_the_calendar_does_not_reach_is_counted_with_its_list(client, dana):
    lost, *_ = [make_accepted(dana, parts_required=False) for _ in range(3)]
    WorkOrder.objects.filter(pk=lost.pk).update(waits_for="calendar", target_on=None)
    sentence = "1 open work order has no Target SLA: the calendar does not reach it."
    address = f"{url('workorder_changelist')}?sla=calendar"
    assert alerts_shown(client) == [(sentence, address)]
    assert [row.pk for row in client.get(address).context["cl"].result_list] == [lost.pk]


def test_each_is_told_of_what_they_may_look_at(client_of, staff, rita, dana):
    territory = make_territory()
    closing(territory, TUESDAY, by=staff)
    ServiceTerritory.objects.update(last=dt.date(2027, 9, 8))
    assert [
        len(alerts_shown(client_of(allow(rita, *rights))))
        for rights in (["view_account"], RIGHTS[:1], RIGHTS[:2])
    ] == [0, 1, 2]
    assert client_of(dana).get(INDEX).status_code == 403


def test_mails_that_were_given_up_are_counted_with_their_list(client_of, staff):
    for n in range(3):
        Message.objects.create(
            key=f"m{n}", to="dana@voltfix.example", body="", attempts=ATTEMPTS if n else 0
        )
    browser = client_of(allow(staff, "view_workorder", "view_message"))
    sentence, address = alerts_shown(browser)[0]
    assert sentence == "2 e-mails could not be sent after five attempts."
    assert len(browser.get(address).context["cl"].result_list) == 2
