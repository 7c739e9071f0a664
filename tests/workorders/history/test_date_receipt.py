"""The date receipt: every date with its cause, for those who may see the work order, and fit to
leave the house.
"""

import datetime as dt
import functools
import html
import re

import pytest
from django.urls import reverse

from tests.factories import book_on, fresh, make_accepted, make_entitlement, ready_to_complete
from tests.pages import html_of
from workorders import services
from workorders.services.calendars.entitlements import save_entitlement
from workorders.services.calendars.recalculating import recalculate
from workorders.states import DelayReason

pytestmark = pytest.mark.once

QUERIES = 7  # session, user, work order, shipments, holds, ledger, appointments


def march(day: int) -> dt.date:
    return dt.date(2026, 3, day)


def due(work_order, day: int, number: str = "FSO-1", by=None, **more) -> None:
    known = {"kind": "FSO", "status": "shipped", "estimated_delivery_on": march(day)}
    services.enter_shipment(work_order, number, services.ShipmentDetails(**known | more), by=by)


def book(work_order, day: int, by, **more) -> None:
    at = dt.datetime(2026, 3, day, 17, tzinfo=dt.UTC)
    services.book_appointment(
        fresh(work_order), services.Booking(at, "Robin", "+1 415 555 0111", **more), by=by
    )


@pytest.fixture
def receipt(work_order, client_of):
    """The receipt as this person sees it; logged in once."""
    browser = functools.cache(client_of)

    def opened(user, of=work_order):
        return browser(user).get(reverse("receipt", args=[of.number]))

    return opened


def text_of(answer) -> str:
    """What a person reads, without markup, in one line."""
    article = re.search(r"<article.*</article>", html_of(answer), re.DOTALL)[0]
    within_words = re.sub(r"</?(?:b|span|time)\b[^>]*>", "", article)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", within_words)).split())


def test_the_head_says_what_it_is_about_and_who_printed_it_when(receipt, work_order, dana):
    text = text_of(receipt(dana))
    for words in (
        f"Work Order Number {work_order.number}",
        f"Case {work_order.case_number}",
        "Account Bluebird Retail Trust",
        "(America/Los_Angeles)",
        "Partner VoltFix",
        "Entitlement Assure",
        "Service Territory US-Federal",
        "Printed Mon, Mar 2, 9:00 AM PST by Dana, VoltFix",
        "Target SLA Thu, Mar 5 · in 3 business days",
    ):
        assert words in text


def test_the_sum_is_shown_day_by_day_with_rule_and_calendar(receipt, dana):
    text = text_of(receipt(dana))
    assert (
        "Wed, Mar 4 Delivery of FSO-1 expected start Thu, Mar 5 business day 1 of 1 Thu, Mar 5"
        " Target SLA" in text
    )
    assert "Assure, revision 1: 1 business day, counted from the day after the start." in text
    assert "Business calendar of US-Federal, revision 1." in text


def test_moves_stand_in_order_with_cause_and_person(receipt, work_order, dana, staff, clock):
    due(work_order, 6, by=staff)
    clock.shift(dt.timedelta(days=1))
    services.parts_received(fresh(work_order), numbers=["FSO-1"], on=march(3), by=dana)
    moves = receipt(dana).context["moves"]
    assert [(m.old, m.new, m.cause, m.who, m.start) for m in moves] == [
        (None, march(5), "Shipment added: FSO-1", "Portal", (None, march(4))),
        (march(5), march(9), "Shipment updated: FSO-1", "ChargePoint staff", (march(4), march(6))),
        (march(9), march(4), "Parts received: FSO-1", "Dana", (march(6), march(3))),
    ]
    assert (
        "Tue, Mar 3, 9:00 AM PST Mon, Mar 9 → Wed, Mar 4 Parts received: FSO-1 · Dana"
        in text_of(receipt(dana))
    )


def test_a_move_by_a_new_service_level_names_the_revision_and_who_made_it(
    receipt, work_order, dana, staff
):
    entitlement = make_entitlement()
    entitlement.business_days = 3
    save_entitlement(entitlement, by=staff)
    recalculate()
    move = receipt(dana).context["moves"][-1]
    assert (move.old, move.new, move.who) == (march(5), march(9), "ChargePoint staff")
    assert move.cause.startswith("Service level Assure, revision 2")


def test_a_move_that_someone_merely_came_upon_is_not_his(receipt, work_order, dana, staff):
    entitlement = make_entitlement()
    entitlement.business_days = 3
    save_entitlement(entitlement, by=staff)
    book(work_order, 5, by=dana)  # before the recalculation came to it
    assert [move.who for move in receipt(dana).context["moves"]] == ["Portal", "Portal"]


def test_deliveries_are_those_of_required_parts_with_who_said_so(
    receipt, work_order, dana, staff, clock
):
    due(work_order, 6, by=staff)
    due(work_order, 9, "FSO-2", required=False)
    clock.shift(dt.timedelta(days=1))
    services.parts_received(fresh(work_order), numbers=["FSO-1"], on=march(3), by=dana)
    due(work_order, 6, status="delivered", delivered_on=march(3), by=staff)
    deliveries = [
        (d.number, d.what, d.old, d.new, d.remark, d.who)
        for d in receipt(dana).context["deliveries"]
    ]
    assert deliveries == [
        ("FSO-1", "Estimated Delivery Date", None, march(4), "", "Portal"),
        ("FSO-1", "Estimated Delivery Date", march(4), march(6), "", "ChargePoint staff"),
        ("FSO-1", "Delivered Date", None, march(3), "reported by the partner", "Dana"),
        ("FSO-1", "Delivered Date", None, None, "confirmed", "ChargePoint staff"),
    ]


def test_a_delivery_that_was_taken_back_is_told(receipt, work_order, dana, staff):
    due(work_order, 4, status="delivered", delivered_on=march(2), by=staff)
    services.undo_last_step(fresh(work_order), note="Another parcel", by=staff)
    last = receipt(dana).context["deliveries"][-1]
    assert (last.what, last.old, last.new, last.remark) == (
        "Delivered Date",
        march(2),
        None,
        "taken back",
    )


def test_holds_say_whether_the_clock_stopped(receipt, work_order, dana, staff, clock):
    services.hold(work_order, reason="Permit", stops_clock=True, by=staff)
    clock.shift(dt.timedelta(days=1))
    services.resume(fresh(work_order), by=staff)
    services.hold(fresh(work_order), reason="POC away", stops_clock=False, by=staff)
    text = text_of(receipt(dana))
    assert "Mon, Mar 2 to Tue, Mar 3 stopped Permit Tue, Mar 3 to open runs on POC away" in text


def test_appointments_stand_in_order_with_what_they_were_judged_as(
    receipt, work_order, dana, clock
):
    book(work_order, 5, by=dana)
    clock.shift(dt.timedelta(hours=1))
    book(
        work_order,
        10,
        by=dana,
        confirmed_target=march(5),
        reason=DelayReason.WEATHER,
        note="Storm warning",
    )
    visits = receipt(dana).context["bookings"]
    assert [(v.row.on, v.judgement, v.row.judged_by, v.is_current, v.who) for v in visits] == [
        (march(5), "in time", march(5), False, "Dana"),
        (march(10), "3 business days late", march(5), True, "Dana"),
    ]
    text = text_of(receipt(dana))
    assert "Reason for Delay: Delay due to weather. The forecast rules the work out" in text
    assert "“Storm warning”" in text


def test_an_appointment_without_a_target_was_not_judged(receipt, clock, dana):
    work_order = make_accepted(dana)
    book(work_order, 5, by=dana)
    assert [v.judgement for v in receipt(dana, work_order).context["bookings"]] == [
        "not judged: there was no target"
    ]


def test_a_visit_entered_afterwards_says_so(receipt, work_order, dana, clock):
    clock.shift(dt.timedelta(days=3))
    book(work_order, 4, by=dana, confirmed_past=dt.date(2026, 3, 4))
    assert "Entered after the visit." in text_of(receipt(dana))


@pytest.mark.parametrize(
    ("day", "answers", "outcome"),
    [
        (
            5,
            {},
            (
                "Outcome met: Thu, Mar 5, the first visit Judged by Thu, Mar 5, the target"
                " when that day was booked in time"
            ),
        ),
        (
            10,
            {"confirmed_target": march(5), "reason": DelayReason.WEATHER},
            (
                "Outcome missed by 5 business days: Tue, Mar 10, the first visit Judged by"
                " Tue, Mar 3"
            ),
        ),
    ],
)
def test_a_frozen_outcome_names_the_target_that_judged_it(
    receipt, work_order, dana, clock, day, answers, outcome
):
    book(work_order, day, by=dana, **answers)
    services.parts_received(fresh(work_order), numbers=["FSO-1"], on=march(2), by=dana)
    clock.move_to(dt.datetime(2026, 3, day, 17, tzinfo=dt.UTC))
    services.complete(ready_to_complete(work_order, by=dana), by=dana)
    text = text_of(receipt(dana))
    assert "Target SLA Tue, Mar 3 Outcome" in text
    assert outcome in text


def test_a_work_order_without_any_date_has_a_receipt_too(receipt, clock, dana):
    text = text_of(receipt(dana, make_accepted(dana)))
    for words in (
        "no date yet · waiting for the delivery date",
        "It never had one.",
        "None was booked.",
    ):
        assert words in text


# --- Who sees it, and what it never holds
def test_everyone_who_may_see_the_work_order_may_see_it(receipt, work_order, dana, tess, staff):
    assert receipt(tess).status_code == 404
    book_on(work_order, tess)
    assert [receipt(person).status_code for person in (dana, tess, staff)] == [200, 200, 200]


def test_another_partners_is_not_there(receipt, work_order, omar):
    answer = receipt(omar)
    assert answer.status_code == 404
    assert work_order.number not in html_of(answer)


def test_it_takes_no_post(work_order, dana, client_of):
    assert client_of(dana).post(reverse("receipt", args=[work_order.number])).status_code == 405


def test_partners_read_the_company_and_staff_read_names(receipt, work_order, dana, staff):
    staff.name = "Sabine Kessler"
    staff.save(update_fields=["name"])
    due(work_order, 6, by=staff)
    services.hold(fresh(work_order), reason="Permit", stops_clock=True, by=staff)
    assert staff.name not in html_of(receipt(dana))
    assert f"Put on hold · {staff.name}" in text_of(receipt(staff))


def test_no_phone_number_and_no_address_of_a_person_is_on_it(receipt, work_order, dana, staff):
    book(work_order, 5, by=dana, contact_email="robin@voltfix.example")
    services.comment(work_order, body="Call +1 415 555 0199", by=staff)
    row = fresh(work_order)
    private = [
        row.poc_name,
        row.poc_phone,
        row.poc_email,
        "+1 415 555 0111",
        "robin@voltfix.example",
        "0199",
    ]
    private += [row.ship_to.phone, row.ship_to.street, dana.email, staff.email]
    for person in (dana, staff):
        page = html_of(receipt(person))
        assert [word for word in private if word in page] == []
        assert re.findall(r"[\w.]+@[\w.]+|tel:|mailto:", page) == []


def test_what_people_wrote_is_escaped(receipt, work_order, dana, staff):
    services.hold(work_order, reason="<script>alert(1)</script>", stops_clock=False, by=staff)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html_of(receipt(dana))


def test_it_takes_as_many_queries_with_many_moves_as_with_one(
    receipt, work_order, dana, staff, django_assert_num_queries
):
    receipt(dana)
    with django_assert_num_queries(QUERIES):
        receipt(dana)
    for day in (5, 6, 9, 10):
        due(work_order, day, by=staff)
    due(work_order, 11, "FSO-2", by=staff)
    for day in (11, 12):
        book(work_order, day, by=dana)
    with django_assert_num_queries(QUERIES):
        assert len(receipt(dana).context["moves"]) == 6


def test_every_date_is_one_for_machines_too(receipt, work_order, dana):
    book(work_order, 5, by=dana)
    article = re.search(r"<article.*</article>", html_of(receipt(dana)), re.DOTALL)[0]
    words = re.sub(r"<time.*?</time>", "", article)
    assert re.findall(r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), ", words) == []
