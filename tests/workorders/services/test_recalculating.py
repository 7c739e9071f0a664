"""A changed calendar or service level: what follows it, what is told of it, and what stays as it was for ever."""

import datetime as dt
import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import (
    fresh,
    make_accepted,
    make_carrier_service,
    make_entitlement,
    make_territory,
    make_work_order,
    ready_to_complete,
    ship,
)
from workorders import rules, targets
from workorders.explaining import explain
from workorders.models import DayState, Hold, ServiceTerritory, WorkOrder
from workorders.models.ledger import Event
from workorders.services import Booking, ReasonNeeded, book_appointment, complete, hold, resume
from workorders.services.calendars import CalendarChange, approve, changed_calendar, propose
from workorders.services.entitlements import save_entitlement
from workorders.services.moves import Change
from workorders.services.recalculating import (
    Effect,
    Recalculated,
    change_of_calendar,
    change_of_terms,
    effect_of,
    recalculate,
)
from workorders.services.writing import writing
from workorders.states import DayKind, Verb, WaitsFor

ROOT = Path(__file__).parents[3]
TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (dt.date(2026, 3, day) for day in (3, 4, 5, 6))
NEXT_MONDAY = dt.date(2026, 3, 9)
CLOSURE = DayState(DayKind.CLOSED, "Company closure")
pytestmark = pytest.mark.usefixtures("clock")


def change_calendar(staff, *, territory: ServiceTerritory | None = None, **change) -> ServiceTerritory:
    territory = territory or make_territory()
    return approve(propose(territory, CalendarChange(**change), by=staff), by=staff)


def close(staff, *days: dt.date) -> ServiceTerritory:
    return change_calendar(staff, days=dict.fromkeys(days, CLOSURE))


def reopen(staff, *days: dt.date) -> ServiceTerritory:
    return change_calendar(staff, days=dict.fromkeys(days, DayState()))


def moves_of(work_order: WorkOrder) -> list[tuple]:
    entries = work_order.ledger.filter(event=Event.TARGET_MOVED)
    return [tuple(entry.changes["target_on"]) for entry in entries]


def test_nothing_moves_before_it_is_recalculated_and_the_sum_still_adds_up(staff, work_order):
    close(staff, THURSDAY)
    stands = fresh(work_order)
    why = explain(stands, stands.shipments.all(), stands.holds.all())
    assert (stands.target_on, why.steps[-1].day, why.calendar) == (
        THURSDAY,
        THURSDAY,
        "Business calendar of US-Federal, revision 1",
    )


def test_closed_day_moves_the_target_and_is_told_with_its_cause(staff, work_order):
    close(staff, THURSDAY)
    assert recalculate() == (1, True)
    stands = fresh(work_order)
    entry = stands.ledger.last()
    assert (stands.target_on, stands.target_revision, stands.version) == (FRIDAY, 2, work_order.version + 1)
    assert (entry.event, entry.version, entry.actor) == (Event.TARGET_MOVED, stands.version, staff)
    assert entry.changes == {"target_on": ["2026-03-05", "2026-03-06"], "target_revision": [1, 2]}
    assert entry.note == ("Business calendar of US-Federal, revision 2: Thu, Mar 5 closed: Company closure")


def test_moved_target_explains_itself_by_the_new_revision(staff, work_order):
    close(staff, THURSDAY)
    recalculate()
    stands = fresh(work_order)
    steps = explain(stands, stands.shipments.all(), stands.holds.all()).steps
    assert [(step.day, step.kind, step.reason) for step in steps] == [
        (WEDNESDAY, "start", ""),
        (THURSDAY, "skipped", "Company closure"),
        (FRIDAY, "counted", "1 of 1"),
        (FRIDAY, "target", ""),
    ]


def test_opened_day_brings_the_target_back(staff, work_order):
    close(staff, THURSDAY)
    recalculate()
    reopen(staff, THURSDAY)
    recalculate()
    assert fresh(work_order).target_on == THURSDAY
    assert moves_of(work_order)[-2:] == [("2026-03-05", "2026-03-06"), ("2026-03-06", "2026-03-05")]


def test_work_that_the_day_does_not_touch_is_not_written(staff, work_order, dana):
    elsewhere = make_accepted(dana, parts_required=False, territory=make_territory("GB-ENG", "GB", "ENG"))
    before = list(WorkOrder.objects.order_by("pk").values())
    close(staff, dt.date(2026, 6, 1))
    assert recalculate() == (0, True)
    assert list(WorkOrder.objects.order_by("pk").values()) == before
    close(staff, TUESDAY)
    recalculate()
    assert fresh(elsewhere).target_on == TUESDAY


def test_sum_that_changes_without_moving_the_target_is_explained_by_the_new_revision(staff, dana):
    """One day closed and another opened: the same target by other days."""
    made = make_accepted(dana, parts_required=False, entitlement=make_entitlement("Assure 3-Day", 3))
    saturday = dt.date(2026, 3, 7)
    assert made.target_on == THURSDAY
    change_calendar(staff, days={saturday: DayState(DayKind.WORKED, "Worked"), dt.date(2026, 4, 7): CLOSURE})
    assert recalculate() == (0, True)
    assert fresh(made).target_revision == 1
    change_calendar(staff, days={THURSDAY: DayState(DayKind.CLOSED, "A"), FRIDAY: DayState(DayKind.CLOSED, "B")})
    recalculate()
    assert fresh(made).target_on == saturday


def test_closed_work_keeps_target_revision_outcome_and_sum(staff, dana):
    late = make_accepted(dana, parts_required=False, assigned_on=dt.date(2026, 2, 25))
    complete(ready_to_complete(late, by=dana), by=dana)
    frozen = WorkOrder.objects.values().get(pk=late.pk)
    close(staff, dt.date(2026, 2, 26), dt.date(2026, 2, 27))
    assert recalculate() == (0, True)
    assert WorkOrder.objects.values().get(pk=late.pk) == frozen
    row = fresh(late)
    why = explain(row, [], row.holds.all())
    assert (row.outcome_days_late, why.steps[-1].day) == (2, dt.date(2026, 2, 26))


def test_estimated_delivery_that_we_count_follows_the_calendar(staff, dana):
    make_carrier_service("FedEx", "2Day", 2)
    counted = make_accepted(dana)
    ship(counted, pick_up_on=dt.date(2026, 3, 2))
    given = make_accepted(dana)
    ship(given, "FSO-2", pick_up_on=dt.date(2026, 3, 2), estimated_delivery_on=WEDNESDAY)
    assert fresh(counted).target_on == fresh(given).target_on == THURSDAY
    territory = close(staff, TUESDAY)
    assert recalculate() == (1, True)
    assert (fresh(counted).target_on, fresh(given).target_on) == (FRIDAY, THURSDAY)
    entries = fresh(counted).ledger.filter(event__in=[Event.EDD_FOLLOWED, Event.TARGET_MOVED]).order_by("-pk")[:2]
    assert [(entry.event, entry.changes) for entry in reversed(entries)] == [
        (Event.EDD_FOLLOWED, {"estimated_delivery_on": ["2026-03-04", "2026-03-05"]}),
        (
            Event.TARGET_MOVED,
            {
                "start_on": ["2026-03-04", "2026-03-05"],
                "target_on": ["2026-03-05", "2026-03-06"],
                "target_revision": [1, territory.revision],
            },
        ),
    ]
    assert fresh(counted).parts_due_on == THURSDAY


def test_open_hold_keeps_the_target_away_and_the_resumed_work_counts_by_the_new_calendar(staff, dana):
    held = make_accepted(dana, parts_required=False, entitlement=make_entitlement("Assure 3-Day", 3))
    hold(held, reason="Fenced off", stops_clock=True, by=staff)
    close(staff, WEDNESDAY)
    assert recalculate() == (0, True)
    assert fresh(held).waits_for == WaitsFor.HOLD
    resume(fresh(held), by=staff)
    assert fresh(held).target_on == FRIDAY


def test_target_that_was_out_of_reach_comes_with_the_coverage(staff, dana):
    territory = make_territory()
    made = make_accepted(dana, parts_required=False)
    WorkOrder.objects.filter(pk=made.pk).update(target_on=None, waits_for=WaitsFor.CALENDAR)
    change_calendar(staff, territory=territory, last=dt.date(2030, 12, 31))
    assert recalculate() == (1, True)
    assert fresh(made).target_on == TUESDAY


# --- Appointments
@pytest.mark.parametrize(
    ("booked_on", "closed", "effect"),
    [
        (THURSDAY, [THURSDAY], Effect(1, 1, 0, 1, 0, 0, 0)),  # in time, and stays so
        (FRIDAY, [THURSDAY], Effect(1, 1, 0, 1, 0, 1, 0)),  # was late, is timely now
        (NEXT_MONDAY, [THURSDAY], Effect(1, 1, 0, 1, 0, 0, 0)),  # was late, and still is
    ],
)
def test_effect_is_what_then_happens_when_a_target_moves_later(staff, dana, work_order, booked_on, closed, effect):
    book(work_order, booked_on, dana)
    territory = make_territory()
    change = CalendarChange(days=dict.fromkeys(closed, CLOSURE))
    assert effect_of(change_to(territory, change)) == effect
    change_calendar(staff, days=change.days)
    assert recalculate().moved == effect.moved
    stands = fresh(work_order)
    assert stands.appointment.is_late_by(stands.target_on) == (booked_on > FRIDAY)


def test_effect_counts_those_that_become_late_again_and_those_that_stay_in_time(staff, dana, work_order):
    spared = make_accepted(dana, parts_required=False, assigned_on=WEDNESDAY - dt.timedelta(days=2))
    territory = close(staff, TUESDAY, THURSDAY)
    late = make_accepted(dana, parts_required=False)
    recalculate()
    book(fresh(spared), WEDNESDAY, dana)  # in time: the target is Wednesday
    book(fresh(work_order), NEXT_MONDAY, dana)
    assert fresh(late).target_on == WEDNESDAY
    effect = effect_of(change_to(territory, CalendarChange(days={TUESDAY: DayState(), THURSDAY: DayState()})))
    assert effect == Effect(open=3, moved=3, earlier=3, later=0, become_late=0, no_longer_late=0, stay_in_time=1)
    reopen(staff, TUESDAY, THURSDAY)
    recalculate()
    stands = fresh(spared)
    assert (stands.target_on, stands.appointment.is_late_by(stands.target_on)) == (TUESDAY, False)


def test_appointment_with_a_reason_becomes_late_again_when_the_target_moves_back(staff, dana, work_order):
    book(work_order, FRIDAY, dana)
    territory = close(staff, THURSDAY)
    recalculate()
    back = change_to(territory, CalendarChange(days={THURSDAY: DayState()}))
    assert effect_of(back) == Effect(1, 1, 1, 0, become_late=1, no_longer_late=0, stay_in_time=0)


def test_first_target_judges_the_appointment_that_had_none(staff, dana):
    made = make_accepted(dana, parts_required=False)
    WorkOrder.objects.filter(pk=made.pk).update(target_on=None, waits_for=WaitsFor.CALENDAR)
    book(fresh(made), TUESDAY, dana)
    assert fresh(made).appointment.judged_by is None
    change_calendar(staff, last=dt.date(2030, 12, 31))
    recalculate()
    assert fresh(made).appointment.judged_by == TUESDAY


def test_write_that_comes_before_the_recalculation_follows_the_change_first(staff, dana, work_order):
    """The date that a partner books is judged by the calendar that holds, not by the one that held."""
    close(staff, THURSDAY)
    at = dt.datetime(2026, 3, 9, 18, tzinfo=dt.UTC)
    with pytest.raises(ReasonNeeded) as asked:
        book_appointment(work_order, Booking(at, "Tess", "+1 415 555 0188"), by=dana)
    assert asked.value.work_order.target_on == FRIDAY
    assert fresh(work_order).target_on == THURSDAY  # nothing was saved
    book_appointment(work_order, Booking(at - dt.timedelta(days=3), "Tess", "+1 415 555 0188"), by=dana)
    stands = fresh(work_order)
    assert (stands.target_on, stands.appointment.judged_by) == (FRIDAY, FRIDAY)
    assert [entry.event for entry in stands.ledger.filter(version=stands.version)] == [
        Event.TARGET_MOVED,
        Event.APPOINTMENT_BOOKED,
    ]
    assert recalculate() == (0, True)
    assert moves_of(stands)[-1] == ("2026-03-05", "2026-03-06")


# --- Service levels
def test_changed_service_level_moves_all_its_open_work(staff, dana, work_order):
    level = make_entitlement()
    level.business_days = 2
    assert effect_of(change_of_terms(level, rules.terms(level))) == Effect(1, 1, 0, 1, 0, 0, 0)
    save_entitlement(level, by=staff)
    assert recalculate() == (1, True)
    stands = fresh(work_order)
    assert (stands.target_on, stands.level_revision) == (FRIDAY, 2)
    assert stands.ledger.last().note == (
        "Service level Assure, revision 2: 2 business days after delivery, without parts after assignment"
    )


def test_changed_start_without_parts_moves_work_that_needs_none(staff, dana):
    made = make_accepted(dana, parts_required=False, assigned_on=dt.date(2026, 2, 25))
    waiting = make_work_order(parts_required=False)
    level = make_entitlement()
    level.start_without_parts = "accepted"
    save_entitlement(level, by=staff)
    recalculate()
    assert (fresh(made).start_on, fresh(made).target_on) == (dt.date(2026, 3, 2), TUESDAY)
    assert (fresh(waiting).target_on, fresh(waiting).waits_for) == (None, WaitsFor.ACCEPTANCE)
    assert moves_of(waiting)[-1] == ("2026-03-03", None)


@pytest.mark.parametrize(("rolls", "target"), [(False, NEXT_MONDAY), (True, dt.date(2026, 3, 10))])
def test_delivery_on_a_saturday_counts_from_that_day_or_from_the_next_business_day(staff, dana, rolls, target):
    level = make_entitlement()
    level.from_next_business_day = rolls
    save_entitlement(level, by=staff)
    made = make_accepted(dana)
    ship(made, carrier="", service="", estimated_delivery_on=dt.date(2026, 3, 7))
    stands = fresh(made)
    assert stands.target_on == target
    assert explain(stands, stands.shipments.all(), []).steps[-1].day == target


def test_renamed_entitlement_is_the_same_service_level(staff, work_order):
    level = make_entitlement()
    level.name = "Assure Plus"
    assert save_entitlement(level, by=staff).revision == 1
    assert recalculate() == (0, True)


# --- In sets, and again after being cut off
def many(dana, count: int) -> list[WorkOrder]:
    return [
        make_accepted(dana, parts_required=False, entitlement=make_entitlement("Assure 3-Day", 3)) for _ in range(count)
    ]


def test_queries_do_not_grow_with_the_work_orders(staff, dana):
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            recalculate()
        return len(caught)

    many(dana, 2)
    close(staff, TUESDAY)
    few = queries()
    many(dana, 8)
    reopen(staff, TUESDAY)
    assert (few, queries()) == (20, 20)


def test_preview_asks_no_more_for_more_estimates_that_we_count(staff, dana):
    make_carrier_service("FedEx", "2Day", 2)

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            effect_of(change_to(make_territory(), CalendarChange(days={TUESDAY: CLOSURE})))
        return len(caught)

    counts = []
    for number in range(3):
        ship(make_accepted(dana), f"FSO-{number}", pick_up_on=dt.date(2026, 3, 2))
        counts.append(queries())
    assert counts[2] == counts[1]


def test_candidates_are_found_by_index(staff, dana):
    many(dana, 1)
    change = change_to(make_territory(), CalendarChange(days={TUESDAY: CLOSURE}))
    with CaptureQueriesContext(connection) as caught:
        change.candidates()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        plans = []
        for query in caught.captured_queries:
            cursor.execute(f"EXPLAIN {'QUERY PLAN ' if connection.vendor == 'sqlite' else ''}{query['sql']}")
            plans.append(" ".join(str(row) for row in cursor.fetchall()))
    assert [any(scan in plan for scan in ("Seq Scan", "SCAN workorders_workorder")) for plan in plans] == [False] * 3
    assert "work_order_by_calendar" in plans[1]
    assert "shipment_by_computed_edd" in plans[2]


def test_recalculation_goes_on_where_a_limit_stopped_it(staff, dana):
    made = many(dana, 5)
    territory = close(staff, TUESDAY)
    assert recalculate(at_most=2, batch=2) == (2, False)
    territory.refresh_from_db()
    assert (territory.revision, territory.settled_revision) == (2, 1)
    assert recalculate(batch=2) == (3, True)
    assert [moves_of(row)[1:] for row in made] == [[("2026-03-05", "2026-03-06")]] * 5


def test_change_that_is_taken_back_half_way_leaves_all_as_it_was(staff, dana):
    made = many(dana, 4)
    close(staff, TUESDAY)
    recalculate(at_most=2, batch=2)
    reopen(staff, TUESDAY)
    assert recalculate() == (2, True)
    assert {fresh(row).target_on for row in made} == {THURSDAY}
    assert sorted(len(moves_of(row)) for row in made) == [1, 1, 3, 3]


def test_killed_recalculation_begins_again_and_tells_each_move_once(real_transactions, staff, dana):
    made = many(dana, 30)
    close(staff, TUESDAY)
    process = subprocess.Popen(
        [sys.executable, "manage.py", "recalculate_targets", "--batch", "3"],
        cwd=ROOT,
        env=environment_of_this_database(),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "3 moved …\n"
    process.kill()
    process.wait()
    process.stdout.close()
    moved = sum(len(moves_of(row)) == 2 for row in made)
    assert 3 <= moved < 30
    assert recalculate() == (30 - moved, True)
    assert {fresh(row).target_on for row in made} == {FRIDAY}
    assert [moves_of(row)[1:] for row in made] == [[("2026-03-05", "2026-03-06")]] * 30


def test_two_recalculations_at_once_move_and_tell_each_once(real_transactions, staff, dana):
    made = many(dana, 20)
    close(staff, TUESDAY)
    with ThreadPoolExecutor(2) as pool:
        moved = [future.result().moved for future in [pool.submit(in_a_thread) for _ in range(2)]]
    assert sum(moved) == 20
    assert [moves_of(row)[1:] for row in made] == [[("2026-03-05", "2026-03-06")]] * 20


def in_a_thread() -> Recalculated:
    try:
        return recalculate(batch=3)
    finally:
        connection.close()


def environment_of_this_database() -> dict[str, str]:
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{settings['NAME']}"
    else:
        url = f"postgres://{settings['USER']}:{settings['PASSWORD']}@{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"
    return os.environ | {"DATABASE_URL": url, "DEBUG": "1"}


@pytest.mark.parametrize("seed", range(4))
def test_sets_and_single_writes_agree(staff, dana, seed):
    """Whatever the mix, each work order ends where a single write would have put it, and its sum adds up."""
    chance = random.Random(seed)
    make_carrier_service("FedEx", "2Day", 2)
    levels = [make_entitlement(f"Level {n}", n, chance.choice(["assigned", "accepted"])) for n in (0, 1, 3, 5)]
    territories = [make_territory(), make_territory("US-CA", "US", "CA")]
    for number in range(24):
        made = make_accepted(
            dana,
            parts_required=chance.random() < 0.5,
            entitlement=chance.choice(levels),
            territory=chance.choice(territories),
            assigned_on=dt.date(2026, 2, 16) + dt.timedelta(days=chance.randrange(15)),
        )
        if made.parts_required:
            own = {} if chance.random() < 0.5 else {"estimated_delivery_on": dt.date(2026, 3, 1 + chance.randrange(12))}
            ship(made, f"FSO-{number}", pick_up_on=dt.date(2026, 2, 24 + chance.randrange(4)), **own)
        if chance.random() < 0.4:
            first = dt.date(2026, 2, 20) + dt.timedelta(days=chance.randrange(20))
            last = first + dt.timedelta(days=chance.randrange(5))
            Hold.objects.create(work_order=made, first=first, last=last, stops_clock=chance.random() < 0.7, reason="x")
            with writing(made, Verb.EDIT, by=None) as write:
                write.retarget()
    days = [dt.date(2026, 2, 20) + dt.timedelta(days=chance.randrange(25)) for _ in range(4)]
    states = [CLOSURE, DayState(DayKind.WORKED, "Worked")]
    change_calendar(staff, territory=territories[0], days={day: chance.choice(states) for day in days})
    levels[1].business_days, levels[2].from_next_business_day = 2, True
    save_entitlement(levels[1], by=staff)
    save_entitlement(levels[2], by=staff)
    recalculate(batch=5)
    for row in WorkOrder.objects.with_facts().prefetch_related("shipments", "holds"):
        start = targets.start_of(row, row.shipments.all())
        due = targets.parts_due_on(row.shipments.all())
        calendar, terms = rules.business_calendar(row.territory), rules.terms_of(row.entitlement)
        expected = targets.standing(start, due, row.holds.all(), calendar, terms, (0, 0))
        stored = (row.start_on, row.target_on, row.waits_for, row.parts_due_on)
        assert stored == expected[:4]
        steps = explain(row, row.shipments.all(), row.holds.all()).steps
        assert [step.day for step in steps if step.kind == "target"] == [row.target_on]


def book(work_order: WorkOrder, on: dt.date, by) -> None:
    at = dt.datetime.combine(on, dt.time(18), dt.UTC)
    booking = Booking(at, "Tess", "+1 415 555 0188", reason="technician", confirmed_target=work_order.target_on)
    book_appointment(work_order, booking, by=by)


def change_to(territory: ServiceTerritory, change: CalendarChange) -> Change:
    return change_of_calendar(territory, changed_calendar(territory, change))
