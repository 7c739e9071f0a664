"""Visits: who may when, one at a time, corrected within bounds."""

import datetime as dt
import itertools

import pytest
from django.db import IntegrityError, transaction

from tests.factories import book_on, fresh, make_user
from tests.pages import html_of, mismatches
from tests.workorders.services.visits.in_progress import TARGET, at, book, in_progress
from workorders import services
from workorders.models import Visit, WorkOrder
from workorders.models.ledger import Event
from workorders.permissions import can_now
from workorders.services import DomainError, InvalidState, NotAllowed
from workorders.states import Status, Verb, VisitOutcome
from workorders.targets.due import due_of, visit_outcome_missing

DONE, RETURN, NOBODY = VisitOutcome.DONE, VisitOutcome.RETURN, VisitOutcome.NOBODY


@pytest.fixture
def work_order(clock, dana) -> WorkOrder:
    """In Progress since Monday, March 2nd; Target SLA Thu, Mar 5."""
    return in_progress(dana)


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


def test_every_visit_has_its_work_order_and_cycle(work_order, dana):
    services.start_visit(work_order, by=dana)
    assert str(Visit.objects.get()) == "2026-03-02"


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
