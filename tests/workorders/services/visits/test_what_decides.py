"""What of visit, booking and target decides."""

import datetime as dt
import itertools

import pytest

from tests.factories import fresh, make_accepted, make_entitlement, ready_to_complete
from tests.workorders.services.visits.in_progress import TARGET, at, book, in_progress
from workorders import services
from workorders.models import Appointment, WorkOrder
from workorders.models.queries import late
from workorders.services import Booking
from workorders.states import VisitOutcome
from workorders.targets.due import due_of
from workorders.targets.judging import needs_reason

DONE, RETURN = VisitOutcome.DONE, VisitOutcome.RETURN


@pytest.fixture
def work_order(clock, dana) -> WorkOrder:
    """In Progress since Monday, March 2nd; Target SLA Thu, Mar 5."""
    return in_progress(dana)


# --- What decides: the first visit, whatever was booked


OUTCOMES = [  # booked on (3 in time, 6 late), visited on, days late
    (3, 4, 0),
    (3, 6, 1),
    (6, 4, 0),
    (6, 9, 2),
    (None, 4, 0),
    (None, 6, 1),
]


@pytest.mark.parametrize(("booked", "visited", "days_late"), OUTCOMES)
def test_the_first_visit_decides(work_order, dana, clock, booked, visited, days_late):
    if booked:
        book(work_order, booked, dana)
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
    assert (done.outcome_on, done.outcome_days_late) == (dt.date(2026, 3, visited), days_late)


@pytest.mark.parametrize(
    ("booked", "visited", "by", "days_late"),
    [(5, 5, 5, 0), (5, 4, 5, 0), (5, 3, 3, 0), (None, 5, 3, 2), (5, 6, 3, 3)],
)
def test_a_target_that_moved_earlier_spares_visits_up_to_the_day_booked_in_time(
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


@pytest.mark.no_waits
@pytest.mark.every_database
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
            (2, 1, False),
            (2, None, True),
        ],  # booking: on; the day booked in time; return
        [None, (-1, None), (1, None), (1, 2), (3, 2)],  # visit: on; the day booked in time
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
        row.target_on = None if target is None or (cycle == 2 and not reason) else base
        row.target_reason = reason if row.target_on else ""
        until = (visit or booking or (0, None))[1]
        row.protected_until = row.protected_by = until and base + until * day
        if visit:
            row.visited_on = base + visit[0] * day
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
            is_return=booking[2],
            technician_name="Tess",
            contact_phone="+1",
            booked_by=dana,
            booked_on=base,
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
