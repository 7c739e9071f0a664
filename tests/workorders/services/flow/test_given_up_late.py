"""Could Not Complete counts as missed where the page said late at that time, and asks why; what
was declined late counts for the partner who declined.

Monday, March 2nd; In Progress, Target SLA Thu, Mar 5.
"""

import datetime as dt
from urllib.parse import unquote

import pytest

from tests.factories import fresh, make_accepted, make_entitlement, make_work_order, ship
from tests.pages import html_of, mismatches, url
from tests.workorders.scorecard.scores import LIST, URL, csv_of
from tests.workorders.services.visits.in_progress import TARGET, at, book, in_progress
from workorders import services
from workorders.models import WorkOrder
from workorders.models.reasons import waiting
from workorders.services import Delay, ReasonNeeded
from workorders.states import CouldNotCompleteReason, DelayReason, VerdictKind, VisitOutcome
from workorders.targets.due import due_of

WEATHER = Delay(DelayReason.WEATHER, "Snow")


@pytest.fixture
def work_order(clock, dana) -> WorkOrder:
    return in_progress(dana)


def march(day: int) -> dt.date:
    return dt.date(2026, 3, day)


def give_up(row: WorkOrder, by, delay: Delay = services.Delay()) -> WorkOrder:  # noqa: B008
    reason = CouldNotCompleteReason.OBSTRUCTION
    return services.could_not_complete(fresh(row), reason=reason, note="A wall", delay=delay, by=by)


def outcome(row: WorkOrder) -> tuple:
    return row.outcome_target_on, row.outcome_on, row.outcome_days_late


def counting(row: WorkOrder) -> list[str]:
    return list(row.missed_sla_reasons.filter(counts=True).values_list("reason", flat=True))


def score_of(browser) -> tuple[int, int, int]:
    page = browser.get(URL, {"first": "2026-02", "last": "2026-03"})
    score = page.context["total"].score
    return score.in_time, score.missed, score.excused


def test_what_is_late_today_asks_why_and_counts_as_missed(work_order, dana, clock, client_of):
    clock.move_to(at(9))
    with pytest.raises(ReasonNeeded) as asked:
        give_up(work_order, dana)
    assert (asked.value.on, asked.value.days_late) == (march(9), 2)
    row = give_up(work_order, dana, WEATHER)
    assert (outcome(row), counting(row)) == ((TARGET, march(9), 2), ["weather"])
    assert (row.missed_sla_reasons.get().of, due_of(row).text) == (
        "end",
        "missed by 2 business days",
    )
    assert score_of(client_of(dana)) == (0, 1, 0)
    page = html_of(client_of(dana).get(url("work-order", row.number)))
    assert "Reason for Delay: <b>Delay due to weather</b>" in page
    receipt = html_of(client_of(dana).get(url("receipt", row.number)))
    assert "the day it could not be completed" in receipt


@pytest.mark.parametrize(("day", "counts"), [(4, False), (9, True)])
def test_a_booking_counts_by_its_day_with_its_reason(work_order, dana, day, counts):
    book(work_order, day, dana)
    row = give_up(work_order, dana)
    assert outcome(row) == ((TARGET, march(day), 2) if counts else (None, None, None))
    assert counting(row) == (["weather"] if counts else [])


@pytest.mark.parametrize(("day", "counts"), [(4, False), (6, True)])
def test_the_first_visit_counts_whatever_day_it_ends(work_order, dana, clock, day, counts):
    clock.move_to(at(day))
    services.start_visit(work_order, by=dana)
    services.end_visit(work_order, outcome=VisitOutcome.RETURN, by=dana)
    clock.move_to(at(10))
    row = give_up(work_order, dana, WEATHER)
    assert outcome(row) == ((TARGET, march(6), 1) if counts else (None, None, None))


def test_what_waits_is_on_hold_or_overdue_is_not_missed_by_that(clock, dana, staff):
    waiting_for_parts = make_accepted(dana)
    held = in_progress(dana)
    services.hold(held, reason="Fenced off", stops_clock=True, by=staff)
    overdue = make_accepted(dana)
    ship(overdue, carrier="", service="", estimated_delivery_on=march(3))
    clock.move_to(at(10))
    assert due_of(fresh(overdue)).overdue_since == march(3)
    for row in (waiting_for_parts, held, overdue):
        assert outcome(give_up(row, dana)) == (None, None, None)


def test_canceled_work_never_counts(work_order, staff, clock):
    clock.move_to(at(9))
    row = services.cancel(work_order, comment="It cleared", by=staff)
    assert outcome(row) == (None, None, None)


def test_undone_it_is_open_and_its_reason_counts_no_more(work_order, dana, staff, clock):
    clock.move_to(at(9))
    give_up(work_order, dana, WEATHER)
    row = services.undo_last_step(fresh(work_order), note="Another one", by=staff)
    assert (outcome(row), counting(row), due_of(row).text) == (
        (None, None, None),
        [],
        "2 business days late",
    )
    again = give_up(row, dana)  # the reason for that day counts again
    assert counting(again) == ["weather"]


def test_page_asks_for_one_of_the_nine(work_order, dana, clock, client_of):
    clock.move_to(at(9))
    browser, address = client_of(dana), url("could-not-complete", work_order.number)
    typed = {"version": work_order.version, "reason": "obstruction", "note": "A wall"}
    answer = browser.post(address, typed)
    page = html_of(answer)
    assert (answer.status_code, page.count('name="delay-reason"')) == (200, 9)
    assert 'name="delay-confirmed_target" value="2026-03-05"' in page
    typed["delay-confirmed_target"] = "2026-03-05"
    answer = browser.post(address, typed)
    assert answer.status_code == 422
    assert "Choose a reason for delay." in html_of(answer)
    answer = browser.post(address, typed | {"delay-reason": "weather", "delay-note": "Snow"})
    assert (answer.status_code, fresh(work_order).status) == (302, "could-not-complete")
    assert work_order.missed_sla_reasons.get().note == "Snow"


# --- Declined, and another partner's since
@pytest.fixture
def declined(clock, dana, amped, staff) -> WorkOrder:
    """Target SLA Tue, Mar 3, declined by VoltFix on the 5th, and now with Amped in time."""
    row = make_work_order("WO-9", partner=dana.partner, parts_required=False)
    clock.move_to(at(5))
    give_up(row, dana, WEATHER)
    services.reassign(fresh(row), partner=amped, assigned_on=march(5), by=staff)
    return fresh(row)


@pytest.mark.every_database
def test_a_late_decline_counts_for_the_partner_who_declined(declined, dana, omar, staff, client_of):
    assert (outcome(declined), counting(declined)) == ((None, None, None), [])
    services.accept_work_order(declined, ship_to=None, by=omar)
    services.complete(fresh(declined), began_at=at(5), by=omar)
    assert score_of(client_of(dana)) == (0, 1, 0)
    assert score_of(client_of(omar)) == (1, 0, 0)
    assert score_of(client_of(staff)) == (1, 1, 0)
    by_partner = client_of(staff).get(URL, {"by": "partner"}).context["breakdown"]
    assert [(line.label, line.score.missed) for line in by_partner] == [
        ("Amped Field Services", 0),
        ("VoltFix", 1),
    ]


@pytest.mark.every_database
def test_its_list_and_file_name_it_without_a_link_to_the_other_partners_page(
    declined, dana, omar, client_of
):
    page = client_of(dana).get(LIST, {"figure": "missed"})
    (row,) = page.context["rows"]
    assert (row.how, row.reason) == (
        "Declined, missed by 2 business days",
        "Delay due to weather",
    )
    text = html_of(page)
    assert "WO-9" in text
    assert url("work-order", "WO-9") not in text
    assert "Amped" not in text
    (line,) = csv_of(client_of(dana), "figure=missed")
    assert (line["Partner"], line["Status"], line["Judged by"]) == (
        "VoltFix",
        "Could Not Complete",
        "2026-03-05",
    )
    assert csv_of(client_of(omar), "") == []


def test_its_reason_is_reviewed_and_the_next_partner_reads_nothing_of_it(
    declined, dana, omar, staff, client_of
):
    reason = declined.missed_sla_reasons.get()
    assert [row.pk for row in waiting(at(5))] == [reason.pk]
    services.review_reason(reason, kind=VerdictKind.EXCUSED, note="Fair enough", by=staff)
    assert score_of(client_of(dana)) == (0, 1, 1)
    history = client_of(omar).get(url("history", declined.number))
    assert mismatches(history, without=["weather", "Fair enough"]) == []
    assert omar.notifications.filter(text__contains="Fair").count() == 0
    page = html_of(client_of(staff).get(url("history", declined.number)))
    assert "Fair enough" in page


@pytest.mark.every_database
def test_lists_of_many_go_on_with_the_declines(clock, dana, amped, staff, client_of, monkeypatch):
    monkeypatch.setattr("workorders.views.scorecard.PAGE", 2)
    for n in range(3):
        make_work_order(f"WO-D{n}", partner=dana.partner, parts_required=False)
        make_accepted(dana, number=f"WO-C{n}", parts_required=False)
    clock.move_to(at(5))
    for n in range(3):
        declined = give_up(WorkOrder.objects.get(number=f"WO-D{n}"), dana, WEATHER)
        services.reassign(declined, partner=amped, assigned_on=march(5), by=staff)
    found, after = [], ""
    for _ in range(3):
        page = client_of(dana).get(LIST, {"figure": "missed", "after": after}).context
        found.append([row.work_order.number for row in page["rows"]])
        after = unquote(page["next_page"].rpartition("after=")[2])
    assert found == [["WO-C0", "WO-C1"], ["WO-C2", "WO-D0"], ["WO-D1", "WO-D2"]]
    assert (page["count"], page["next_page"]) == (6, "")


def test_a_later_cycle_that_is_given_up_leaves_the_first_outcome(work_order, dana, staff, clock):
    services.complete(work_order, began_at=at(2), by=dana)
    target = {"next_target_on": march(5), "next_target_reason": "Promised"}
    services.send_back(fresh(work_order), note="It is loose", **target, by=staff)
    services.update_work_order(fresh(work_order), {"entitlement": make_entitlement()}, by=staff)
    clock.move_to(at(9))
    assert outcome(give_up(work_order, dana)) == (TARGET, march(2), 0)
