"""What went wrong with dates in other systems, line by line: the test that it cannot here, or why it cannot arise.

ANSWERS is the table; below it the tests that belong to no other module.
"""

import datetime as dt
import re
from pathlib import Path

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import (
    fresh,
    make_accepted,
    make_entitlement,
    make_site,
    make_territory,
    make_work_order,
    ready_to_complete,
    ship,
)
from workorders import rules, states, targets
from workorders.explaining import explain
from workorders.models import DayState, Hold, Site, WorkOrder
from workorders.models.ledger import Event
from workorders.models.queries import sla_filter
from workorders.services import (
    Booking,
    Refused,
    book_appointment,
    cancel,
    close,
    complete,
    note_requirements,
    send_back,
    update_work_order,
)
from workorders.services.calendars import CalendarChange, approve, propose
from workorders.services.recalculating import recalculate
from workorders.services.writing import writing
from workorders.states import DayKind, Verb, WaitsFor

ROOT = Path(__file__).parents[2]
TARGETS, PROPERTIES, CALENDARS = "sla/test_sla_targets.py", "sla/test_sla_properties.py", "sla/test_sla_calendars.py"
PLACES, PACKAGE, CASES = "sla/test_sla_public_holidays.py", "sla/test_sla_package.py", "sla/test_sla_cases.py"
QUERIES, HERE = "workorders/test_queries.py", "workorders/test_sla_defects.py"
BOOKING, RECALCULATING = "workorders/services/test_booking.py", "workorders/services/test_recalculating.py"
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
    "T-47": f"{QUERIES}::test_today_and_week_are_those_of_the_site",
    "T-50": "design: an EDD is a date; imports take YYYY-MM-DD and nothing else",
    "T-51": "design: a delivery is a date at the site, never an instant",
    "T-52": f"{HERE}::test_late_evening_is_still_today_at_the_site",
    "T-54": f"{HERE}::test_browser_computes_no_dates",
    "T-55": "design: no calendar files are written yet; instants are kept in UTC beside the site's zone",
    "T-56": "design: no reminders are sent yet",
    "T-57": f"{HERE}::test_evening_of_the_last_of_march_is_in_march",
    "T-58": f"{HERE}::test_dates_are_never_shown_as_hours_ago",
    "T-59": f"{QUERIES}::test_today_and_week_are_those_of_the_site",
    "T-60": f"{HERE}::test_day_of_acceptance_is_the_day_of_the_post",
    # Holds, recalculation, outcome
    "T-62": f"{HERE}::test_hold_from_friday_to_monday_moves_the_target_by_two_business_days",
    "T-64": f"{HERE}::test_holds_of_one_and_two_business_days_move_the_target_by_three",
    "T-66": f"{HERE}::test_another_entitlement_keeps_the_holds",
    "T-67": f"{HERE}::test_sent_back_work_keeps_target_and_outcome",
    "T-68": f"{HERE}::test_another_partner_keeps_the_target",
    "T-69": f"{RECALCULATING}::test_closed_day_moves_the_target_and_is_told_with_its_cause",
    "T-70": f"{HERE}::test_completed_work_keeps_its_target_whatever_is_edited",
    "T-71": f"{HERE}::test_late_work_stays_late_for_ever",
    "T-72": "design: the outcome is computed by the write that completes, no job is needed",
    "T-73": f"{HERE}::test_late_work_stays_late_for_ever",
    "T-74": f"{HERE}::test_closing_keeps_the_time_of_completion",
    "T-75": f"{HERE}::test_sent_back_work_keeps_target_and_outcome",
    "T-76": f"{HERE}::test_every_status_is_in_one_group",
    "T-77": f"{HERE}::test_canceled_work_leaves_the_missed_at_once",
    "T-78": "workorders/services/test_endings.py::test_completion_freezes_the_outcome",
    "T-79": "design: there is one target",
    "T-80": f"{HERE}::test_no_column_stores_lateness_of_open_work",
    "T-81": f"{RECALCULATING}::test_closed_work_keeps_target_revision_outcome_and_sum",
    "T-82": "design: a work order has an entitlement, or it cannot be stored",
    "T-83": "design: a work order has an entitlement, or it cannot be stored",
    "T-84": "design: the entitlement is named, never matched by conditions",
    "T-85": "workorders/test_work_order_page.py::test_the_page_says_why_this_date",
    "T-86": f"{RECALCULATING}::test_renamed_entitlement_is_the_same_service_level",
    "T-87": "design: no reminders are sent yet",
    "T-88": f"{HERE}::test_near_is_one_business_day_ahead",
    "T-90": f"{HERE}::test_broken_calendar_takes_the_target_and_lets_the_work_go_on",
    "T-91": f"{HERE}::test_note_writes_its_own_fields_only",
    "T-93": f"{HERE}::test_completed_work_keeps_its_target_whatever_is_edited",
    "T-94": f"{HERE}::test_last_required_shipment_decides",
    "T-95": f"{BOOKING}::test_an_appointment_in_time_stays_in_time_when_the_target_moves_earlier",
    "T-96": f"{BOOKING}::test_a_target_that_moved_between_question_and_answer_is_asked_about_again",
}

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (dt.date(2026, 3, day) for day in range(2, 7))
clocked = pytest.mark.usefixtures("clock")


@pytest.mark.parametrize("number", ANSWERS)
def test_answer_names_a_test_or_a_reason(number):
    kind, _, rest = ANSWERS[number].partition("::")
    if not kind.startswith("design: "):
        assert f"def {rest}(" in (ROOT / "tests" / kind).read_text()


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


# --- Holds
def hold_for(work_order: WorkOrder, first: dt.date, last: dt.date | None) -> WorkOrder:
    Hold.objects.create(work_order=work_order, first=first, last=last, stops_clock=True, reason="Fenced off")
    with writing(fresh(work_order), Verb.EDIT, by=None) as write:
        write.retarget()
    return fresh(work_order)


@pytest.fixture
def three_days(clock, dana) -> WorkOrder:
    """Assigned on Monday, March 2nd, three business days: Target SLA Thursday."""
    return make_accepted(dana, parts_required=False, entitlement=make_entitlement("Assure 3-Day", 3))


def test_hold_from_friday_to_monday_moves_the_target_by_two_business_days(clock, dana):
    made = make_accepted(dana, parts_required=False, entitlement=make_entitlement("Parts Warranty", 5))
    assert made.target_on == MONDAY + dt.timedelta(days=7)
    assert hold_for(made, FRIDAY, MONDAY + dt.timedelta(days=7)).target_on == dt.date(2026, 3, 11)


def test_holds_of_one_and_two_business_days_move_the_target_by_three(three_days):
    hold_for(three_days, TUESDAY, TUESDAY)
    assert hold_for(three_days, THURSDAY, FRIDAY).target_on == dt.date(2026, 3, 10)


@pytest.mark.parametrize(
    ("holds", "target"),
    [
        ([(TUESDAY, WEDNESDAY), (WEDNESDAY, THURSDAY)], dt.date(2026, 3, 10)),  # overlapping: once
        ([(dt.date(2026, 2, 27), TUESDAY)], FRIDAY),  # from before the start
        ([(dt.date(2026, 2, 20), MONDAY)], THURSDAY),  # over by the start
        ([(dt.date(2026, 3, 7), dt.date(2026, 3, 8))], THURSDAY),  # closed days only
        ([(FRIDAY, None)], THURSDAY),  # begins after the target
        ([(WEDNESDAY, None)], None),  # open, and in the way
    ],
)
def test_hold_moves_the_target_by_its_business_days_alone(three_days, holds, target):
    for first, last in holds:
        hold_for(three_days, first, last)
    stands = fresh(three_days)
    assert (stands.target_on, stands.waits_for) == (target, "" if target else WaitsFor.HOLD)
    steps = explain(stands, [], stands.holds.all()).steps
    assert steps[-1].day == (target or WEDNESDAY)


def test_another_entitlement_keeps_the_holds(three_days, staff):
    hold_for(three_days, TUESDAY, TUESDAY)
    update_work_order(fresh(three_days), {"entitlement": make_entitlement()}, by=staff)
    assert fresh(three_days).target_on == WEDNESDAY


# --- Outcome
@pytest.fixture
def missed(clock, dana) -> WorkOrder:
    """Completed on Monday, March 2nd, two business days after its target."""
    made = make_accepted(dana, parts_required=False, assigned_on=dt.date(2026, 2, 25))
    return complete(ready_to_complete(made, by=dana), by=dana)


def test_sent_back_work_keeps_target_and_outcome(missed, staff):
    sent_back = send_back(missed, note="The photos are missing.", by=staff)
    assert (sent_back.target_on, sent_back.outcome_on, sent_back.outcome_days_late) == (
        dt.date(2026, 2, 26),
        MONDAY,
        2,
    )
    assert targets.due_of(sent_back).text == "missed by 2 business days"


@clocked
def test_another_partner_keeps_the_target(amped, staff):
    made = make_work_order(parts_required=False)
    update_work_order(made, {"partner": amped}, by=staff)
    assert (fresh(made).partner, fresh(made).target_on) == (amped, TUESDAY)


def test_completed_work_keeps_its_target_whatever_is_edited(missed, staff, dana):
    values = {"entitlement": make_entitlement("Assure 3-Day", 3), "assigned_on": dt.date(2026, 2, 20)}
    values["territory"] = make_territory("GB-ENG", "GB", "ENG")
    update_work_order(missed, values, by=staff)
    made = make_accepted(dana)
    ship(made, carrier="", service="", status="delivered", delivered_on=MONDAY)
    complete(ready_to_complete(made, by=dana), by=dana)
    ship(made, carrier="", service="", status="delivered", delivered_on=MONDAY, pick_up_on=dt.date(2026, 2, 27))
    assert [fresh(row).target_on for row in (missed, made)] == [dt.date(2026, 2, 26), TUESDAY]


def test_completed_work_shows_the_sum_it_was_judged_by_whatever_is_edited(three_days, staff, dana):
    hold_for(three_days, TUESDAY, TUESDAY)
    done = complete(ready_to_complete(three_days, by=dana), by=dana)
    before = explain(fresh(done), [], done.holds.all())
    assert before.steps[-1].day == fresh(done).target_on == FRIDAY
    values = {"entitlement": make_entitlement(), "territory": make_territory("GB-ENG", "GB", "ENG")}
    update_work_order(done, values | {"assigned_on": dt.date(2026, 2, 20)}, by=staff)
    closed = CalendarChange({WEDNESDAY: DayState(DayKind.CLOSED, "Closure")})
    approve(propose(make_territory(), closed, by=staff), by=staff)
    recalculate()
    send_back(fresh(done), note="The photos are missing.", by=staff)
    hold_for(done, WEDNESDAY, THURSDAY)
    stands = fresh(done)
    assert explain(stands, [], stands.holds.all()) == before


def test_late_work_stays_late_for_ever(missed, staff):
    before = (missed.target_on, missed.outcome_days_late, targets.due_of(missed))
    with time_machine.travel(timezone.now() + dt.timedelta(days=30)):
        close(missed, by=staff)
        closed = fresh(missed)
        assert (closed.target_on, closed.outcome_days_late, targets.due_of(closed)) == before


def test_closing_keeps_the_time_of_completion(missed, staff):
    with time_machine.travel(timezone.now() + dt.timedelta(days=1)):
        assert close(missed, by=staff).completed_at == missed.completed_at


def test_every_status_is_in_one_group():
    groups = [states.ACTIVE, {states.Status.ON_HOLD}, states.ENDED]
    assert sorted(status for group in groups for status in group) == sorted(states.Status)


@clocked
def test_canceled_work_leaves_the_missed_at_once(dana, staff):
    made = make_accepted(dana, parts_required=False, assigned_on=dt.date(2026, 2, 25))
    found = WorkOrder.objects.filter(sla_filter("missed", timezone.now()))
    assert list(found.all()) == [made]
    cancel(made, comment="The fault cleared.", by=staff)
    assert list(found.all()) == []


def test_no_column_stores_lateness_of_open_work():
    columns = {field.name for field in WorkOrder._meta.fields}
    assert {name for name in columns if re.search("late|overdue|missed|breach", name)} == {"outcome_days_late"}


@pytest.mark.parametrize(
    ("today", "state", "text"),
    [
        ("2026-03-05", "fine", "in 2 business days"),
        ("2026-03-06", "near", "in 1 business day"),  # Friday before Monday
        ("2026-03-08", "near", "in 1 business day"),
        ("2026-03-09", "near", "last day: today"),
        ("2026-03-10", "late", "1 business day late"),
    ],
)
def test_near_is_one_business_day_ahead(clock, dana, today, state, text):
    made = make_accepted(dana, parts_required=False, entitlement=make_entitlement("Parts Warranty", 5))
    due = targets.due_of(made, dt.datetime.fromisoformat(f"{today}T20:00:00+00:00"))
    assert (due.on, due.state, due.text) == (dt.date(2026, 3, 9), state, text)


# --- Whatever happens, the work goes on
@clocked
def test_broken_calendar_takes_the_target_and_lets_the_work_go_on(dana, client_of):
    made = make_accepted(dana)
    territory = make_territory()
    territory.days.create(day=dt.date(2026, 3, 3), name="x")
    type(territory).objects.update(weekend=[0, 1, 2, 3, 4, 5, 6])
    rules.forget_rules()
    ship(fresh(made), carrier="", service="", status="delivered", delivered_on=MONDAY)
    stands = fresh(made)
    assert (stands.status, stands.target_on, stands.waits_for) == ("in-progress", None, WaitsFor.CALENDAR)
    browser = client_of(dana)
    for page in ("", "history/", "rma-fso/"):
        assert browser.get(f"/work-orders/{made.number}/{page}").status_code == 200
    assert browser.get("/work-orders/?sort=-target").status_code == 200
    book_appointment(stands, Booking(timezone.now() + dt.timedelta(hours=3), "Tess", "+1 415 555 0188"), by=dana)
    complete(ready_to_complete(made, by=dana), by=dana)
    assert fresh(made).outcome_days_late == 0


def test_note_writes_its_own_fields_only(work_order, dana):
    with CaptureQueriesContext(connection) as caught:
        note_requirements(work_order, text="A ladder of 4 m", by=dana)
    (written,) = [query["sql"] for query in caught if query["sql"].startswith("UPDATE")]
    assert re.findall(r'"(\w+)" =', written.partition(" WHERE ")[0]) == ["partner_notes", "version"]


@clocked
def test_last_required_shipment_decides(dana):
    made = make_accepted(dana)
    for number, day, required in (
        ("FSO-1", TUESDAY, True),
        ("FSO-2", FRIDAY, True),
        ("FSO-3", dt.date(2026, 3, 20), False),
    ):
        ship(made, number, carrier="", service="", estimated_delivery_on=day, required=required)
    assert (fresh(made).start_on, fresh(made).target_on) == (FRIDAY, dt.date(2026, 3, 9))


@clocked
def test_every_recalculated_move_stands_in_the_ledger(dana, staff, work_order):
    closed = CalendarChange({THURSDAY: DayState(DayKind.CLOSED, "Closure")})
    approve(propose(make_territory(), closed, by=staff), by=staff)
    recalculate()
    moves = work_order.ledger.filter(event=Event.TARGET_MOVED).values_list("changes", flat=True)
    dates = [change["target_on"] for change in moves]
    assert dates == [[None, "2026-03-05"], ["2026-03-05", "2026-03-06"]]
