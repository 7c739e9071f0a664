"""What went wrong in other systems with holds, recalculation and outcomes: the tests of
tests/defects.csv that belong to no other module.
"""

import datetime as dt
import re

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import (
    fresh,
    make_accepted,
    make_entitlement,
    make_territory,
    make_work_order,
    ready_to_complete,
    ship,
)
from workorders import states
from workorders.models import DayState, Hold, Wait, WorkOrder
from workorders.models.ledger import Event
from workorders.models.queries import sla_filter
from workorders.services import (
    Booking,
    book_appointment,
    cancel,
    close,
    complete,
    note_requirements,
    send_back,
    update_work_order,
)
from workorders.services.calendars.proposals import CalendarChange, approve, propose
from workorders.services.calendars.recalculating import recalculate
from workorders.services.unit_of_work import unit_of_work
from workorders.states import DayKind, Verb, WaitsFor
from workorders.targets.due import due_of
from workorders.targets.explaining import explain
from workorders.targets.terms import forget_rules

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (dt.date(2026, 3, day) for day in range(2, 7))
clocked = pytest.mark.usefixtures("clock")


# --- Holds
def hold_for(work_order: WorkOrder, first: dt.date, last: dt.date | None) -> WorkOrder:
    Hold.objects.create(
        work_order=work_order, first=first, last=last, stops_clock=True, reason="Fenced off"
    )
    with unit_of_work(fresh(work_order), Verb.EDIT, by=None) as work:
        work.retarget()
    return fresh(work_order)


@pytest.fixture
def three_days(clock, dana) -> WorkOrder:
    """Assigned on Monday, March 2nd, three business days: Target SLA Thursday."""
    return make_accepted(
        dana, parts_required=False, entitlement=make_entitlement("Assure 3-Day", 3)
    )


def test_hold_from_friday_to_monday_moves_the_target_by_two_business_days(clock, dana):
    made = make_accepted(
        dana, parts_required=False, entitlement=make_entitlement("Parts Warranty", 5)
    )
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
    row = fresh(three_days)
    assert (row.target_on, row.waits_for) == (target, "" if target else WaitsFor.HOLD)
    steps = explain(row, [], row.holds.all()).steps
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


def test_sent_back_work_keeps_its_outcome(missed, staff, clock):
    clock.shift(dt.timedelta(days=7))
    sent_back = send_back(missed, note="The photos are missing.", by=staff)
    outcome = (sent_back.outcome_target_on, sent_back.outcome_on, sent_back.outcome_days_late)
    assert outcome == (dt.date(2026, 2, 26), MONDAY, 2)
    assert due_of(sent_back).text == "no target in this cycle"


@clocked
def test_another_partner_keeps_the_target(amped, staff):
    made = make_work_order(parts_required=False)
    update_work_order(made, {"partner": amped}, by=staff)
    assert (fresh(made).partner, fresh(made).target_on) == (amped, TUESDAY)


def test_completed_work_keeps_its_target_whatever_is_edited(missed, staff, dana):
    values = {
        "entitlement": make_entitlement("Assure 3-Day", 3),
        "assigned_on": dt.date(2026, 2, 20),
    }
    values["territory"] = make_territory("GB-ENG", "GB", "ENG")
    update_work_order(missed, values, by=staff)
    made = make_accepted(dana)
    ship(made, carrier="", service="", status="delivered", delivered_on=MONDAY)
    complete(ready_to_complete(made, by=dana), by=dana)
    ship(
        made,
        carrier="",
        service="",
        status="delivered",
        delivered_on=MONDAY,
        pick_up_on=dt.date(2026, 2, 27),
    )
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
    row = fresh(done)
    assert explain(row, [], row.holds.all()) == before


def test_late_work_stays_late_for_ever(missed, staff):
    before = (missed.target_on, missed.outcome_days_late, due_of(missed))
    with time_machine.travel(timezone.now() + dt.timedelta(days=30)):
        close(missed, by=staff)
        closed = fresh(missed)
        assert (closed.target_on, closed.outcome_days_late, due_of(closed)) == before


def test_closing_keeps_the_time_of_completion(missed, staff):
    with time_machine.travel(timezone.now() + dt.timedelta(days=1)):
        assert close(missed, by=staff).completed_at == missed.completed_at


def test_every_status_is_in_one_group():
    groups = [states.ACTIVE, {states.Status.ON_HOLD}, states.ENDED]
    assert sorted(status for group in groups for status in group) == sorted(states.Status)


@clocked
def test_canceled_work_leaves_the_missed_at_once(dana, staff):
    made = make_accepted(dana, parts_required=False, assigned_on=dt.date(2026, 2, 25))
    found = WorkOrder.objects.filter(
        sla_filter("missed", timezone.now(), Wait.objects.at(timezone.now()))
    )
    assert list(found.all()) == [made]
    cancel(made, comment="The fault cleared.", by=staff)
    assert list(found.all()) == []


def test_no_column_stores_lateness_of_open_work():
    columns = {field.name for field in WorkOrder._meta.fields}
    assert {name for name in columns if re.search("late|overdue|missed|breach", name)} == {
        "outcome_days_late"
    }


@pytest.mark.parametrize(
    ("today", "state", "text"),
    [
        ("2026-03-05", "fine", "in 2 business days"),
        ("2026-03-06", "near", "in 1 business day"),  # Friday before Monday
        ("2026-03-08", "near", "in 1 business day"),
        ("2026-03-09", "near", "last day is today"),
        ("2026-03-10", "late", "1 business day late"),
    ],
)
def test_near_is_one_business_day_ahead(clock, dana, today, state, text):
    made = make_accepted(
        dana, parts_required=False, entitlement=make_entitlement("Parts Warranty", 5)
    )
    due = due_of(made, dt.datetime.fromisoformat(f"{today}T20:00:00+00:00"))
    assert (due.on, due.state, due.text) == (dt.date(2026, 3, 9), state, text)


# --- Whatever happens, the work goes on
@clocked
def test_broken_calendar_takes_the_target_and_lets_the_work_go_on(dana, client_of):
    made = make_accepted(dana)
    territory = make_territory()
    territory.days.create(day=dt.date(2026, 3, 3), name="x")
    type(territory).objects.update(weekend=[0, 1, 2, 3, 4, 5, 6])
    forget_rules()
    ship(fresh(made), carrier="", service="", status="delivered", delivered_on=MONDAY)
    row = fresh(made)
    assert (row.status, row.target_on, row.waits_for) == (
        "in-progress",
        None,
        WaitsFor.CALENDAR,
    )
    browser = client_of(dana)
    for page in ("", "history/", "rma-fso/"):
        assert browser.get(f"/work-orders/{made.number}/{page}").status_code == 200
    assert browser.get("/work-orders/?sort=-target").status_code == 200
    book_appointment(
        row, Booking(timezone.now() + dt.timedelta(hours=3), "Tess", "+1 415 555 0188"), by=dana
    )
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
def test_every_recalculated_move_is_in_the_ledger(dana, staff, work_order):
    closed = CalendarChange({THURSDAY: DayState(DayKind.CLOSED, "Closure")})
    approve(propose(make_territory(), closed, by=staff), by=staff)
    recalculate()
    moves = work_order.ledger.filter(event=Event.TARGET_MOVED).values_list("changes", flat=True)
    dates = [change["target_on"] for change in moves]
    assert dates == [[None, "2026-03-05"], ["2026-03-05", "2026-03-06"]]
