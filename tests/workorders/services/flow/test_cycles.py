"""Sent back: the same work order in another cycle, whose outcome is its own; the first one
does not change.
"""

import datetime as dt
import zoneinfo

import pytest

from tests.factories import fresh, make_accepted, ready_to_complete, ship
from tests.pages import html_of
from workorders import services
from workorders.fieldwork.completion_blockers import asks_when_it_began, blockers
from workorders.models import WorkOrder
from workorders.models.needs import NEEDS
from workorders.models.queries import late
from workorders.models.spans import any_at
from workorders.services import Booking, DomainError, InvalidState, ReasonNeeded
from workorders.states import VisitOutcome
from workorders.targets.due import due_of
from workorders.targets.explaining import explain
from workorders.targets.judging import needs_reason

LOS_ANGELES = zoneinfo.ZoneInfo("America/Los_Angeles")
TARGET = dt.date(2026, 3, 3)
REASON = "The account was promised Friday"


def at(day: int) -> dt.datetime:
    return dt.datetime(2026, 3, day, 9, tzinfo=LOS_ANGELES)


def march(day: int) -> dt.date:
    return dt.date(2026, 3, day)


def booking(day: int) -> Booking:
    return Booking(at(day), "Robin", "+1 415 555 0111")


@pytest.fixture
def back(clock, dana, staff) -> WorkOrder:
    """Visited on Thu, Mar 5, two business days after its Target SLA, completed, and sent back that
    day.
    """
    work_order = make_accepted(dana, parts_required=False, line_items=("Lock out", "Replace"))
    clock.move_to(at(5))
    services.complete(ready_to_complete(work_order, by=dana), by=dana)
    services.send_back(fresh(work_order), note="A photo is missing", by=staff)
    return fresh(work_order)


def because(work_order) -> str:
    return explain(work_order, [], []).source


def visit(work_order, by) -> WorkOrder:
    services.start_visit(work_order, by=by)
    services.end_visit(work_order, outcome=VisitOutcome.DONE, by=by)
    return fresh(work_order)


def test_a_new_cycle_keeps_ticks_and_outcome_and_has_no_appointment_visit_or_target(back):
    assert (back.cycle, back.appointment, back.visited_on, back.target_on) == (
        2,
        None,
        None,
        None,
    )
    outcome = (back.outcome_target_on, back.outcome_on, back.outcome_days_late)
    assert outcome == (TARGET, march(5), 2)
    assert [item.number for item in back.line_items.all() if item.done_at] == [1, 2]
    assert [row.cycle for row in back.visits.all()] == [1]
    assert (due_of(back).text, because(back)) == ("no target in this cycle", "Assigned")


def test_without_a_target_nothing_is_asked_and_the_first_outcome_remains(back, dana, staff, clock):
    services.book_appointment(back, booking(20), by=dana)
    assert (needs_reason(fresh(back)), due_of(fresh(back)).text) == (
        False,
        "no target in this cycle",
    )
    clock.move_to(at(20))
    done = services.complete(visit(back, dana), by=dana)
    outcome = done.outcomes.get()
    assert (outcome.cycle, outcome.target_on, outcome.judged_on, outcome.days_late) == (
        2,
        None,
        None,
        0,
    )
    assert (done.outcome_on, done.outcome_days_late, due_of(done).text) == (
        march(5),
        2,
        "missed by 2 business days",
    )


@pytest.mark.parametrize(
    ("visited", "state", "text", "words"),
    [
        (6, "fine", "visited in time", "met"),
        (9, "late", "visited 1 business day late", "missed by 1 business day"),
    ],
)
def test_a_target_that_staff_set_judges_its_cycle_alone(
    back, dana, staff, clock, visited, state, text, words
):
    row = services.set_target(back, target_on=march(6), target_reason=REASON, by=staff)
    assert (due_of(row).on, due_of(row).text, because(row)) == (
        march(6),
        "in 1 business day",
        f"Set by staff for cycle 2: {REASON}",
    )
    clock.move_to(at(visited))
    row = visit(back, dana)
    assert (due_of(row).state, due_of(row).text) == (state, text)
    assert (row in WorkOrder.objects.filter(late(at(visited)))) == (state == "late")
    done = services.complete(row, by=dana)
    outcome = done.outcomes.get()
    assert (outcome.target_on, outcome.judged_on, outcome.basis) == (
        march(6),
        march(visited),
        "visit",
    )
    assert (outcome.in_words, outcome.target_reason) == (words, REASON)
    assert (due_of(done).on, due_of(done).text) == (TARGET, "missed by 2 business days")
    assert explain(done, [], []).steps[-1].day == TARGET


def test_a_target_that_staff_set_may_lie_before_the_day_that_a_part_was_expected(
    clock, dana, staff
):
    work_order = make_accepted(dana)
    ship(work_order, "FSO-1", status="delivered", delivered_on=march(2))
    ship(work_order, "FSO-2", carrier="", service="", estimated_delivery_on=march(9))
    services.complete(ready_to_complete(work_order, by=dana), by=dana)
    target = {"next_target_on": march(5), "next_target_reason": REASON}
    row = services.send_back(fresh(work_order), note="A photo is missing", **target, by=staff)
    assert (row.start_on, row.target_on) == (march(9), march(5))
    services.complete(visit(row, dana), by=dana)
    assert services.send_back(fresh(row), note="And another", by=staff).target_on is None


def test_what_came_back_for_its_paperwork_alone_is_completed_without_a_visit(back, dana, client_of):
    row = WorkOrder.objects.filter(any_at(NEEDS["book"].rule.spans, at(5)), pk=back.pk)
    assert (blockers(back), list(row)) == ([], [])
    assert services.complete(back, by=dana).outcomes.get().judged_on is None


@pytest.mark.parametrize("again", [[], [2]])
def test_work_of_a_later_cycle_asks_when_it_began(back, dana, staff, again):
    services.complete(back, by=dana)
    row = services.send_back(fresh(back), note="It is loose", again=again, by=staff)
    if not again:  # the partner sees it himself
        services.untick_line_item(row, 2, by=dana)
    services.tick_line_item(row, 2, by=dana)
    assert (blockers(fresh(row)), asks_when_it_began(fresh(row))) == ([], True)
    assert WorkOrder.objects.filter(any_at(NEEDS["book"].rule.spans, at(5)), pk=back.pk).exists()
    row = services.send_back(
        services.complete(visit(fresh(row), dana), by=dana), note="And a photo", by=staff
    )
    assert (blockers(fresh(row)), asks_when_it_began(fresh(row))) == ([], False)


def test_what_was_done_in_a_cycle_that_was_taken_back_is_not_of_the_next_one(back, dana, staff):
    services.complete(back, by=dana)
    services.send_back(fresh(back), note="It is loose", again=[2], by=staff)
    services.tick_line_item(fresh(back), 2, by=dana)
    services.undo_last_step(fresh(back), note="The other one", by=staff)
    row = services.send_back(fresh(back), note="A photo is missing", by=staff)
    assert (row.cycle, blockers(fresh(row))) == (3, [])


def test_a_booking_later_than_the_set_target_asks_for_a_reason(back, dana, staff):
    services.set_target(back, target_on=march(6), target_reason=REASON, by=staff)
    with pytest.raises(ReasonNeeded) as asked:
        services.book_appointment(fresh(back), booking(9), by=dana)
    assert asked.value.days_late == 1


def test_a_target_set_under_a_booking_judges_it(back, dana, staff):
    services.book_appointment(back, booking(9), by=dana)
    row = services.set_target(fresh(back), target_on=march(6), target_reason=REASON, by=staff)
    assert (needs_reason(row), due_of(row).text) == (True, "1 business day late")
    row = services.set_target(fresh(back), target_on=march(10), target_reason=REASON, by=staff)
    assert (needs_reason(fresh(back)), row.appointment.judged_by) == (False, march(10))


def test_sending_back_may_set_the_target_at_once(back, dana, staff, clock):
    services.complete(visit(back, dana), by=dana)
    row = services.send_back(
        fresh(back),
        note="And the other side",
        next_target_on=march(9),
        next_target_reason=REASON,
        by=staff,
    )
    assert (row.cycle, row.target_on, row.outcome_days_late) == (3, march(9), 2)
    events = list(back.ledger.filter(version=row.version).values_list("event", flat=True))
    assert events == ["sent-back", "target-set"]


@pytest.mark.parametrize(
    ("day", "reason", "field"), [(4, REASON, "target_on"), (6, " ", "target_reason")]
)
def test_a_target_in_the_past_or_without_a_reason_is_refused(back, staff, day, reason, field):
    with pytest.raises(DomainError) as refused:
        services.set_target(back, target_on=march(day), target_reason=reason, by=staff)
    assert (refused.value.field, fresh(back).target_on) == (field, None)


def test_the_first_cycle_takes_no_target_from_staff(clock, dana, staff):
    with pytest.raises(InvalidState, match="first cycle"):
        services.set_target(
            make_accepted(dana, parts_required=False),
            target_on=march(6),
            target_reason=REASON,
            by=staff,
        )


def test_undoing_takes_back_the_cycle_and_its_outcome(back, dana, staff):
    services.complete(visit(back, dana), by=dana)
    undone = services.undo_last_step(fresh(back), note="Too early", by=staff)
    assert (undone.cycle, undone.status, undone.outcomes.count()) == (2, "in-progress", 0)
    with pytest.raises(InvalidState, match="There has been a visit since"):
        services.undo_last_step(fresh(back), note="Not at all", by=staff)


def test_an_undone_send_back_has_its_appointment_and_visit_again(clock, dana, staff):
    work_order = make_accepted(dana, parts_required=False)
    services.book_appointment(fresh(work_order), booking(2), by=dana)
    services.complete(visit(work_order, dana), by=dana)
    services.send_back(fresh(work_order), note="Which photo?", by=staff)
    undone = services.undo_last_step(fresh(work_order), note="It is there", by=staff)
    row = fresh(work_order)
    assert (undone.status, row.cycle, row.appointment.on, row.visited_on) == (
        "completed",
        1,
        march(2),
        march(2),
    )


def test_the_page_says_why_the_work_was_sent_back(back, dana, tess, staff, client_of):
    page, sentence = (
        f"/work-orders/{back.number}/",
        "Sent back: “A photo is missing” This is cycle 2.",
    )
    for person in (dana, staff):
        assert sentence in html_of(client_of(person).get(page))
    services.complete(visit(back, dana), by=dana)
    services.send_back(fresh(back), note="Now the label", by=staff)
    assert "Sent back: “Now the label” This is cycle 3." in html_of(client_of(dana).get(page))
    services.undo_last_step(fresh(back), note="It is there", by=staff)
    assert "Sent back" not in html_of(client_of(dana).get(page))


def test_receipt_and_history_tell_both_cycles(back, dana, staff, client_of):
    services.set_target(back, target_on=march(6), target_reason=REASON, by=staff)
    browser, url = client_of(dana), f"/work-orders/{back.number}/"
    receipt = html_of(browser.get(f"{url}receipt/"))
    assert "the first visit</dd>" in receipt
    for words in (f"Set by staff: {REASON}", "missed by 2 business days", "set by ChargePoint"):
        assert words in receipt
    history = html_of(browser.get(f"{url}history/"))
    assert f"“{REASON}”" in history
    services.complete(visit(back, dana), by=dana)
    receipt = html_of(browser.get(f"{url}receipt/"))
    assert "<dt>Cycle 2</dt><dd><b>met</b>" in receipt
    assert "Cycle 2: Target SLA" in html_of(browser.get(url))
