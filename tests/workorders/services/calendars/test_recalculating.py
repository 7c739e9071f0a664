"""A changed calendar or service level: what follows it, who is notified of it, and what stays as it
was for ever.
"""

import datetime as dt

import pytest

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
from tests.workorders.services.calendars.calendar_changes import (
    CLOSURE,
    FRIDAY,
    NEXT_MONDAY,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    book,
    change_calendar,
    change_to,
    close,
    moves_of,
    reopen,
)
from workorders.models import DayState, WorkOrder
from workorders.models.ledger import Event
from workorders.services import Booking, ReasonNeeded, book_appointment, complete, hold, resume
from workorders.services.calendars.entitlements import save_entitlement
from workorders.services.calendars.proposals import CalendarChange
from workorders.services.calendars.recalculating import (
    Effect,
    change_of_terms,
    effect_of,
    recalculate,
)
from workorders.states import DayKind, WaitsFor
from workorders.targets.explaining import explain
from workorders.targets.judging import judgement_of
from workorders.targets.terms import terms

pytestmark = pytest.mark.usefixtures("clock")


def test_nothing_moves_before_it_is_recalculated_and_the_sum_still_adds_up(staff, work_order):
    close(staff, THURSDAY)
    row = fresh(work_order)
    why = explain(row, row.shipments.all(), row.holds.all())
    assert (row.target_on, why.steps[-1].day, why.calendar) == (
        THURSDAY,
        THURSDAY,
        "Business calendar of US-Federal, revision 1",
    )


def test_closed_day_moves_the_target_and_is_told_with_its_cause(staff, work_order):
    close(staff, THURSDAY)
    assert recalculate() == (1, True)
    row = fresh(work_order)
    entry = row.ledger.last()
    assert (row.target_on, row.target_revision, row.version) == (
        FRIDAY,
        2,
        work_order.version + 1,
    )
    assert (entry.event, entry.version, entry.actor) == (Event.TARGET_MOVED, row.version, staff)
    assert entry.changes == {"target_on": ["2026-03-05", "2026-03-06"], "target_revision": [1, 2]}
    assert (
        entry.note
        == "Business calendar of US-Federal, revision 2: Thu, Mar 5, 2026 closed: Company closure"
    )


def test_moved_target_explains_itself_by_the_new_revision(staff, work_order):
    close(staff, THURSDAY)
    recalculate()
    row = fresh(work_order)
    steps = explain(row, row.shipments.all(), row.holds.all()).steps
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
    elsewhere = make_accepted(
        dana, parts_required=False, territory=make_territory("GB-ENG", "GB", "ENG")
    )
    before = list(WorkOrder.objects.order_by("pk").values())
    close(staff, dt.date(2026, 6, 1))
    assert recalculate() == (0, True)
    assert list(WorkOrder.objects.order_by("pk").values()) == before
    close(staff, TUESDAY)
    recalculate()
    assert fresh(elsewhere).target_on == TUESDAY


def test_sum_that_changes_without_moving_the_target_is_explained_by_the_new_revision(staff, dana):
    """One day closed and another opened: the same target by other days."""
    made = make_accepted(
        dana, parts_required=False, entitlement=make_entitlement("Assure 3-Day", 3)
    )
    saturday = dt.date(2026, 3, 7)
    assert made.target_on == THURSDAY
    change_calendar(
        staff, days={saturday: DayState(DayKind.WORKED, "Worked"), dt.date(2026, 4, 7): CLOSURE}
    )
    assert recalculate() == (0, True)
    assert fresh(made).target_revision == 1
    change_calendar(
        staff, days={THURSDAY: DayState(DayKind.CLOSED, "A"), FRIDAY: DayState(DayKind.CLOSED, "B")}
    )
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
    entries = (
        fresh(counted)
        .ledger.filter(event__in=[Event.EDD_FOLLOWED, Event.TARGET_MOVED])
        .order_by("-pk")[:2]
    )
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


def test_open_hold_keeps_the_target_away_and_the_resumed_work_counts_by_the_new_calendar(
    staff, dana
):
    held = make_accepted(
        dana, parts_required=False, entitlement=make_entitlement("Assure 3-Day", 3)
    )
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
def test_effect_is_what_then_happens_when_a_target_moves_later(
    staff, dana, work_order, booked_on, closed, effect
):
    book(work_order, booked_on, dana)
    territory = make_territory()
    change = CalendarChange(days=dict.fromkeys(closed, CLOSURE))
    assert effect_of(change_to(territory, change)) == effect
    change_calendar(staff, days=change.days)
    assert recalculate().moved == effect.moved
    row = fresh(work_order)
    assert judgement_of(row).is_late == (booked_on > FRIDAY)


def test_effect_counts_those_that_become_late_again_and_those_that_stay_in_time(
    staff, dana, work_order
):
    spared = make_accepted(dana, parts_required=False, assigned_on=WEDNESDAY - dt.timedelta(days=2))
    territory = close(staff, TUESDAY, THURSDAY)
    late = make_accepted(dana, parts_required=False)
    recalculate()
    book(fresh(spared), WEDNESDAY, dana)  # in time: the target is Wednesday
    book(fresh(work_order), NEXT_MONDAY, dana)
    assert fresh(late).target_on == WEDNESDAY
    effect = effect_of(
        change_to(territory, CalendarChange(days={TUESDAY: DayState(), THURSDAY: DayState()}))
    )
    assert effect == Effect(
        open=3, moved=3, earlier=3, later=0, become_late=0, no_longer_late=0, stay_in_time=1
    )
    reopen(staff, TUESDAY, THURSDAY)
    recalculate()
    row = fresh(spared)
    assert (row.target_on, judgement_of(row).is_late) == (TUESDAY, False)


def test_appointment_with_a_reason_becomes_late_again_when_the_target_moves_back(
    staff, dana, work_order
):
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


def test_write_that_comes_before_the_recalculation_follows_the_change_first(
    staff, dana, work_order
):
    """The date that a partner books is judged by the calendar that holds, not by the one
    that held.
    """
    close(staff, THURSDAY)
    at = dt.datetime(2026, 3, 9, 18, tzinfo=dt.UTC)
    with pytest.raises(ReasonNeeded) as asked:
        book_appointment(work_order, Booking(at, "Tess", "+1 415 555 0188"), by=dana)
    assert asked.value.work_order.target_on == FRIDAY
    assert fresh(work_order).target_on == THURSDAY  # nothing was saved
    book_appointment(
        work_order, Booking(at - dt.timedelta(days=3), "Tess", "+1 415 555 0188"), by=dana
    )
    row = fresh(work_order)
    assert (row.target_on, row.appointment.judged_by) == (FRIDAY, FRIDAY)
    assert [entry.event for entry in row.ledger.filter(version=row.version)] == [
        Event.TARGET_MOVED,
        Event.APPOINTMENT_BOOKED,
    ]
    assert recalculate() == (0, True)
    assert moves_of(row)[-1] == ("2026-03-05", "2026-03-06")


# --- Service levels
def test_changed_service_level_moves_all_its_open_work(staff, dana, work_order):
    level = make_entitlement()
    level.business_days = 2
    assert effect_of(change_of_terms(level, terms(level))) == Effect(1, 1, 0, 1, 0, 0, 0)
    save_entitlement(level, by=staff)
    assert recalculate() == (1, True)
    row = fresh(work_order)
    assert (row.target_on, row.level_revision) == (FRIDAY, 2)
    assert (
        row.ledger.last().note
        == "Service level Assure, revision 2: 2 business days after delivery, without parts after"
        " assignment"
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
def test_delivery_on_a_saturday_counts_from_that_day_or_from_the_next_business_day(
    staff, dana, rolls, target
):
    level = make_entitlement()
    level.from_next_business_day = rolls
    save_entitlement(level, by=staff)
    made = make_accepted(dana)
    ship(made, carrier="", service="", estimated_delivery_on=dt.date(2026, 3, 7))
    row = fresh(made)
    assert row.target_on == target
    assert explain(row, row.shipments.all(), []).steps[-1].day == target


def test_renamed_entitlement_is_the_same_service_level(staff, work_order):
    level = make_entitlement()
    level.name = "Assure Plus"
    assert save_entitlement(level, by=staff).revision == 1
    assert recalculate() == (0, True)
