"""What the portal knows is said above the reasons: a proposal in a sentence, never a choice made
for anyone.
"""

import datetime as dt

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import fresh, make_work_order, ship
from tests.pages import html_of, mismatches
from workorders import services
from workorders.history.evidence import findings
from workorders.services import Booking, book_appointment, log_contact, reassign
from workorders.states import Channel, DelayReason, PartProblem

HTMX = {"HX-Request": "true"}
YES = {"appointment_at": "2026-03-12T09:00", "answer": "yes"}


def asked(post, work_order) -> str:
    """The dialog with the nine reasons."""
    current = fresh(work_order)
    page = html_of(
        post(HTMX, **YES, version=current.version, confirmed_target=str(current.target_on))
    )
    assert page.count('type="radio"') == 9
    return page[page.index("<dialog") :]


def move_edd(work_order, day: int) -> None:
    shipment = work_order.shipments.get()
    ship(
        work_order,
        shipment.number,
        carrier="",
        service="",
        estimated_delivery_on=dt.date(2026, 3, day),
    )


def chosen(page: str) -> int:
    return page.count("checked")


def test_where_the_portal_knows_nothing_it_says_nothing(work_order, post):
    page = asked(post, work_order)
    assert (chosen(page), mismatches(page, without=["What the portal knows"])) == (0, [])


def test_an_edd_that_moved_after_the_booking_speaks_for_late_parts_with_both_dates(
    work_order, post, clock, dana
):
    at = dt.datetime(2026, 3, 5, 17, tzinfo=dt.UTC)
    book_appointment(work_order, Booking(at, "Robin", "+1 415 555 0111"), by=dana)
    clock.shift(60)
    move_edd(work_order, 5)
    page = asked(post, work_order)
    moved = "The Estimated Delivery Date of FSO-1 moved from Wed, Mar 4 to Thu, Mar 5"
    speaks = "This points to “Part delivery is later than expected delivery date”."
    assert f"{moved}, after the appointment was booked. {speaks}" in page
    assert page.index("What the portal knows") < page.index("<fieldset")
    assert chosen(page) == 0


def test_an_edd_that_moved_earlier_says_nothing(work_order, post):
    move_edd(work_order, 3)
    assert "What the portal knows" not in asked(post, work_order)


def test_a_part_that_is_overdue_or_came_late_speaks_for_late_parts(work_order, post, clock, dana):
    clock.shift(dt.timedelta(days=3))
    assert (
        "FSO-1 was expected on Wed, Mar 4 and has not arrived. This points to “Part delivery"
        in asked(post, work_order)
    )
    services.parts_received(fresh(work_order), numbers=["FSO-1"], on=dt.date(2026, 3, 5), by=dana)
    assert [finding.sentence for finding in findings(fresh(work_order), dana)] == [
        "FSO-1 was expected on Wed, Mar 4 and arrived on Thu, Mar 5."
    ]


def test_attempts_in_vain_speak_for_the_poc_until_one_reaches(work_order, post, clock, dana):
    for _ in range(2):
        log_contact(fresh(work_order), channel=Channel.CALL, reached=False, by=dana)
        clock.shift(60)
    page = asked(post, work_order)
    sentence = "2 attempts to reach the POC since Mon, Mar 2, no answer logged."
    assert f"{sentence} This points to “Delay due to Unresponsive POC”." in page
    assert chosen(page) == 0
    log_contact(fresh(work_order), channel=Channel.CALL, reached=True, by=dana)
    assert "What the portal knows" not in asked(post, work_order)


def test_every_finding_is_told_damaged_parts_first_at_the_same_cost(work_order, post, dana):
    with CaptureQueriesContext(connection) as without:
        asked(post, work_order)
    work_order.part_reports.create(
        shipment=work_order.shipments.get(),
        part_number="CBL-7",
        problem=PartProblem.DAMAGED,
        reported_by=dana,
    )
    move_edd(work_order, 5)
    log_contact(fresh(work_order), channel=Channel.MAIL, reached=False, by=dana)
    with CaptureQueriesContext(connection) as known:
        page = asked(post, work_order)
    assert len(known) == len(without)
    about = [found.reason for found in findings(fresh(work_order), dana)]
    assert about == [DelayReason.PARTS_DAMAGED, DelayReason.PART_LATE, DelayReason.UNRESPONSIVE_POC]
    places = [page.index(f"This points to “{reason.label}”.") for reason in about]
    assert places == sorted(places)
    assert "1 × CBL-7 damaged was reported on Mon, Mar 2." in page


def test_what_stood_before_another_partner_got_the_work_is_not_told_to_him(
    clock, dana, omar, staff
):
    work_order = make_work_order(partner=dana.partner, parts_required=False)
    log_contact(work_order, channel=Channel.CALL, reached=False, by=dana)
    clock.shift(60)
    services.could_not_complete(fresh(work_order), reason="no-capacity", note="No crew", by=dana)
    today = timezone.now().date()
    row = reassign(fresh(work_order), partner=omar.partner, assigned_on=today, by=staff)
    assert findings(row, omar) == []
    assert [found.reason for found in findings(row, staff)] == [DelayReason.UNRESPONSIVE_POC]
