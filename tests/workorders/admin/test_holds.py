"""Staff correct a hold from the work order's page; the service says what cannot be, at its
field.
"""

import datetime as dt
from typing import Any

import pytest

from tests.factories import fresh, make_accepted, ready_to_complete
from tests.pages import html_of
from tests.workorders.admin.calendars import words
from tests.workorders.admin.staff_pages import entered
from tests.workorders.admin.staff_pages import url as action_url
from workorders.forms.staff import HoldForm
from workorders.models import Hold
from workorders.services import complete, hold, request_assistance, resume
from workorders.states import AssistanceReason, Cause

pytestmark = pytest.mark.once

HELD = {"first": "2026-03-04", "last": "2026-03-05", "stops_clock": "on"}


@pytest.fixture
def held(dana, time_machine) -> Hold:
    """Wed, Mar 4 to Fri, Mar 6, with the clock running; today it is Mon, Mar 9."""
    work_order = make_accepted(dana, parts_required=False)
    time_machine.move_to("2026-03-04T20:00:00Z", tick=False)
    hold(work_order, reason="No access", stops_clock=False, by=None)
    time_machine.move_to("2026-03-06T20:00:00Z", tick=False)
    resume(work_order, by=None)
    time_machine.move_to("2026-03-09T20:00:00Z", tick=False)
    return work_order.holds.get()


def address(row: Hold) -> str:
    return f"{action_url(row.work_order, 'change').removesuffix('change/')}holds/{row.pk}/correct/"


def correct(client: Any, row: Hold, **data: Any) -> Any:
    return client.post(address(row), {"version": fresh(row.work_order).version} | HELD | data)


def test_page_of_the_work_order_leads_to_the_correction(client, held):
    text = html_of(client.get(action_url(held.work_order, "change")))
    assert f'<a href="{address(held)}">Correct' in text
    form = client.get(address(held)).context["form"]
    assert [form[name].value() for name in ("first", "last", "stops_clock")] == [
        held.first,
        held.last,
        False,
    ]


def test_correction_is_saved_and_says_where_the_target_is(client, held, coordinator):
    response = correct(client, held, first="2026-03-03")
    page = words(client.get(response.url))
    assert "The hold is corrected." in page
    assert "Staff corrected the hold." in page
    assert "First day of the hold: Wed, Mar 4 → Tue, Mar 3" in page
    held.refresh_from_db()
    assert (held.first, held.last, held.stops_clock) == (
        dt.date(2026, 3, 3),
        dt.date(2026, 3, 5),
        True,
    )
    assert f"{fresh(held.work_order).target_on}" == "2026-03-06"


def test_what_it_waits_for_is_said_with_the_companys_name_and_stays_where_nothing_is_chosen(
    client, held
):
    assert correct(client, held, cause="operator").status_code == 302
    assert correct(client, held).status_code == 302
    held.refresh_from_db()
    assert held.cause == Cause.OPERATOR
    page = words(client.get(action_url(held.work_order, "change")))
    assert "No access · waits for: ChargePoint (stops the clock)" in page
    assert "Cause of the hold: ChargePoint" in page


def test_open_hold_is_asked_for_its_first_day_only(client, dana):
    work_order = make_accepted(dana, parts_required=False)
    hold(work_order, reason="No access", stops_clock=True, by=None)
    row = work_order.holds.get()
    assert list(client.get(address(row)).context["form"].fields) == [
        "version",
        "first",
        "stops_clock",
        "cause",
    ]
    assert correct(client, row, first="2026-03-03", last="2026-03-04").status_code == 302
    row.refresh_from_db()
    assert (row.first, row.last) == (dt.date(2026, 3, 3), None)


@pytest.mark.parametrize(
    ("data", "field", "sentence"),
    [
        ({"first": "2026-03-01"}, "first", "The work order was assigned on Mon, Mar 2"),
        ({"first": "2026-03-06"}, "last", "The last day is before the first."),
        ({"last": "2026-03-10"}, "last", "the hold cannot have ended later"),
        ({"last": ""}, "last", "This field is required."),
        ({"first": "yesterday"}, "first", "Enter the date as YYYY-MM-DD."),
    ],
)
def test_days_that_cannot_be_are_told_at_their_field(client, held, data, field, sentence):
    response = correct(client, held, **data)
    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])
    assert sentence in words(response)


def test_stale_correction_says_what_changed(client, held):
    seen = fresh(held.work_order).version
    edit = entered(held.work_order) | {"subject": "Another subject", "version": seen}
    client.post(action_url(held.work_order, "edit"), edit)
    response = correct(client, held, version=seen)
    assert response.status_code == 409
    assert "Another subject" in words(response)
    assert correct(client, held).status_code == 302


def test_hold_of_work_that_is_over_is_not_corrected(client, held, dana):
    complete(ready_to_complete(held.work_order, by=dana), by=dana)
    assert address(held) not in html_of(client.get(action_url(held.work_order, "change")))
    assert client.get(address(held)).status_code == 302
    assert correct(client, held).status_code == 409


def test_hold_of_another_work_order_is_not_there(client, held, dana):
    other = make_accepted(dana, parts_required=False)
    path = address(held).replace(f"/{held.work_order_id}/", f"/{other.pk}/")
    assert client.post(path, HELD).status_code == 404


def test_correction_is_forbidden_without_the_permission(client_of, viewer, dana, tess, omar, held):
    for user in (viewer, dana, tess, omar):
        assert client_of(user).get(address(held)).status_code == 403
        assert correct(client_of(user), held).status_code == 403
    assert address(held) not in html_of(
        client_of(viewer).get(action_url(held.work_order, "change"))
    )


def test_hold_that_was_asked_for_is_filled_in(dana, time_machine):
    time_machine.move_to("2026-03-04T20:00:00Z", tick=False)
    work_order = make_accepted(dana, parts_required=False)
    asking = {"reason": AssistanceReason.HOLD, "until": dt.date(2026, 3, 9)}
    request_assistance(work_order, body="The garage is closed.", **asking, by=dana)
    for day, resume_on in ((4, dt.date(2026, 3, 9)), (10, None)):
        time_machine.move_to(dt.datetime(2026, 3, day, 20, tzinfo=dt.UTC), tick=False)
        form = HoldForm(work_order)
        assert (form["reason"].value(), form["resume_on"].value()) == (
            "The garage is closed.",
            resume_on,
        )
