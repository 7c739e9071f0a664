"""Visits: who may when, one at a time, corrected within bounds; and what of visit, booking and
target decides.
"""

import datetime as dt
import itertools
import zoneinfo

import pytest
from django.db import IntegrityError, transaction

from tests.factories import (
    book_on,
    fresh,
    make_accepted,
    make_entitlement,
    make_user,
    ready_to_complete,
)
from tests.pages import html_of, mismatches
from workorders import services
from workorders.models import Appointment, Visit, WorkOrder
from workorders.models.ledger import Event
from workorders.models.queries import late
from workorders.permissions import can_now
from workorders.services import Booking, DomainError, InvalidState, NotAllowed
from workorders.states import DelayReason, Status, Verb, VisitOutcome
from workorders.targets.due import due_of, needs_reason, visit_outcome_missing

LOS_ANGELES = zoneinfo.ZoneInfo("America/Los_Angeles")
TARGET = dt.date(2026, 3, 5)
DONE, RETURN, NOBODY = VisitOutcome.DONE, VisitOutcome.RETURN, VisitOutcome.NOBODY


def at(day: int, hour: int = 9) -> dt.datetime:
    return dt.datetime(2026, 3, day, hour, tzinfo=LOS_ANGELES)


def book(
    work_order: WorkOrder, day: int, by, reason: DelayReason | None = DelayReason.WEATHER
) -> WorkOrder:
    """Also later than the target, with a reason."""
    confirmed = fresh(work_order).current_target_on if reason else None
    booking = Booking(
        at(day), "Robin", "+1 415 555 0111", reason=reason, confirmed_target=confirmed
    )
    return services.book_appointment(work_order, booking, by=by)


@pytest.fixture
def work_order(clock, dana) -> WorkOrder:
    """In Progress since Monday, March 2nd; Target SLA Thu, Mar 5."""
    work_order = make_accepted(
        dana, parts_required=False, entitlement=make_entitlement("Assure 3-Day", 3)
    )
    assert fresh(work_order).target_on == TARGET
    return fresh(work_order)


# --- Who, when


AT_SITE = [Verb.START_VISIT, Verb.END_VISIT, Verb.CORRECT_VISIT, Verb.TICK_LINE_ITEM]


@pytest.mark.parametrize(("status", "verb"), list(itertools.product(Status, AT_SITE)))
def test_work_at_the_site_is_for_all_of_the_partner_while_in_progress(
    dana, tess, staff, voltfix, status, verb
):
    work_order = WorkOrder(status=status, accepted_on=dt.date(2026, 3, 2))
    manager = make_user("mara@voltfix.example", "manager", partner=voltfix)
    allowed = [
        person for person in (dana, tess, manager, staff) if can_now(person, verb, work_order)
    ]
    possible = status == Status.IN_PROGRESS or (verb == Verb.END_VISIT and status == Status.ON_HOLD)
    assert allowed == ([dana, tess, manager] if possible else [])


@pytest.mark.parametrize(("status", "cycle"), list(itertools.product(Status, [1, 2])))
def test_a_target_is_set_by_staff_in_a_later_cycle_of_open_work(dana, staff, status, cycle):
    work_order = WorkOrder(status=status, cycle=cycle, accepted_on=dt.date(2026, 3, 2))
    allowed = [person for person in (dana, staff) if can_now(person, Verb.SET_TARGET, work_order)]
    assert allowed == ([staff] if cycle == 2 and work_order.is_open else [])


def test_another_partner_starts_nothing(work_order, omar):
    with pytest.raises(NotAllowed):
        services.start_visit(work_order, by=omar)


def test_work_on_hold_is_not_started(work_order, dana, staff):
    services.hold(work_order, reason="Site closed", stops_clock=False, by=staff)
    with pytest.raises(InvalidState, match="On Hold"):
        services.start_visit(work_order, by=dana)


# --- One visit


def test_start_keeps_time_day_technician_and_who_tapped(work_order, dana, tess):
    book(work_order, 2, dana)
    visit = services.start_visit(book_on(work_order, tess), by=tess)
    assert (visit.began_at, visit.on, visit.technician_name) == (at(2), dt.date(2026, 3, 2), "Tess")
    assert (visit.entered_by, visit.cycle, fresh(work_order).visited_on) == (
        tess,
        1,
        dt.date(2026, 3, 2),
    )


def test_a_technician_who_is_not_booked_starts_nothing(work_order, tess):
    with pytest.raises(NotAllowed):
        services.start_visit(work_order, by=tess)


def test_a_second_tap_is_the_first_ones_visit_and_anothers_is_refused(work_order, dana, tess):
    book_on(work_order, tess)
    assert services.start_visit(work_order, by=tess) == services.start_visit(work_order, by=tess)
    with pytest.raises(InvalidState, match="already begun"):
        services.start_visit(work_order, by=dana)
    assert work_order.visits.count() == 1


def test_the_database_holds_one_open_visit(work_order, dana):
    visit = services.start_visit(work_order, by=dana)
    visit.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        visit.save(force_insert=True)


@pytest.mark.parametrize("outcome", VisitOutcome)
def test_an_ended_visit_leaves_the_work_in_progress(work_order, dana, outcome):
    services.start_visit(work_order, by=dana)
    visit = services.end_visit(work_order, outcome=outcome, note=" Gate shut ", by=dana)
    assert (visit.outcome, visit.note, fresh(work_order).status) == (
        outcome,
        "Gate shut",
        Status.IN_PROGRESS,
    )
    assert visit.needs_another == (outcome != DONE)
    note = work_order.ledger.get(event=Event.VISIT_ENDED).note
    assert note == f"{outcome.label}: Gate shut"


def test_a_visit_that_a_hold_came_into_is_ended_on_hold(work_order, dana, staff, client_of):
    services.start_visit(work_order, by=dana)
    services.hold(fresh(work_order), reason="Site closed", stops_clock=False, by=staff)
    browser, url = client_of(dana), f"/work-orders/{work_order.number}/"
    page = html_of(browser.get(url))
    assert mismatches(page, "At work since", "End the visit", without=["Start work"]) == []
    answer = browser.post(
        f"{url}visits/end/", {"outcome": "return-visit", "note": "The gate was shut"}, follow=True
    )
    page = html_of(answer)
    assert mismatches(page, "The work order stays on hold.", without=["End the visit"]) == []
    visit, row = work_order.visits.get(), fresh(work_order)
    assert (visit.outcome, visit.note, row.status) == (RETURN, "The gate was shut", Status.ON_HOLD)
    assert services.resume(row, by=staff).status == Status.IN_PROGRESS


def test_ending_without_a_visit_is_refused(work_order, dana):
    with pytest.raises(InvalidState, match="No visit is under way"):
        services.end_visit(work_order, outcome=DONE, by=dana)


def test_could_not_complete_ends_the_visit_that_is_under_way(work_order, dana):
    services.start_visit(work_order, by=dana)
    services.could_not_complete(
        fresh(work_order), reason="obstruction", note="A truck stands there", by=dana
    )
    visit = work_order.visits.get()
    assert (visit.is_open, visit.outcome) == (False, "")


def test_a_correction_moves_the_day_that_is_judged(work_order, dana, clock):
    clock.move_to(at(6))
    visit = services.start_visit(work_order, by=dana)
    assert due_of(fresh(work_order)).state == "late"
    services.correct_visit(work_order, visit.pk, began_at=at(5, 16), by=dana)
    assert (fresh(work_order).visited_on, due_of(fresh(work_order)).state) == (TARGET, "fine")
    assert work_order.ledger.last().note == "Fri, Mar 6, 9:00 AM PST → Thu, Mar 5, 4:00 PM PST"


def test_a_visit_that_never_began_judges_nothing(work_order, dana, clock):
    clock.move_to(at(6))
    visit = services.start_visit(work_order, by=dana)
    assert due_of(fresh(work_order)).text.startswith("visited")
    services.take_back_visit(work_order, visit.pk, by=dana)
    assert fresh(work_order).visited_on is None
    assert "visited" not in due_of(fresh(work_order)).text
    assert work_order.ledger.last().note == "Fri, Mar 6, 9:00 AM PST → had not begun"


def test_a_visit_with_a_return_booked_behind_it_is_not_taken_back(work_order, dana, clock):
    """Its reason for delay was not asked for, because a visit had been made."""
    visit = services.start_visit(work_order, by=dana)
    clock.shift(60)
    book(work_order, 9, dana, reason=None)
    with pytest.raises(InvalidState, match="booked since"):
        services.take_back_visit(work_order, visit.pk, by=dana)
    assert work_order.visits.count() == 1


@pytest.mark.parametrize(
    ("began_at", "sentence"), [(at(3, 10), "in the future"), (at(1), "before the work order was")]
)
def test_a_visit_is_neither_in_the_future_nor_before_acceptance(
    work_order, dana, clock, began_at, sentence
):
    clock.move_to(at(3))
    visit = services.start_visit(work_order, by=dana)
    with pytest.raises(DomainError, match=sentence):
        services.correct_visit(work_order, visit.pk, began_at=began_at, by=dana)
    services.end_visit(work_order, outcome=DONE, by=dana)
    with pytest.raises(DomainError, match=sentence):
        services.enter_visit(work_order, began_at=began_at, outcome=DONE, by=dana)


def test_a_visit_that_has_been_made_holds_acceptance_where_it_is(work_order, dana, staff, clock):
    services.start_visit(work_order, by=dana)
    clock.move_to(at(4))
    with pytest.raises(DomainError, match="There was a visit before this day"):
        services.update_work_order(fresh(work_order), {}, accepted_on=dt.date(2026, 3, 3), by=staff)
    with pytest.raises(InvalidState, match="under way"):
        services.undo_last_step(fresh(work_order), note="Wrong one", by=staff)


# --- A booked time that has passed


def test_a_passed_booking_asks_how_it_went_until_someone_says_so(work_order, dana, clock):
    def asks() -> tuple[bool, bool]:
        row = fresh(work_order)
        now = dt.datetime.now(dt.UTC)
        in_sql = (
            WorkOrder.objects.with_visit_outcome_missing(now).get(pk=row.pk).visit_outcome_missing
        )
        return visit_outcome_missing(row, list(row.visits.all()), now), in_sql

    assert asks() == (False, False)
    book(work_order, 3, dana)
    assert asks() == (False, False)
    clock.move_to(at(4))
    assert asks() == (True, True)
    visit = services.enter_visit(work_order, began_at=at(3), outcome=NOBODY, by=dana)
    assert (asks(), visit.on, visit.ended_at) == ((False, False), dt.date(2026, 3, 3), at(3))
    book(work_order, 4, dana)  # again, an hour from now
    clock.move_to(at(4, 12))
    assert asks() == (True, True)


# --- What decides: the first visit, else the booking, else the completion


OUTCOMES = [  # booked on (3 in time, 6 late), visited on, judged on, days late
    (3, 4, 4, 0),
    (3, 6, 6, 1),
    (3, None, 3, 0),
    (6, 4, 4, 0),
    (6, 9, 9, 2),
    (6, None, 6, 1),
    (None, 4, 4, 0),
    (None, 6, 6, 1),
]


@pytest.mark.parametrize(("booked", "visited", "judged", "days_late"), OUTCOMES)
def test_the_first_visit_decides_then_the_booking(
    work_order, dana, clock, booked, visited, judged, days_late
):
    if booked:
        book(work_order, booked, dana)
    if visited:
        clock.move_to(at(visited))
        services.start_visit(work_order, by=dana)
        row = fresh(work_order)
        assert (
            (due_of(row).state == "late")
            == (row in WorkOrder.objects.filter(late(at(visited))))
            == (days_late > 0)
        )
        services.end_visit(work_order, outcome=DONE, by=dana)
    clock.move_to(at(10))
    done = services.complete(ready_to_complete(work_order, by=dana), by=dana)
    assert (done.outcome_on, done.outcome_days_late) == (dt.date(2026, 3, judged), days_late)


@pytest.mark.parametrize(
    ("booked", "visited", "by", "days_late"),
    [(5, 5, 5, 0), (5, 4, 3, 1), (None, 5, 3, 2), (5, 6, 3, 3)],
)
def test_a_target_that_moved_earlier_spares_a_visit_on_the_very_day_booked_in_time(
    work_order, dana, staff, clock, booked, visited, by, days_late
):
    if booked:
        book(work_order, booked, dana)
    services.update_work_order(fresh(work_order), {"entitlement": make_entitlement()}, by=staff)
    clock.move_to(at(visited))
    services.start_visit(work_order, by=dana)
    services.end_visit(work_order, outcome=DONE, by=dana)
    row = fresh(work_order)
    assert (
        (due_of(row).state == "late")
        == (row in WorkOrder.objects.filter(late(at(9))))
        == (days_late > 0)
    )
    done = services.complete(row, by=dana)
    assert (done.outcome_target_on, done.outcome_days_late) == (dt.date(2026, 3, by), days_late)


def test_a_target_that_moves_after_the_visit_judges_it_anew(work_order, dana, staff):
    services.start_visit(work_order, by=dana)
    services.update_work_order(fresh(work_order), {"assigned_on": dt.date(2026, 2, 24)}, by=staff)
    assert due_of(fresh(work_order)).text == "visited 1 business day late"


# --- Return visits


def test_a_return_visit_asks_for_no_reason_and_changes_nothing(work_order, dana, clock):
    book(work_order, 3, dana)
    clock.move_to(at(3))
    services.start_visit(work_order, by=dana)
    services.end_visit(work_order, outcome=RETURN, by=dana)
    booked = book(work_order, 20, dana, reason=None)
    appointment = Appointment.objects.get(pk=booked.appointment_id)
    assert (appointment.is_return, appointment.judged_by, appointment.missed_sla) == (
        True,
        None,
        None,
    )
    assert (due_of(fresh(work_order)).text, needs_reason(fresh(work_order))) == (
        "visited in time",
        False,
    )
    assert not WorkOrder.objects.filter(late(at(21))).exists()
    clock.move_to(at(20))
    services.start_visit(work_order, by=dana)
    services.end_visit(work_order, outcome=DONE, by=dana)
    done = services.complete(fresh(work_order), by=dana)
    assert (done.outcome_on, done.outcome_days_late) == (dt.date(2026, 3, 3), 0)


def test_another_hour_of_the_visits_own_booking_keeps_its_judgement(work_order, dana):
    book(work_order, 2, dana)
    services.start_visit(work_order, by=dana)
    booking = Booking(at(2, 11), "Kim", "+1 415 555 0112")
    appointment = services.book_appointment(fresh(work_order), booking, by=dana).appointment
    assert (appointment.is_return, appointment.judged_by) == (False, TARGET)


# --- SQL says what Python says


def test_missed_is_what_python_calls_late_with_visits_and_cycles(dana, clock):
    monday, day = dt.date(2026, 3, 2), dt.timedelta(days=1)
    model = make_accepted(dana, parts_required=False)
    kinds = itertools.product(
        [None, -3, 0, 4],  # the target, from Monday
        [
            None,
            (-2, None, False),
            (2, None, False),
            (2, 3, False),
            (2, None, True),
        ],  # booking: on, judged by, return
        [None, (-1, None), (1, None), (1, 2)],  # visit: on, judged by
        [
            (1, "", None, None),
            (2, "", 1, 0),
            (2, "", 0, 1),
            (2, "Said so", 0, 1),
            (2, "Said so", 1, 0),
        ],
    )
    rows = []
    for n, (target, booking, visit, (cycle, reason, outcome_target, outcome_on)) in enumerate(
        kinds
    ):
        row = WorkOrder.objects.get(pk=model.pk)
        row.pk, row.number, row.cycle, row.start_on = None, f"WO-{n}", cycle, None
        base = monday + (target or 0) * day
        row.target_on = None if target is None else base
        row.target_reason = reason if row.target_on else ""
        if visit:
            row.visited_on, row.visit_judged_by = (
                base + visit[0] * day,
                visit[1] and base + visit[1] * day,
            )
        if cycle == 2:
            row.outcome_target_on, row.outcome_on = (
                monday + outcome_target * day,
                monday + outcome_on * day,
            )
            row.outcome_days_late = max(0, outcome_on - outcome_target)
        rows.append((row, base, booking))
    WorkOrder.objects.bulk_create([row for row, _, _ in rows])
    booked = [
        Appointment(
            work_order=row,
            at=at(1),
            on=base + booking[0] * day,
            judged_by=booking[1] and base + booking[1] * day,
            is_return=booking[2],
            technician_name="Tess",
            contact_phone="+1",
            booked_by=dana,
        )
        for row, base, booking in rows
        if booking
    ]
    for appointment in Appointment.objects.bulk_create(booked):
        appointment.work_order.appointment = appointment
    WorkOrder.objects.bulk_update(
        [appointment.work_order for appointment in booked], ["appointment"]
    )
    for now in (at(2), at(2, 23), at(8)):
        in_python = {
            row.number for row in WorkOrder.objects.with_facts() if due_of(row, now).state == "late"
        }
        assert {row.number for row in WorkOrder.objects.filter(late(now))} == in_python
        assert 0 < len(in_python) < len(rows)


def test_every_visit_has_its_work_order_and_cycle(work_order, dana):
    services.start_visit(work_order, by=dana)
    assert str(Visit.objects.get()) == "2026-03-02"
