"""A hold that stops the clock, in a cycle whose target staff have set: nothing is late meanwhile,
and Resume proposes the moved target (docs/rules.md, rule 5).
"""

import datetime as dt

import pytest

from tests.factories import fresh, make_accepted, ready_to_complete, ship
from tests.pages import html_of, mismatches
from tests.workorders.admin.staff_pages import post_action, url
from workorders import services
from workorders.models import WorkOrder
from workorders.models.needs import NEEDS
from workorders.models.queries import OVERDUE, late
from workorders.models.spans import any_at
from workorders.services import Booking
from workorders.states import Status
from workorders.targets.due import due_of
from workorders.targets.judging import needs_reason

D = dt.date
TUESDAY = D(2026, 3, 10)


def at(day: int) -> dt.datetime:
    return dt.datetime(2026, 3, day, 17, tzinfo=dt.UTC)


def is_late(row: WorkOrder, day: int) -> bool:
    return row in WorkOrder.objects.filter(late(at(day)))


def shown(row: WorkOrder, day: int) -> tuple:
    due = due_of(row, at(day))
    return due.on, due.state, due.text, due.overdue_since


@pytest.fixture
def back(clock, dana, staff) -> WorkOrder:
    """In its second cycle, with a target that staff set: Tue, Mar 10."""
    work_order = make_accepted(dana, parts_required=False)
    services.complete(ready_to_complete(work_order, by=dana), by=dana)
    target = {"next_target_on": TUESDAY, "next_target_reason": "Promised"}
    services.send_back(fresh(work_order), note="It is loose", **target, by=staff)
    return fresh(work_order)


def hold_on(work_order: WorkOrder, day: int, clock, staff, *, stops_clock: bool = True):
    clock.move_to(at(day), tick=False)
    held = {"reason": "Fenced off", "stops_clock": stops_clock}
    services.hold(fresh(work_order), **held, by=staff)
    return fresh(work_order)


def test_nothing_is_late_while_the_clock_is_stopped(back, staff, clock):
    row = hold_on(back, 9, clock, staff)
    assert shown(row, 12) == (TUESDAY, "waiting", "on hold", None)
    assert (is_late(row, 12), row.current_target_on) == (False, None)
    services.resume(row, by=staff)
    row = fresh(row)
    assert shown(row, 12)[:3] == (TUESDAY, "late", "2 business days late")
    assert is_late(row, 12)


def test_a_hold_that_does_not_stop_the_clock_changes_nothing(back, staff, clock):
    row = hold_on(back, 9, clock, staff, stops_clock=False)
    assert (shown(row, 12)[2], is_late(row, 12)) == ("2 business days late", True)
    hold = row.holds.get()
    days = {"first": hold.first, "last": None, "stops_clock": True}
    row = fresh(services.correct_hold(hold, **days, by=staff))
    assert (shown(row, 12)[2], is_late(row, 12)) == ("on hold", False)


def test_no_part_is_overdue_meanwhile(clock, dana, staff):
    work_order = make_accepted(dana)
    edd = {"carrier": "", "service": "", "estimated_delivery_on": D(2026, 3, 4)}
    ship(work_order, "FSO-1", status="delivered", delivered_on=D(2026, 3, 2))
    ship(work_order, "FSO-2", **edd)
    services.complete(ready_to_complete(work_order, by=dana), by=dana)
    target = {"next_target_on": TUESDAY, "next_target_reason": "Promised"}
    services.send_back(fresh(work_order), note="It is loose", **target, by=staff)
    assert shown(fresh(work_order), 5)[3] == D(2026, 3, 4)
    row = hold_on(work_order, 5, clock, staff)
    assert shown(row, 5)[3] is None
    assert row not in WorkOrder.objects.filter(OVERDUE.at(at(5)))


def test_a_booking_made_meanwhile_is_judged_when_the_work_goes_on(back, dana, staff, clock):
    row = hold_on(back, 9, clock, staff)
    booking = Booking(at(12), "Robin", "+1 415 555 0111")
    services.book_appointment(row, booking, by=dana)
    asked = WorkOrder.objects.filter(any_at(NEEDS["reason"].rule.spans, at(9)), pk=row.pk)
    assert (needs_reason(fresh(row)), asked.exists()) == (False, False)
    services.resume(fresh(row), by=staff)
    assert (needs_reason(fresh(row)), asked.exists()) == (True, True)
    moved = {"target_on": D(2026, 3, 13), "target_reason": "Held"}
    row = services.set_target(fresh(row), **moved, by=staff)
    assert (needs_reason(fresh(row)), fresh(row).appointment.judged_by) == (False, D(2026, 3, 13))


@pytest.mark.parametrize(
    ("held", "resumed", "proposed"),
    [
        (9, 9, D(2026, 3, 11)),
        (6, 9, D(2026, 3, 12)),
        (9, 13, D(2026, 3, 17)),  # Mon to Fri are five business days
        (11, 12, None),  # it began after the target
    ],
)
def test_resume_proposes_the_target_moved_by_the_days_on_hold(
    back, staff, clock, admin_user, client_of, held, resumed, proposed
):
    row = hold_on(back, held, clock, staff)
    clock.move_to(at(resumed), tick=False)
    client = client_of(admin_user)
    page = html_of(client.get(url(row, "resume")))
    assert ("Target SLA from now on" in page) == (proposed is not None)
    typed = {"target_on": proposed, "target_reason": "Held"} if proposed else {}
    assert post_action(client, row, "resume", **typed).status_code == 302
    row = fresh(row)
    assert (row.status, row.current_target_on) == (Status.IN_PROGRESS, proposed or TUESDAY)


def test_a_proposal_that_is_emptied_leaves_the_target(back, staff, clock, admin_user, client_of):
    row = hold_on(back, 9, clock, staff)
    client = client_of(admin_user)
    answer = post_action(client, row, "resume", target_on=D(2026, 3, 11), target_reason="")
    assert (answer.status_code, mismatches(answer, "Explain why in a sentence.")) == (422, [])
    assert post_action(client, row, "resume", target_on="", target_reason="Held").status_code == 302
    assert fresh(row).current_target_on == TUESDAY


def test_an_undone_end_stops_the_clock_again(back, staff, clock):
    row = hold_on(back, 9, clock, staff)
    services.cancel(row, comment="It cleared", by=staff)
    services.undo_last_step(fresh(row), note="By mistake", by=staff)
    assert (fresh(row).clock_is_stopped, shown(fresh(row), 12)[2]) == (True, "on hold")
