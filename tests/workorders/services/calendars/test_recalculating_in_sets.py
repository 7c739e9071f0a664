"""Recalculation of many work orders: in sets, cut off and begun again, by two at once, and as by
single writes.
"""

import datetime as dt
import os
import random
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import ROOT
from tests.factories import (
    fresh,
    make_accepted,
    make_carrier_service,
    make_entitlement,
    make_territory,
    ship,
)
from tests.workorders.services.calendars.calendar_changes import (
    CLOSURE,
    FRIDAY,
    THURSDAY,
    TUESDAY,
    change_calendar,
    change_to,
    close,
    moves_of,
    reopen,
)
from workorders.models import DayState, Hold, WorkOrder
from workorders.services.calendars.entitlements import save_entitlement
from workorders.services.calendars.proposals import CalendarChange
from workorders.services.calendars.recalculating import Recalculated, effect_of, recalculate
from workorders.services.unit_of_work import unit_of_work
from workorders.states import DayKind, Verb
from workorders.targets.computing import compute_target_fields, parts_due_on, start_of
from workorders.targets.explaining import explain
from workorders.targets.terms import business_calendar, terms_of

pytestmark = pytest.mark.usefixtures("clock")


def many(dana, count: int) -> list[WorkOrder]:
    return [
        make_accepted(dana, parts_required=False, entitlement=make_entitlement("Assure 3-Day", 3))
        for _ in range(count)
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
    assert (few, queries()) == (25, 25)


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
            cursor.execute(
                f"EXPLAIN {'QUERY PLAN ' if connection.vendor == 'sqlite' else ''}{query['sql']}"
            )
            plans.append(" ".join(str(row) for row in cursor.fetchall()))
    assert len(plans) == 3
    assert [plan for plan in plans if re.search("Seq Scan|SCAN workorders_workorder", plan)] == []
    if connection.vendor == "sqlite":  # PostgreSQL chooses among indexes by how many rows there are
        assert "work_order_by_calendar" in plans[1]
        assert "shipment_by_computed_edd" in plans[2]


def test_recalculation_goes_on_where_a_limit_stopped_it(staff, dana):
    made = many(dana, 5)
    territory = close(staff, TUESDAY)
    assert recalculate(at_most=2, batch=2) == (2, False)
    territory.refresh_from_db()
    assert (territory.revision, territory.applied_revision) == (2, 1)
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


@pytest.mark.live
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
    """Whatever the mix, each work order ends where a single write would have put it, and its sum
    adds up.
    """
    chance = random.Random(seed)
    make_carrier_service("FedEx", "2Day", 2)
    levels = [
        make_entitlement(f"Level {n}", n, chance.choice(["assigned", "accepted"]))
        for n in (0, 1, 3, 5)
    ]
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
            own = (
                {}
                if chance.random() < 0.5
                else {"estimated_delivery_on": dt.date(2026, 3, 1 + chance.randrange(12))}
            )
            ship(
                made, f"FSO-{number}", pick_up_on=dt.date(2026, 2, 24 + chance.randrange(4)), **own
            )
        if chance.random() < 0.4:
            first = dt.date(2026, 2, 20) + dt.timedelta(days=chance.randrange(20))
            last = first + dt.timedelta(days=chance.randrange(5))
            Hold.objects.create(
                work_order=made,
                first=first,
                last=last,
                stops_clock=chance.random() < 0.7,
                reason="x",
            )
            with unit_of_work(made, Verb.EDIT, by=None) as work:
                work.retarget()
    days = [dt.date(2026, 2, 20) + dt.timedelta(days=chance.randrange(25)) for _ in range(4)]
    states = [CLOSURE, DayState(DayKind.WORKED, "Worked")]
    change_calendar(
        staff, territory=territories[0], days={day: chance.choice(states) for day in days}
    )
    levels[1].business_days, levels[2].from_next_business_day = 2, True
    save_entitlement(levels[1], by=staff)
    save_entitlement(levels[2], by=staff)
    recalculate(batch=5)
    for row in WorkOrder.objects.with_facts().prefetch_related("shipments", "holds"):
        start = start_of(row, row.shipments.all())
        due = parts_due_on(row.shipments.all())
        calendar, terms = business_calendar(row.territory), terms_of(row.entitlement)
        expected = compute_target_fields(
            start, due, row.holds.all(), calendar=calendar, terms=terms, revisions=(0, 0)
        )
        stored = (row.start_on, row.target_on, row.waits_for, row.parts_due_on)
        assert stored == expected[:4]
        steps = explain(row, row.shipments.all(), row.holds.all()).steps
        assert [step.day for step in steps if step.kind == "target"] == [row.target_on]
