"""What went wrong with counting, holidays and time zones in other systems, line by line: the test that it cannot here,
or why it cannot arise.

ANSWERS is the table; below it the tests that belong to no other module.
"""

import datetime as dt
import re
from pathlib import Path

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from tests.answers import missing
from tests.factories import fresh, make_accepted, make_site, make_territory, make_work_order, ready_to_complete, ship
from workorders import rules, targets
from workorders.models import DayState, Site, WorkOrder
from workorders.services import Booking, Refused, book_appointment, complete
from workorders.services.calendars import CalendarChange, approve, propose
from workorders.states import DayKind, WaitsFor

ROOT = Path(__file__).parents[2]
HERE = "workorders/test_sla_defects.py"
PROPERTIES, CALENDARS = "sla/test_sla_properties.py", "sla/test_sla_calendars.py"
PLACES, CASES = "sla/test_sla_public_holidays.py", "sla/test_sla_cases.py"
FILTERS, RECALCULATING = "workorders/test_sla_filters.py", "workorders/services/test_recalculating.py"
REFRESHING, STORED = "workorders/services/test_refreshing.py", "workorders/services/test_calendars.py"

ANSWERS = {
    # Counting
    "T-01": f"{CALENDARS}::test_add_one_from_a_weekend_is_monday",
    "T-02": f"{RECALCULATING}::test_delivery_on_a_saturday_counts_from_that_day_or_from_the_next_business_day",
    "T-03": f"{CALENDARS}::test_add_gives_the_same_from_friday_saturday_and_sunday",
    "T-04": f"{PROPERTIES}::test_between_adds_up",
    "T-05": f"{CALENDARS}::test_add_nothing_is_the_day_itself_or_the_next_business_day",
    "T-06": f"{CALENDARS}::test_add_nothing_is_the_day_itself_or_the_next_business_day",
    "T-07": f"{CALENDARS}::test_add_nothing_equals_add_one_on_closed_days_only",
    "T-08": f"{CALENDARS}::test_add_whole_weeks_from_a_closed_day",
    "T-09": f"{HERE}::test_no_rule_rolls_a_date_backward",
    "T-10": f"{HERE}::test_missing_delivery_date_is_no_target_and_no_date_of_1970",
    "T-11": f"{CASES}::test_case_has_its_expected_date",
    "T-12": "design: `sla` knows dates only, and its cases hold the eves of holidays",
    "T-13": f"{CALENDARS}::test_add_refuses_a_start_that_is_no_date",
    "T-14": f"{HERE}::test_database_refuses_a_target_before_its_start",
    "T-15": f"{CALENDARS}::test_add_crosses_new_year",
    "T-16": f"{CASES}::test_case_has_its_expected_date",
    "T-17": f"{PROPERTIES}::test_a_closed_day_more_never_makes_a_target_earlier",
    "T-18": f"{CALENDARS}::test_add_from_month_ends_never_goes_back",
    "T-19": f"{PROPERTIES}::test_target_agrees_with_walking",
    # Holidays
    "T-21": f"{CASES}::test_case_has_its_expected_date",
    "T-23": "workorders/services/test_day_changes.py::test_opened_day_is_worked_with_its_other_dates",
    "T-24": f"{REFRESHING}::test_holiday_opened_for_good_stays_open_when_the_coverage_is_extended",
    "T-25": f"{CASES}::test_case_has_its_expected_date",
    "T-26": f"{RECALCULATING}::test_moved_target_explains_itself_by_the_new_revision",
    "T-27": f"{STORED}::test_oddities_are_told_of_whole_years",
    "T-29": "workorders/admin/test_territories.py::test_country_whose_parts_set_holidays_needs_a_subdivision",
    "T-30": "workorders/test_checks.py::test_check_command_warns_and_does_not_fail",
    "T-32": f"{HERE}::test_closure_is_seen_by_a_process_that_knew_the_calendar_before",
    "T-33": f"{REFRESHING}::test_day_that_staff_decided_is_not_overruled",
    "T-34": f"{PLACES}::test_for_place_knows_local_law",
    "T-35": f"{HERE}::test_date_that_no_calendar_reaches_is_refused_with_the_coverage",
    "T-38": "design: calendars are not read from ICS; days are dates from `holidays` or from a date field",
    "T-39": f"{STORED}::test_a_day_stands_once",
    "T-40": "design: a territory's form holds no days; they change by proposals alone",
    "T-41": f"{CALENDARS}::test_a_shutdown_across_new_year_closes_each_of_its_days",
    "T-43": "workorders/test_import_files.py::test_a_bad_cell_is_quoted_with_line_and_column",
    # Zones
    "T-44": f"{HERE}::test_clock_changes_move_no_target",
    "T-45": f"{HERE}::test_appointment_keeps_its_hour_across_a_clock_change",
    "T-46": f"{HERE}::test_site_without_a_zone_cannot_be",
    "T-47": f"{FILTERS}::test_today_and_week_are_those_of_the_site",
    "T-50": "design: an EDD is a date; imports take YYYY-MM-DD and nothing else",
    "T-51": "design: a delivery is a date at the site, never an instant",
    "T-52": f"{HERE}::test_late_evening_is_still_today_at_the_site",
    "T-54": f"{HERE}::test_browser_computes_no_dates",
    "T-55": "design: no calendar files are written yet; instants are kept in UTC beside the site's zone",
    "T-56": "design: no reminders are sent yet",
    "T-57": f"{HERE}::test_evening_of_the_last_of_march_is_in_march",
    "T-58": f"{HERE}::test_dates_are_never_shown_as_hours_ago",
    "T-59": f"{FILTERS}::test_today_and_week_are_those_of_the_site",
    "T-60": f"{HERE}::test_day_of_acceptance_is_the_day_of_the_post",
}

TUESDAY, WEDNESDAY, THURSDAY = (dt.date(2026, 3, day) for day in (3, 4, 5))
clocked = pytest.mark.usefixtures("clock")


@pytest.mark.parametrize("number", ANSWERS)
def test_answer_names_tests_that_exist_or_a_reason(number):
    assert missing(ANSWERS[number]) == []


# --- Counting
def test_no_rule_rolls_a_date_backward():
    code = [path for room in ("sla", "workorders") for path in (ROOT / room).rglob("*.py")]
    assert [path for path in code if re.search(r"modified.?(preceding|following)", path.read_text())] == []


@clocked
def test_missing_delivery_date_is_no_target_and_no_date_of_1970(dana):
    made = make_accepted(dana)
    ship(made, carrier="", service="")
    stands = fresh(made)
    assert (stands.start_on, stands.target_on, stands.waits_for) == (None, None, WaitsFor.DELIVERY)
    assert targets.due_of(stands).text == "waiting for the delivery date"


@clocked
def test_database_refuses_a_target_before_its_start(work_order):
    with pytest.raises(IntegrityError, match="target_is_not_before_its_start"), transaction.atomic():
        WorkOrder.objects.filter(pk=work_order.pk).update(target_on=TUESDAY)


# --- Holidays
@clocked
def test_closure_is_seen_by_a_process_that_knew_the_calendar_before(staff, dana):
    known = make_territory()
    assert rules.business_calendar(known).is_business_day(TUESDAY)
    closed = CalendarChange({TUESDAY: DayState(DayKind.CLOSED, "Closure")})
    approve(propose(known, closed, by=staff), by=staff)
    made = make_accepted(dana, parts_required=False)
    assert made.target_on == WEDNESDAY


@clocked
def test_date_that_no_calendar_reaches_is_refused_with_the_coverage(dana):
    made = make_accepted(dana)
    with pytest.raises(Refused, match="which runs from 2025-01-01 to 2029-12-31"):
        ship(made, carrier="", service="", estimated_delivery_on=dt.date(2031, 1, 2))
    assert fresh(made).shipments.count() == 0


# --- Zones
ZONES = ["America/Los_Angeles", "Europe/Berlin", "Africa/Cairo", "America/Phoenix"]
CHANGES = [dt.date(2026, 3, 8), dt.date(2026, 3, 29), dt.date(2026, 4, 24), dt.date(2026, 10, 25), dt.date(2026, 11, 1)]


@clocked
def test_clock_changes_move_no_target(dana):
    made = {zone: make_accepted(dana, site=make_site(zone, time_zone=zone)) for zone in ZONES}
    for change in CHANGES:
        for day in (change + dt.timedelta(days=n) for n in (-7, -1, 0, 1, 7)):
            found = set()
            for row in made.values():
                ship(row, f"FSO-{row.pk}", carrier="", service="", estimated_delivery_on=day)
                found.add(fresh(row).target_on)
            assert found == {rules.business_calendar(make_territory()).add_business_days(day, 1)}


@pytest.mark.django_db
def test_appointment_keeps_its_hour_across_a_clock_change(dana):
    with time_machine.travel("2026-10-20T18:00:00+00:00", tick=False):
        made = make_accepted(dana, parts_required=False, assigned_on=dt.date(2026, 10, 20))
        at = dt.datetime(2026, 11, 3, 9, tzinfo=made.site.zone)
        booking = Booking(at, "Tess", "+1 415 555 0188", reason="technician", confirmed_target=made.target_on)
        book_appointment(made, booking, by=dana)
    booked = fresh(made).appointment
    assert booked.at.astimezone(made.site.zone).hour == 9
    assert booked.at.astimezone(dt.UTC).hour == 17


@pytest.mark.django_db
def test_site_without_a_zone_cannot_be():
    site = Site(account=make_site().account, name="x", street="x", city="x", country="US", time_zone="")
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
        with pytest.raises(Refused, match="before the work order was accepted"):
            book_appointment(booked, yesterday, by=dana)


def test_browser_computes_no_dates():
    """The server says what every day is; the browser only shows it."""
    code = "".join(path.read_text() for path in (ROOT / "static").rglob("*.js"))
    for instant in ("(Date.now() - made)", "made: Date.now()"):  # how many seconds ago a line item was ticked
        assert code.count(instant) == 1
        code = code.replace(instant, "")
    assert re.findall(r"\.(?:get|set)(?:UTC)?(?:Date|Day|Month|FullYear|Time)\(|Date\.now|864e5|86400", code) == []


@pytest.mark.django_db
def test_evening_of_the_last_of_march_is_in_march(dana):
    with time_machine.travel("2026-04-01T05:00:00+00:00", tick=False):  # 22:00 in Los Angeles
        made = make_accepted(dana, parts_required=False, assigned_on=dt.date(2026, 3, 31))
        complete(ready_to_complete(made, by=dana), by=dana)
    done = fresh(made)
    assert (done.accepted_on, done.outcome_on, done.outcome_days_late) == (dt.date(2026, 3, 31),) * 2 + (0,)


def test_dates_are_never_shown_as_hours_ago():
    templates = list((ROOT / "templates").rglob("*.html"))
    assert [path for path in templates if re.search("timesince|timeuntil|naturaltime", path.read_text())] == []


@pytest.mark.django_db
def test_day_of_acceptance_is_the_day_of_the_post(dana, client_of):
    browser = client_of(dana)
    with time_machine.travel("2026-03-02T17:00:00+00:00") as traveller:
        made = make_work_order(partner=dana.partner, parts_required=False)
        browser.get(f"/work-orders/{made.number}/accept/")
        traveller.move_to("2026-03-03T17:00:00+00:00")
        browser.post(f"/work-orders/{made.number}/accept/", {"version": made.version})
    assert fresh(made).accepted_on == TUESDAY
