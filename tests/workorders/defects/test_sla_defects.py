"""What went wrong in other systems with counting, holidays and time zones: the tests of
tests/defects.csv that belong to no other module.
"""

import datetime as dt
import re

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from tests import ROOT
from tests.factories import (
    fresh,
    make_accepted,
    make_site,
    make_territory,
    make_work_order,
    ready_to_complete,
    ship,
)
from workorders.models import DayState, Site, WorkOrder
from workorders.services import Booking, DomainError, book_appointment, complete
from workorders.services.calendars.proposals import CalendarChange, approve, propose
from workorders.states import DayKind, WaitsFor
from workorders.targets.due import due_of
from workorders.targets.terms import business_calendar

pytestmark = pytest.mark.once

TUESDAY, WEDNESDAY, THURSDAY = (dt.date(2026, 3, day) for day in (3, 4, 5))
clocked = pytest.mark.usefixtures("clock")


# --- Counting
def test_no_rule_rolls_a_date_backward():
    code = [path for room in ("sla", "workorders") for path in (ROOT / room).rglob("*.py")]
    assert [
        path for path in code if re.search(r"modified.?(preceding|following)", path.read_text())
    ] == []


@clocked
def test_missing_delivery_date_is_no_target_and_no_date_of_1970(dana):
    made = make_accepted(dana)
    ship(made, carrier="", service="")
    row = fresh(made)
    assert (row.start_on, row.target_on, row.waits_for) == (None, None, WaitsFor.DELIVERY)
    assert due_of(row).text == "waiting for the delivery date"


@clocked
def test_database_refuses_a_target_before_its_start(work_order):
    with (
        pytest.raises(IntegrityError, match="target_is_not_before_its_start"),
        transaction.atomic(),
    ):
        WorkOrder.objects.filter(pk=work_order.pk).update(target_on=TUESDAY)


# --- Holidays
@clocked
def test_closure_is_seen_by_a_process_that_knew_the_calendar_before(staff, dana):
    known = make_territory()
    assert business_calendar(known).is_business_day(TUESDAY)
    closed = CalendarChange({TUESDAY: DayState(DayKind.CLOSED, "Closure")})
    approve(propose(known, closed, by=staff), by=staff)
    made = make_accepted(dana, parts_required=False)
    assert made.target_on == WEDNESDAY


@clocked
def test_date_that_no_calendar_reaches_is_refused_with_the_coverage(dana):
    made = make_accepted(dana)
    with pytest.raises(DomainError, match="which runs from 2025-01-01 to 2029-12-31"):
        ship(made, carrier="", service="", estimated_delivery_on=dt.date(2031, 1, 2))
    assert fresh(made).shipments.count() == 0


def test_no_calendar_file_is_ever_read():
    """Only written: the days of a calendar come from `holidays` and from date fields."""
    code = "".join(
        path.read_text()
        for room in ("sla", "portal", "workorders")
        for path in (ROOT / room).rglob("*.py")
    )
    assert "to_ical(" in code
    assert re.findall(r"from_ical|vobject|icalevents", code) == []


# --- Zones
ZONES = ["America/Los_Angeles", "Europe/Berlin", "Africa/Cairo", "America/Phoenix"]
CHANGES = [
    dt.date(2026, 3, 8),
    dt.date(2026, 3, 29),
    dt.date(2026, 4, 24),
    dt.date(2026, 10, 25),
    dt.date(2026, 11, 1),
]


@clocked
def test_clock_changes_move_no_target(dana):
    made = {zone: make_accepted(dana, site=make_site(zone, time_zone=zone)) for zone in ZONES}
    for change in CHANGES:
        for day in (change + dt.timedelta(days=n) for n in (-7, -1, 0, 1, 7)):
            found = set()
            for row in made.values():
                ship(row, f"FSO-{row.pk}", carrier="", service="", estimated_delivery_on=day)
                found.add(fresh(row).target_on)
            assert found == {business_calendar(make_territory()).add_business_days(day, 1)}


@pytest.mark.django_db
def test_appointment_keeps_its_hour_across_a_clock_change(dana):
    with time_machine.travel("2026-10-20T18:00:00+00:00", tick=False):
        made = make_accepted(dana, parts_required=False, assigned_on=dt.date(2026, 10, 20))
        at = dt.datetime(2026, 11, 3, 9, tzinfo=made.site.zone)
        booking = Booking(
            at, "Tess", "+1 415 555 0188", reason="technician", confirmed_target=made.target_on
        )
        book_appointment(made, booking, by=dana)
    booked = fresh(made).appointment
    assert booked.at.astimezone(made.site.zone).hour == 9
    assert booked.at.astimezone(dt.UTC).hour == 17


@pytest.mark.django_db
def test_site_without_a_zone_cannot_be():
    site = Site(
        account=make_site().account, name="x", street="x", city="x", country="US", time_zone=""
    )
    with pytest.raises(ValidationError) as refused:
        site.full_clean()
    assert list(refused.value.message_dict) == ["time_zone"]


@pytest.mark.parametrize("zone", ["Pacific/Honolulu", "Europe/Berlin"])
@pytest.mark.django_db
def test_late_evening_is_still_today_at_the_site(dana, zone):
    evening = dt.datetime(2026, 3, 4, 23, 30, tzinfo=make_site(zone, time_zone=zone).zone)
    with time_machine.travel(evening - dt.timedelta(minutes=20), tick=False):
        site = make_site(zone)
        made = make_accepted(dana, parts_required=False, site=site, assigned_on=WEDNESDAY)
        assert (made.accepted_on, made.target_on) == (WEDNESDAY, THURSDAY)
        booked = book_appointment(made, Booking(evening, "Tess", "+1 415 555 0188"), by=dana)
        assert booked.appointment.on == WEDNESDAY
        yesterday = Booking(evening - dt.timedelta(days=1), "Tess", "+1 415 555 0188")
        with pytest.raises(DomainError, match="before the work order was accepted"):
            book_appointment(booked, yesterday, by=dana)


def test_browser_computes_no_dates():
    """The server says what every day is; the browser only shows it."""
    code = "".join(path.read_text() for path in (ROOT / "static").rglob("*.js"))
    for instant in (
        "(Date.now() - made)",  # how many seconds ago a line item was ticked
        "made: Date.now()",
        "Date.now() - entry.at > WEEK",  # how long what was typed has been kept
        "at: Date.now()",
    ):
        assert code.count(instant) == 1
        code = code.replace(instant, "")
    assert (
        re.findall(
            r"\.(?:get|set)(?:UTC)?(?:Date|Day|Month|FullYear|Time)\(|Date\.now|864e5|86400", code
        )
        == []
    )


@pytest.mark.django_db
def test_evening_of_the_last_of_march_is_in_march(dana):
    with time_machine.travel("2026-04-01T05:00:00+00:00", tick=False):  # 22:00 in Los Angeles
        made = make_accepted(dana, parts_required=False, assigned_on=dt.date(2026, 3, 31))
        complete(ready_to_complete(made, by=dana), by=dana)
    done = fresh(made)
    assert (done.accepted_on, done.outcome_on, done.outcome_days_late) == (
        dt.date(2026, 3, 31),
    ) * 2 + (0,)


def test_dates_are_never_shown_as_hours_ago():
    templates = list((ROOT / "templates").rglob("*.html"))
    assert [
        path for path in templates if re.search("timesince|timeuntil|naturaltime", path.read_text())
    ] == []


@pytest.mark.django_db
def test_day_of_acceptance_is_the_day_of_the_post(dana, client_of):
    browser = client_of(dana)
    with time_machine.travel("2026-03-02T17:00:00+00:00") as traveler:
        made = make_work_order(partner=dana.partner, parts_required=False)
        browser.get(f"/work-orders/{made.number}/accept/")
        traveler.move_to("2026-03-03T17:00:00+00:00")
        browser.post(f"/work-orders/{made.number}/accept/", {"version": made.version})
    assert fresh(made).accepted_on == TUESDAY
