"""How work ends, pauses and is taken back: completion, hold, cancel, undo."""

import datetime as dt

import pytest

from tests.factories import fresh, make_accepted, make_work_order, ready_to_complete, ship
from workorders import services
from workorders.models.ledger import Event
from workorders.services import DomainError, InvalidState
from workorders.states import CouldNotCompleteReason, Status
from workorders.targets.due import due_of


def events(work_order) -> list[str]:
    return list(work_order.ledger.values_list("event", flat=True))


def test_completion_freezes_the_outcome(dana, staff, clock):
    work_order = make_accepted(dana, parts_required=False)
    clock.move_to(dt.datetime(2026, 3, 5, 17, tzinfo=dt.UTC))
    done = services.complete(ready_to_complete(work_order, by=dana), by=dana)
    assert (done.status, done.outcome_target_on, done.outcome_days_late) == (
        "completed",
        dt.date(2026, 3, 3),
        2,
    )
    back = services.send_back(work_order, note="A photo is missing", by=staff)
    assert (back.status, back.outcome_days_late, back.completed_at) == ("in-progress", 2, None)
    clock.move_to(dt.datetime(2026, 3, 9, 17, tzinfo=dt.UTC))
    again = services.complete(ready_to_complete(work_order, by=dana), by=dana)
    assert (again.outcome_days_late, services.close(work_order, by=staff).status) == (2, "closed")


def test_could_not_complete_before_acceptance_declines_with_reason_and_note(dana, voltfix):
    work_order = make_work_order(partner=voltfix)
    with pytest.raises(DomainError):
        services.could_not_complete(
            work_order, reason=CouldNotCompleteReason.NO_CAPACITY, note=" ", by=dana
        )
    given_up = services.could_not_complete(
        work_order, reason=CouldNotCompleteReason.NO_CAPACITY, note="All booked", by=dana
    )
    assert (given_up.status, given_up.give_up_reason) == ("could-not-complete", "no-capacity")


def test_a_hold_that_stops_the_clock_moves_the_target(dana, staff, clock):
    work_order = make_accepted(dana, parts_required=False)
    held = services.hold(work_order, reason="Site closed", stops_clock=True, by=staff)
    assert (held.status, held.held_from, held.target_on, held.waits_for) == (
        "on-hold",
        "in-progress",
        None,
        "hold",
    )
    clock.move_to(dt.datetime(2026, 3, 4, 17, tzinfo=dt.UTC))
    resumed = services.resume(work_order, by=staff)
    assert (resumed.status, resumed.held_from, resumed.target_on) == (
        "in-progress",
        "",
        dt.date(2026, 3, 5),
    )


def test_a_hold_resumes_where_shipments_have_led_meanwhile(dana, staff):
    work_order = make_accepted(dana)
    services.hold(work_order, reason="POC away", stops_clock=False, by=staff)
    ship(work_order, estimated_delivery_on=dt.date(2026, 3, 5))
    assert services.resume(work_order, by=staff).status == Status.SHIPPED


def test_cancel_says_why_in_the_thread(dana, staff):
    work_order = make_accepted(dana)
    with pytest.raises(DomainError):
        services.cancel(work_order, comment="", by=staff)
    services.cancel(work_order, comment="The customer upgrades.", by=staff)
    assert [row.body for row in work_order.comments.all()] == ["The customer upgrades."]


def test_undo_takes_back_delivery_status_and_target_as_a_new_entry(dana, staff):
    work_order = make_accepted(dana)
    ship(work_order, estimated_delivery_on=dt.date(2026, 3, 5))
    services.parts_received(work_order, numbers=["FSO-1"], on=dt.date(2026, 3, 2), by=dana)
    undone = services.undo_last_step(work_order, note="Wrong work order", by=staff)
    assert (undone.status, undone.target_on) == (Status.SHIPPED, dt.date(2026, 3, 6))
    assert work_order.shipments.get().delivered_on is None
    assert events(work_order)[-2:] == [Event.UNDONE, Event.TARGET_MOVED]


def test_undo_goes_back_step_by_step_to_the_beginning(dana, staff):
    work_order = make_accepted(dana)
    services.order_parts(work_order, by=staff)
    services.undo_last_step(work_order, note="Too early", by=staff)
    assert (
        services.undo_last_step(work_order, note="Wrong partner", by=staff).status
        == Status.ASSIGNED
    )
    with pytest.raises(InvalidState):
        services.undo_last_step(work_order, note="And more", by=staff)


def test_undo_is_refused_where_something_else_is_right(dana, staff):
    work_order = make_accepted(dana)
    services.hold(work_order, reason="POC away", stops_clock=False, by=staff)
    with pytest.raises(InvalidState, match="resume it"):
        services.undo_last_step(work_order, note="No hold", by=staff)


def test_a_visit_on_the_weekend_behind_the_target_is_missed_though_by_no_business_day(dana, clock):
    work_order = make_accepted(dana, parts_required=False, assigned_on=dt.date(2026, 3, 2))
    clock.move_to(dt.datetime(2026, 3, 7, 18, tzinfo=dt.UTC))  # Saturday
    ship(work_order, status="delivered", delivered_on=dt.date(2026, 3, 5))
    services.update_work_order(work_order, {"parts_required": True}, by=None)
    assert fresh(work_order).target_on == dt.date(2026, 3, 6)
    done = services.complete(ready_to_complete(work_order, by=dana), by=dana)
    assert (done.outcome_on, done.outcome_days_late) == (dt.date(2026, 3, 7), 0)
    assert due_of(done).text == "missed by less than a business day"


def test_an_undone_cancel_of_held_work_is_on_hold_again(dana, staff):
    work_order = make_accepted(dana, parts_required=False)
    services.hold(work_order, reason="Site closed", stops_clock=True, by=staff)
    services.cancel(work_order, comment="Not needed", by=staff)
    undone = services.undo_last_step(work_order, note="Needed after all", by=staff)
    assert (undone.status, undone.held_from, undone.waits_for) == ("on-hold", "in-progress", "hold")
    assert work_order.holds.get().last is None
