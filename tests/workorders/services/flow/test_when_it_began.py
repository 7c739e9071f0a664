"""Completed without a visit asks when the work began, and why that was late; paperwork alone does
not.

Monday, March 2nd; In Progress, Target SLA Thu, Mar 5.
"""

import datetime as dt

import pytest

from tests.factories import fresh, make_accepted, ship
from tests.pages import html_of, url
from tests.workorders.services.visits.in_progress import TARGET, at, book, in_progress
from workorders import services
from workorders.models import WorkOrder
from workorders.models.needs import NEEDS
from workorders.models.spans import any_at
from workorders.services import BeganMissing, Delay, DomainError, ReasonNeeded
from workorders.states import DelayReason, VisitOutcome
from workorders.targets.judging import first_outcome

WEATHER = Delay(DelayReason.WEATHER)


@pytest.fixture
def work_order(clock, dana) -> WorkOrder:
    return in_progress(dana)


def march(day: int) -> dt.date:
    return dt.date(2026, 3, day)


def counting(row: WorkOrder) -> list[str]:
    return list(row.missed_sla_reasons.filter(counts=True).values_list("reason", flat=True))


def test_the_answer_is_a_visit_and_its_day_is_judged(work_order, dana, clock):
    book(work_order, 3, dana)
    clock.move_to(at(10))
    with pytest.raises(BeganMissing):
        services.complete(work_order, by=dana)
    done = services.complete(work_order, began_at=at(4), by=dana)
    visit = done.visits.get()
    assert (visit.on, visit.at_completion, visit.outcome, visit.technician_name) == (
        march(4),
        True,
        VisitOutcome.DONE,
        "Robin",
    )
    assert (done.outcome_on, done.outcome_days_late) == (march(4), 0)
    assert first_outcome(done).is_of_visit
    said = done.ledger.get(event="visit-entered").note
    assert said == "Wed, Mar 4, 9:00 AM PST, said at completion. The work is done"


@pytest.mark.parametrize(
    ("began_at", "says"), [(at(10, 10), "in the future"), (at(1), "before the work order was")]
)
def test_it_began_neither_in_the_future_nor_before_acceptance(
    work_order, dana, clock, began_at, says
):
    clock.move_to(at(10))
    with pytest.raises(DomainError, match=says):
        services.complete(work_order, began_at=began_at, by=dana)
    assert fresh(work_order).visited_on is None


def test_a_late_day_asks_why_and_counts_with_its_reason(work_order, dana, clock):
    clock.move_to(at(10))
    with pytest.raises(ReasonNeeded) as asked:
        services.complete(work_order, began_at=at(9), by=dana)
    assert (asked.value.on, asked.value.days_late) == (march(9), 2)
    assert fresh(work_order).visits.count() == 0
    done = services.complete(work_order, began_at=at(9), delay=WEATHER, by=dana)
    reason = done.missed_sla_reasons.get()
    assert (reason.of, reason.target_on, reason.appointment_on, reason.business_days_late) == (
        "beginning",
        TARGET,
        march(9),
        2,
    )
    assert (counting(done), done.outcome_days_late) == (["weather"], 2)


def test_a_day_whose_reason_is_known_asks_no_more(work_order, dana, clock):
    book(work_order, 9, dana, DelayReason.TECHNICIAN)
    book(work_order, 4, dana)
    clock.move_to(at(10))
    done = services.complete(fresh(work_order), began_at=at(9), by=dana)
    assert (counting(done), done.missed_sla_reasons.count()) == (["technician"], 1)


def test_undone_the_visit_goes_and_its_reason_counts_no_more(work_order, dana, staff, clock):
    book(work_order, 4, dana)
    clock.move_to(at(10))
    services.complete(fresh(work_order), began_at=at(9), delay=WEATHER, by=dana)
    row = services.undo_last_step(fresh(work_order), note="The other site", by=staff)
    assert (row.visits.count(), row.visited_on, row.outcome_on) == (0, None, None)
    assert (counting(row), row.missed_sla_reasons.count()) == ([], 1)
    again = services.complete(row, began_at=at(9), by=dana)  # the reason for that day counts again
    assert counting(again) == ["weather"]


def test_parts_entered_after_it_began_do_not_move_its_target(clock, dana, staff):
    row = make_accepted(dana)
    ship(row, "FSO-1", status="delivered", delivered_on=march(2))
    clock.move_to(at(4))
    ship(row, "FSO-2", carrier="", service="", estimated_delivery_on=march(9))
    assert fresh(row).target_on == march(10)
    done = services.complete(fresh(row), began_at=at(3), by=dana)
    assert (done.outcome_target_on, done.outcome_on) == (march(3), march(3))
    assert services.undo_last_step(done, note="Too soon", by=staff).target_on == march(10)


# --- Paperwork alone
def sent_back(row: WorkOrder, staff, **more) -> WorkOrder:
    more = {"next_target_on": march(10), "next_target_reason": "Promised"} | more
    return services.send_back(fresh(row), note="A photo is missing", **more, by=staff)


def test_paperwork_alone_is_judged_by_the_day_of_completion(work_order, dana, staff, clock):
    services.complete(work_order, began_at=at(2), by=dana)
    row = sent_back(work_order, staff)
    assert not WorkOrder.objects.filter(any_at(NEEDS["book"].rule.spans, at(2))).exists()
    clock.move_to(at(11))
    outcome = services.complete(row, by=dana).outcomes.get()
    assert (outcome.judged_on, outcome.days_late, outcome.basis) == (march(11), 1, "completion")


@pytest.mark.parametrize("what", ["again", "sent", "received"])
def test_work_or_parts_of_a_later_cycle_ask_for_a_visit(clock, dana, staff, what):
    row = make_accepted(dana, line_items=("Replace",))
    ship(row, "FSO-1", status="delivered", delivered_on=march(2))
    ship(row, "FSO-2", carrier="", service="", estimated_delivery_on=march(2))
    services.tick_line_item(row, 1, by=dana)
    services.complete(fresh(row), began_at=at(2), by=dana)
    back = sent_back(row, staff, again=[1] if what == "again" else [])
    if what == "again":
        services.tick_line_item(back, 1, by=dana)
    elif what == "sent":
        ship(back, "FSO-3", carrier="", service="", estimated_delivery_on=march(3))
    else:
        services.parts_received(back, numbers=["FSO-2"], on=march(2), by=dana)
    assert WorkOrder.objects.filter(any_at(NEEDS["book"].rule.spans, at(2))).exists()
    with pytest.raises(BeganMissing):
        services.complete(fresh(back), by=dana)


# --- The page
@pytest.fixture
def press(work_order, dana, client_of):
    """Press Completed on its page, with what is typed."""

    def send(**typed):
        typed |= {"version": fresh(work_order).version}
        answer = client_of(dana).post(url("complete", work_order.number), typed)
        return answer, html_of(answer)

    return send


@pytest.mark.parametrize(
    ("booked", "proposed"), [(3, "2026-03-03T09:00"), (12, "2026-03-10T09:00")]
)
def test_page_proposes_the_booked_time_where_it_is_past_else_now(
    work_order, dana, clock, press, booked, proposed
):
    book(work_order, booked, dana)
    clock.move_to(at(10))
    answer, page = press()
    assert (answer.status_code, fresh(work_order).status) == (200, "in-progress")
    assert f'name="began_at" value="{proposed}"' in page
    assert "Reason for Delay" not in page


def test_page_asks_for_the_reason_of_a_late_day_and_for_one_of_the_nine(work_order, clock, press):
    clock.move_to(at(10))
    answer, page = press(began_at="2026-03-09T09:00")
    assert (answer.status_code, page.count('name="reason"')) == (200, 9)
    assert "2 business days late" in page
    assert 'name="confirmed_target" value="2026-03-05"' in page
    assert " checked" not in page
    asked = {"began_at": "2026-03-09T09:00", "confirmed_target": "2026-03-05"}
    answer, page = press(**asked)
    assert (answer.status_code, page.count('name="reason"')) == (422, 9)
    assert "Choose a reason for delay." in page
    answer, page = press(**asked, reason="rain")
    assert answer.status_code == 422
    assert "Choose one of the nine reasons." in page
    answer, _ = press(**asked, reason="weather", note="Snow")
    assert (answer.status_code, fresh(work_order).status) == (302, "completed")
    assert fresh(work_order).missed_sla_reasons.get().note == "Snow"


def test_page_takes_no_empty_answer(work_order, press):
    answer, page = press(began_at="")
    assert answer.status_code == 422
    assert "This field is required." in page


def test_pages_say_that_it_was_entered_at_completion_and_why_it_was_late(
    work_order, dana, clock, client_of
):
    clock.move_to(at(10))
    services.complete(work_order, began_at=at(9), delay=WEATHER, by=dana)
    browser = client_of(dana)
    details = html_of(browser.get(url("work-order", work_order.number)))
    receipt = html_of(browser.get(url("receipt", work_order.number)))
    entered = 'entered <time datetime="2026-03-10">Tue, Mar 10</time>, at completion'
    assert entered in details
    assert "Reason for Delay: <b>Delay due to weather</b>" in details
    assert f"This visit was {entered}." in receipt
    assert "Reason for Delay: Delay due to weather." in receipt
