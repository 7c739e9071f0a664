"""Attempts to reach the POC, a second one, requests for assistance until they are answered,
internal notes.
"""

import datetime as dt

import pytest

from tests.factories import book_on, fresh, make_accepted, make_work_order, ship
from tests.pages import html_of, mismatches
from workorders.models import Comment
from workorders.models.ledger import Event
from workorders.services import (
    POC,
    DomainError,
    InvalidState,
    NotAllowed,
    add_second_poc,
    comment,
    hold,
    log_contact,
    open_requests,
    request_assistance,
    start_visit,
    wants_another_poc,
)
from workorders.states import AssistanceReason, Channel

pytestmark = pytest.mark.usefixtures("clock")
SECOND = POC("Ben Ode", "+1 415 555 0123")


def url(work_order, page: str) -> str:
    return f"/work-orders/{work_order.number}/{page}"


# --- The contact log
@pytest.mark.parametrize(
    ("kind", "summary"),
    [
        ("call-in-vain", "Call: no answer"),
        ("call-reached", "Call: reached"),
        ("mail", "E-mail sent"),
        ("text", "Text sent"),
    ],
)
def test_attempt_is_logged_by_one_button(work_order, dana, client_of, kind, summary):
    answer = client_of(dana).post(
        url(work_order, "contact/"), {"attempt_kind": kind, "remark": "rang long"}
    )
    assert (answer.status_code, str(work_order.contact_attempts.get())) == (302, summary)
    page = html_of(client_of(dana).get(url(work_order, "")))
    assert f"{summary} · rang long" in page
    assert f"“{summary}. rang long”" in html_of(client_of(dana).get(url(work_order, "history/")))


def test_htmx_gets_the_log_alone(work_order, dana, client_of):
    answer = client_of(dana).post(
        url(work_order, "contact/"), {"attempt_kind": "mail"}, headers={"HX-Request": "true"}
    )
    assert html_of(answer).strip().startswith('<section class="sheet pad" id="contacts">')


def test_attempt_that_is_none_is_refused(work_order, dana, client_of):
    answer = client_of(dana).post(url(work_order, "contact/"), {"attempt_kind": "pigeon"})
    assert (answer.status_code, work_order.contact_attempts.count()) == (422, 0)


def test_technician_logs_and_another_partner_does_not(work_order, tess, omar, staff, client_of):
    book_on(work_order, tess)
    data = {"attempt_kind": "mail"}
    answers = [
        client_of(person).post(url(work_order, "contact/"), data) for person in (tess, omar, staff)
    ]
    assert [answer.status_code for answer in answers] == [302, 404, 403]


def attempts(work_order, by, *reached: bool) -> list:
    for one in reached:
        log_contact(work_order, channel=Channel.CALL, reached=one, by=by)
    return list(work_order.contact_attempts.all())


@pytest.mark.parametrize(
    ("reached", "days_later", "offered"),
    [
        ((), 0, False),
        ((), 2, True),
        ((False,), 0, False),
        ((False, False, False), 0, True),
        ((True, False, False, False), 0, True),
        ((False, False, True), 0, False),
        ((False,), 2, True),  # the last business day but one
        ((True,), 2, False),
    ],
)
def test_another_poc_is_offered_after_three_in_vain_or_when_time_runs_out(
    clock, work_order, dana, reached, days_later, offered
):
    made = attempts(work_order, dana, *reached)
    clock.move_to(dt.datetime(2026, 3, 2 + days_later, 17, tzinfo=dt.UTC))
    assert wants_another_poc(fresh(work_order), made) == offered


def test_nobody_is_asked_about_the_poc_before_acceptance_or_after_a_visit(clock, dana):
    assigned = make_work_order(
        partner=dana.partner, parts_required=False, assigned_on=dt.date(2026, 2, 23)
    )
    visited = make_accepted(dana, parts_required=False)
    start_visit(visited, by=dana)
    clock.move_to(dt.datetime(2026, 3, 6, 17, tzinfo=dt.UTC))
    assert [wants_another_poc(fresh(row), []) for row in (assigned, visited)] == [False, False]


def test_nobody_is_asked_about_the_poc_while_the_parts_are_overdue(clock, dana):
    row = make_accepted(dana)
    ship(row, carrier="", service="", estimated_delivery_on=dt.date(2026, 3, 4))
    clock.move_to(dt.datetime(2026, 3, 6, 17, tzinfo=dt.UTC))
    assert not wants_another_poc(fresh(row), [])


def test_offer_leads_to_a_request_with_its_reason(work_order, dana, client_of):
    attempts(work_order, dana, False, False, False)
    page = html_of(client_of(dana).get(url(work_order, "")))
    assert "request-assistance/?reason=poc-unresponsive" in page
    asked = html_of(
        client_of(dana).get(url(work_order, "request-assistance/?reason=poc-unresponsive"))
    )
    assert '<option value="poc-unresponsive" selected>' in asked


# --- A second POC
def test_second_poc_is_beside_the_first_and_is_found(work_order, dana, client_of):
    data = {"version": work_order.version, "name": "Ben Ode", "phone": "+1 415 555 0123"}
    assert client_of(dana).post(url(work_order, "second-poc/"), data).status_code == 302
    page = html_of(client_of(dana).get(url(work_order, "")))
    assert mismatches(page, "Priya Natarajan", "Ben Ode") == []
    found = client_of(dana).get("/work-orders/", {"q": "Ben Ode"})
    assert found.headers["Location"] == url(work_order, "")


def test_second_poc_is_not_copied_to_the_ledger(work_order, dana):
    add_second_poc(work_order, SECOND, by=dana)
    entry = work_order.ledger.get(event=Event.POC_ADDED)
    assert set(entry.changes.values()) == {None}


@pytest.mark.parametrize("poc", [POC("", "+1 415 555 0123"), POC("Ben")])
def test_poc_without_a_name_or_a_way_to_reach_him_is_refused(work_order, dana, poc):
    with pytest.raises(DomainError):
        add_second_poc(work_order, poc, by=dana)


def test_third_poc_is_refused(work_order, dana, tess):
    book_on(work_order, tess)
    add_second_poc(work_order, SECOND, by=dana)
    with pytest.raises(InvalidState):
        add_second_poc(fresh(work_order), SECOND, by=dana)
    with pytest.raises(NotAllowed):
        add_second_poc(fresh(work_order), SECOND, by=tess)


# --- Assistance
def test_request_is_open_until_staff_answer(work_order, dana, staff, client_of):
    request_assistance(work_order, body="Which gate?", reason=AssistanceReason.SITE_ACCESS, by=dana)
    page = html_of(client_of(dana).get(url(work_order, "")))
    assert mismatches(page, "Site access", "Waiting for ChargePoint’s answer") == []
    comment(work_order, body="We wait for an answer.", by=dana)
    comment(work_order, body="I ask the site.", internal=True, by=staff)
    assert open_requests(work_order).count() == 1
    comment(work_order, body="The north one.", by=staff)
    assert open_requests(work_order).count() == 0
    assert "Assistance requested" not in html_of(client_of(dana).get(url(work_order, "")))
    assert "answered" in html_of(client_of(dana).get(url(work_order, "collaborate/")))


def test_hold_answers_the_request_and_reminds_of_its_end(clock, work_order, dana, staff, client_of):
    until = dt.date(2026, 3, 9)
    request_assistance(
        work_order, body="Site closed", reason=AssistanceReason.HOLD, until=until, by=dana
    )
    hold(fresh(work_order), reason="Site closed", stops_clock=True, resume_on=until, by=staff)
    assert open_requests(work_order).count() == 0
    assert "Due to resume on" in html_of(client_of(dana).get(url(work_order, "")))
    clock.move_to(dt.datetime(2026, 3, 10, 17, tzinfo=dt.UTC))
    assert "It was due to resume on" in html_of(client_of(dana).get(url(work_order, "")))


@pytest.mark.parametrize("until", [None, dt.date(2026, 3, 2)])
def test_hold_is_asked_for_with_a_day_to_come(work_order, dana, until):
    with pytest.raises(DomainError) as refused:
        request_assistance(
            work_order, body="Wait", reason=AssistanceReason.HOLD, until=until, by=dana
        )
    assert (refused.value.field, Comment.objects.count()) == ("until", 0)


def ask(client_of, person, work_order, **typed):
    return client_of(person).post(
        url(work_order, "request-assistance/"), {"body": "Site closed"} | typed
    )


def test_day_alone_asks_for_a_hold_and_history_tells_it(work_order, dana, client_of):
    assert ask(client_of, dana, work_order, until="2026-03-09").status_code == 302
    asked = open_requests(work_order).get()
    assert (asked.assistance, asked.until) == ("hold", dt.date(2026, 3, 9))
    history = html_of(client_of(dana).get(url(work_order, "history/")))
    assert "“Put on hold until a date (Mon, Mar 9)”" in history


def test_day_beside_another_reason_is_not_lost(work_order, dana, client_of):
    answer = ask(client_of, dana, work_order, until="2026-03-09", reason="parts")
    assert (answer.status_code, list(answer.context["form"].errors), Comment.objects.count()) == (
        422,
        ["until"],
        0,
    )


def test_hold_is_resumed_on_a_day_to_come(work_order, staff):
    with pytest.raises(DomainError) as refused:
        hold(
            work_order,
            reason="Site closed",
            stops_clock=True,
            resume_on=dt.date(2026, 3, 2),
            by=staff,
        )
    assert refused.value.field == "resume_on"


# --- Internal notes
def test_internal_note_is_for_staff_alone(work_order, dana, staff, client_of):
    comment(work_order, body="This partner is always late.", internal=True, by=staff)
    for page in ("", "collaborate/", "history/", "receipt/"):
        seen = html_of(client_of(dana).get(url(work_order, page)))
        assert mismatches(seen, without=["always late", "Internal"]) == []
    assert "always late" in html_of(client_of(staff).get(url(work_order, "collaborate/")))


def test_internal_note_is_not_counted_for_the_partner(work_order, dana, staff, client_of):
    comment(work_order, body="Secret", internal=True, by=staff)
    comment(work_order, body="Hello", by=staff)
    counts = [
        client_of(person).get(url(work_order, "")).context["tabs"][3][2] for person in (dana, staff)
    ]
    assert counts == [1, 2]


def test_partner_writes_no_internal_note(work_order, dana):
    with pytest.raises(NotAllowed):
        comment(work_order, body="Secret", internal=True, by=dana)


def test_note_of_staff_makes_nobodys_page_stale(dana, staff):
    made = make_accepted(dana)
    comment(made, body="Secret", internal=True, by=staff)
    log_contact(made, channel=Channel.CALL, reached=False, by=dana)
    hold(made, reason="x", stops_clock=False, by=staff, version=made.version)
    assert fresh(made).status == "on-hold"


# --- Unread marks
def has_news(client_of, person, work_order) -> bool:
    return '<span class="tag go">new</span>' in html_of(client_of(person).get(url(work_order, "")))


@pytest.mark.every_database
def test_thread_is_marked_new_until_it_is_read(clock, work_order, dana, tess, staff, client_of):
    book_on(work_order, tess)
    comment(work_order, body="Hello", by=staff)
    people = (dana, tess, staff)
    assert [each for each in people if has_news(client_of, each, work_order)] == [dana, tess]
    client_of(dana).get(url(work_order, "collaborate/"))
    assert [each for each in people if has_news(client_of, each, work_order)] == [tess]
    clock.shift(60)
    comment(work_order, body="Still there?", by=staff)
    assert has_news(client_of, dana, work_order)


@pytest.mark.every_database
def test_what_is_new_is_marked_in_the_list_and_in_the_thread_once(
    clock, work_order, dana, staff, client_of
):
    browser = client_of(dana)
    comment(work_order, body="Hello", by=dana)
    comment(work_order, body="Which gate?", by=staff)
    listed = html_of(browser.get("/work-orders/?status=any"))
    assert listed.count('new<span class="visually-hidden"> in Collaborate') == 1
    for found in ([False, True], [False, False]):
        comments = browser.get(url(work_order, "collaborate/")).context["comments"]
        assert [row.is_new for row in comments] == found
    assert "in Collaborate" not in html_of(browser.get("/work-orders/?status=any"))


def test_internal_note_is_no_news_for_the_partner(work_order, dana, admin_user, staff, client_of):
    comment(work_order, body="Secret", internal=True, by=staff)
    people = (dana, admin_user)
    assert [each for each in people if has_news(client_of, each, work_order)] == [admin_user]
