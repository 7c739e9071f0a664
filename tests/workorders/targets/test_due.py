"""Late, today, this week, without a date: SQL's word against Python's; and counts that are those of
the lists.
"""

import copy
import datetime as dt
import itertools

import pytest

from tests.factories import (
    fresh,
    make_accepted,
    make_entitlement,
    make_site,
    make_work_order,
    ready_to_complete,
)
from tests.workorders.any_state import DAY, MONDAY, NOON, an_appointment, change
from workorders import services
from workorders.models import Appointment, Wait, WorkOrder
from workorders.models.needs import NEEDS
from workorders.models.queries import OVERDUE, late, sla_filter, week_of
from workorders.models.spans import any_at
from workorders.models.waiting import WAIT_RULES, waits_for
from workorders.models.waits import MISSED, in_status, of_need, of_todo
from workorders.services.waiting import keep_waits_of
from workorders.states import OPEN, Status
from workorders.targets.due import Due, DueState, due_of
from workorders.targets.judging import is_overdue, needs_reason

INSTANTS = [
    NOON,
    NOON.replace(hour=0),
    NOON.replace(hour=10, minute=30),
    NOON.replace(hour=23, minute=59),
]
ZONES = ["Pacific/Honolulu", "America/Los_Angeles", "Europe/Berlin", "Pacific/Kiritimati"]

# --- Late, today, this week, without a date


@pytest.fixture
def of_all_kinds(dana) -> list[WorkOrder]:
    """Each combination of zone, target, overdue parts and booking that matters to "late"."""
    models = [
        make_work_order(partner=dana.partner, site=make_site(zone, time_zone=zone))
        for zone in ZONES
    ]
    targets = [None, *(MONDAY + offset * DAY for offset in (-3, -1, 0, 1, 7))]
    bookings = [
        None,
        (2, None),
        (-2, None),
        (2, 3),
        (2, 1),
    ]  # days after the target; the day booked in time so many days after it
    rows, booked, appointments = [], [], []
    for n, (model, target_on, due_in, booking) in enumerate(
        itertools.product(models, targets, [None, -2, 0, 1], bookings)
    ):
        row = copy.copy(model)
        row.pk, row.number, row.status, row.accepted_on = None, f"WO-{n}", Status.SHIPPED, MONDAY
        row.target_on, row.parts_due_on = (
            target_on,
            None if due_in is None else MONDAY + due_in * DAY,
        )
        rows.append(row)
        if booking and target_on:
            on, until = target_on + booking[0] * DAY, booking[1]
            booked.append(row)
            row.protected_until = row.protected_by = until and target_on + until * DAY
            appointments.append(an_appointment(row, on, dana))
    WorkOrder.objects.bulk_create(rows)
    for row, appointment in zip(booked, appointments, strict=True):
        appointment.work_order = row
    for row, appointment in zip(booked, Appointment.objects.bulk_create(appointments), strict=True):
        row.appointment = appointment
    WorkOrder.objects.bulk_update(booked, ["appointment"])
    keep_waits_of([row.pk for row in rows])
    found = list(WorkOrder.objects.with_facts())
    assert len([row for row in found if row.appointment]) == len(booked)
    return found


@pytest.mark.parametrize("now", INSTANTS)
def test_missed_is_what_python_calls_late(of_all_kinds, now):
    in_python = {row.number for row in of_all_kinds if due_of(row, now).state == "late"}
    assert {row.number for row in WorkOrder.objects.filter(late(now))} == in_python
    assert 0 < len(in_python) < len(of_all_kinds)


@pytest.mark.parametrize("completed_on", [3, 6])
def test_missed_leaves_out_work_sent_back_without_a_target(dana, staff, clock, completed_on):
    """Target SLA Tue, Mar 3. However it was completed, in its next cycle nothing is due
    (docs/rules.md, rule 6).
    """
    work_order = make_accepted(dana, parts_required=False)
    clock.move_to(dt.datetime(2026, 3, completed_on, 17, tzinfo=dt.UTC))
    services.complete(ready_to_complete(work_order, by=dana), by=dana)
    assert not WorkOrder.objects.filter(late(NOON + 20 * DAY)).exists()
    services.send_back(fresh(work_order), note="A photo is missing", by=staff)
    assert not WorkOrder.objects.filter(late(NOON + 20 * DAY)).exists()
    assert due_of(fresh(work_order), NOON + 20 * DAY)[:3] == (
        None,
        "done",
        "no target in this cycle",
    )
    for name, numbers in (("none", [work_order.number]), ("today", []), ("week", [])):
        found = WorkOrder.objects.filter(sla_filter(name, NOON + DAY, Wait.objects.none()))
        assert [row.number for row in found] == numbers, name


def test_missed_leaves_out_what_was_in_time_when_the_target_moved_earlier_under_it(
    dana, staff, clock
):
    work_order = make_accepted(
        dana, parts_required=False, entitlement=make_entitlement("Assure 3-Day", 3)
    )
    on_thursday = services.Booking(
        dt.datetime(2026, 3, 5, 17, tzinfo=dt.UTC), "Tess", "+1 415 555 0188"
    )
    services.book_appointment(work_order, on_thursday, by=dana)
    services.update_work_order(fresh(work_order), {"entitlement": make_entitlement()}, by=staff)
    assert fresh(work_order).target_on == MONDAY + DAY
    assert not WorkOrder.objects.filter(late(NOON + 20 * DAY)).exists()


@pytest.mark.parametrize("now", INSTANTS)
def test_today_and_week_are_those_of_the_site(of_all_kinds, now):
    def numbers(name: str) -> set[str]:
        rows = WorkOrder.objects.filter(sla_filter(name, now, Wait.objects.none()))
        return {row.number for row in rows}

    today = {row.number: row.site_today(now) for row in of_all_kinds}
    dated = [row for row in of_all_kinds if row.target_on]
    weeks = {row.number: week_of(today[row.number]) for row in dated}
    assert numbers("today") == {row.number for row in dated if row.target_on == today[row.number]}
    assert numbers("week") == {
        row.number for row in dated if weeks[row.number][0] <= row.target_on <= weeks[row.number][1]
    }
    assert numbers("none") == {row.number for row in of_all_kinds if row.target_on is None}


@pytest.mark.parametrize("now", INSTANTS)
def test_overdue_is_what_python_says_of_open_work(of_all_kinds, now):
    expected = {
        row.number
        for row in of_all_kinds
        if row.status in OPEN and is_overdue(row, row.site_today(now))
    }
    assert {row.number for row in WorkOrder.objects.filter(OVERDUE.at(now))} == expected
    assert 0 < len(expected) < len(of_all_kinds)


def test_a_missing_reason_is_what_python_calls_one(of_all_kinds, dana):
    expected = {row.number for row in of_all_kinds if needs_reason(row)}
    assert {
        row.number for row in WorkOrder.objects.filter(any_at(NEEDS["reason"].rule.spans, NOON))
    } == expected
    assert 0 < len(expected) < len(of_all_kinds)


@pytest.mark.parametrize("name", ["missed", "today", "week", "none"])
def test_sla_filters_hold_open_work_only(dana, name):
    for target_on in (None, MONDAY - DAY, MONDAY):
        for status in Status:
            held_from = "shipped" if status == Status.ON_HOLD else ""
            columns = {
                "status": status,
                "held_from": held_from,
                "accepted_on": MONDAY,
                "completed_at": NOON,
            }
            change(make_work_order(partner=dana.partner), target_on=target_on, **columns)
    shown = {
        row.status
        for row in WorkOrder.objects.filter(sla_filter(name, NOON, Wait.objects.at(NOON)))
    }
    assert shown == {status.value for status in OPEN}


@pytest.mark.parametrize(("offset", "monday"), [(0, MONDAY), (6, MONDAY), (-1, MONDAY - 7 * DAY)])
def test_a_week_is_monday_to_sunday(offset, monday):
    assert week_of(MONDAY + offset * DAY) == (monday, monday + 6 * DAY)


# --- Counts


def test_counts_are_those_of_the_lists(of_all_kinds, staff, django_assert_num_queries):
    make_work_order(number="WO-NEW")
    change(make_work_order(number="WO-OVER"), status=Status.CANCELED)
    expected = {
        **{in_status(each): WorkOrder.objects.filter(status=each).count() for each in OPEN},
        **{
            name: WorkOrder.objects.filter(any_at(WAIT_RULES[name].spans, NOON)).count()
            for name in (MISSED, of_todo("overdue"), of_todo("unbooked"), of_need("reason"))
        },
    }
    waits = waits_for(staff, NOON)
    with django_assert_num_queries(1):
        assert waits.numbers(expected) == expected


def test_counts_stand_where_no_work_is_open(dana):
    change(make_work_order(partner=dana.partner), status=Status.CANCELED)
    assert waits_for(dana, NOON).numbers([MISSED, of_need("book")]) == {MISSED: 0, "need/book": 0}


@pytest.mark.parametrize(
    ("state", "text", "brief"),
    [
        (DueState.LATE, "4 business days late", "4 business days late"),
        (DueState.LATE, "late, by less than a business day", "late"),
        (DueState.LATE, "visited late, by less than a business day, nobody there", "visited late"),
        (DueState.LATE, "visited 1 business day late, nobody there", "1 business day late"),
        (DueState.LATE, "missed by 12 business days", "12 business days late"),
        (DueState.LATE, "missed by less than a business day", "missed"),
        (DueState.FINE, "in 2 business days", "in 2 business days"),
        (DueState.FINE, "booked in time, nobody there", "booked in time"),
        (DueState.WAITING, "waiting for the delivery date", "needs a delivery date"),
        (DueState.WAITING, "waiting for acceptance", "waiting for acceptance"),
        (
            DueState.NEAR,
            "the parts have come: a new target is to be confirmed",
            "the parts have come",
        ),
    ],
)
def test_a_line_of_the_list_says_it_in_brief(state, text, brief):
    assert Due(MONDAY, state, text).brief == brief
