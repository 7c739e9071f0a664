"""Who is notified of what.

Every kind comes from its service; nobody hears of what they did themselves, or of another partner's
work.
"""

import datetime as dt

import pytest
from django.db import connection, transaction

from portal.people.models import User
from portal.people.roles import Right, Role
from portal.people.services import choose_notifications
from tests.factories import (
    book_on,
    fresh,
    make_accepted,
    make_carrier_service,
    make_entitlement,
    make_user,
    make_work_order,
    ready_to_complete,
    ship,
)
from tests.workorders.services.test_reviewing import book_late
from workorders import services
from workorders.models import Notification, ShipmentPart
from workorders.models.notifications import ROUTING, Kind, Timing
from workorders.services import Booking
from workorders.states import AssistanceReason, CouldNotCompleteReason, PartProblem, VerdictKind

pytestmark = pytest.mark.once

D = dt.date


@pytest.fixture
def dora(voltfix) -> User:
    """A second dispatcher of VoltFix, who hears of what Dana does for the others to know."""
    return make_user("dora@voltfix.example", Role.MANAGER, partner=voltfix)


@pytest.fixture
def notified(work_order, dora, tess, staff, omar):
    """What someone was notified of since, in words; nothing of what made the work order."""
    Notification.objects.all().delete()

    def of(user: User) -> list[tuple[str, str]]:
        rows = (
            Notification.objects.filter(user=user).select_related("work_order__site").order_by("pk")
        )
        return [(row.kind, row.plain_text) for row in rows]

    return of


def test_every_kind_has_recipients_and_a_timing():
    assert set(ROUTING) == set(Kind)
    at_once = {kind.value for kind, route in ROUTING.items() if route.timing == Timing.AT_ONCE}
    assert at_once == {
        *("canceled", "taken-away", "held", "sent-back", "booking-broken", "delivered"),
        *("answer-wanted", "became-late", "assistance-asked", "target-near"),
    }


def test_a_new_work_order_is_told_to_its_partner_alone(clock, dana, tess, omar, staff):
    make_work_order("WO-1")
    assert [(row.user, row.kind, row.plain_text) for row in Notification.objects.all()] == [
        (dana, "new", "Assigned on Mon, Mar 2.")
    ]


def test_shipped_tells_when_the_parts_come_and_the_target(notified, work_order, dana):
    make_carrier_service("FedEx", "2Day", 2)
    other = make_accepted(dana)
    ship(other, "FSO-2", carrier="FedEx", service="2Day", pick_up_on=D(2026, 3, 2))
    assert notified(dana)[-1] == (
        "shipped",
        (
            "FSO-2 is on its way with FedEx 2Day, estimated delivery Wed, Mar 4. The Target SLA is"
            " Thu, Mar 5."
        ),
    )


def test_an_edd_that_moves_tells_old_and_new_and_the_new_target(notified, work_order, dana, tess):
    ship(work_order, carrier="", service="", estimated_delivery_on=D(2026, 3, 6))
    moved = "FSO-1: the Estimated Delivery Date moved from Wed, Mar 4 to Fri, Mar 6."
    assert notified(dana) == [
        ("edd-moved", f"{moved} The Target SLA moved from Thu, Mar 5 to Mon, Mar 9.")
    ]
    assert notified(tess) == []


def test_an_edd_behind_the_appointment_is_told_at_once_also_to_its_technician(
    notified, work_order, dana, tess
):
    book_on(work_order, tess)
    ship(work_order, carrier="", service="", estimated_delivery_on=D(2026, 3, 6))
    broken = (
        "FSO-1: the Estimated Delivery Date moved from Wed, Mar 4 to Fri, Mar 6. The appointment on"
        " Thu, Mar 5 is before that: move it. The Target SLA moved from Thu, Mar 5 to Mon, Mar 9."
    )
    assert (notified(dana), notified(tess)) == (
        [("booking-broken", broken)],
        [("booking-broken", broken)],
    )
    assert {row.how for row in Notification.objects.all()} == {"at-once"}
    ship(work_order, carrier="", service="", estimated_delivery_on=D(2026, 3, 9))
    assert [kind for kind, _ in notified(dana)] == [
        "booking-broken",
        "edd-moved",
    ]  # it was broken already


def test_delivery_is_told_to_everyone_but_who_reported_it(notified, work_order, dana, dora, clock):
    services.parts_received(work_order, numbers=["FSO-1"], on=D(2026, 3, 2), by=dana)
    there = "FSO-1 was delivered on Mon, Mar 2. All required parts have arrived. "
    moved = "The Target SLA moved from Thu, Mar 5 to Tue, Mar 3."
    assert (notified(dana), notified(dora)) == ([], [("delivered", there + moved)])


def test_an_appointment_found_late_when_the_target_comes_asks_for_a_reason(notified, dana):
    row = make_accepted(dana)
    services.book_appointment(
        row,
        Booking(dt.datetime(2026, 3, 20, 17, tzinfo=dt.UTC), "Robin", "+1 415 555 0111"),
        by=dana,
    )
    ship(fresh(row), "FSO-2", carrier="", service="", estimated_delivery_on=D(2026, 3, 4))
    assert notified(dana)[-1] == (
        "became-late",
        (
            "The appointment on Fri, Mar 20 is later than the Target SLA, Thu, Mar 5: give a"
            " reason, or move it."
        ),
    )
    ship(fresh(row), "FSO-2", carrier="", service="", estimated_delivery_on=D(2026, 3, 5))
    assert [kind for kind, _ in notified(dana)].count("became-late") == 1  # it stays late


def test_booking_tells_its_technician_and_the_one_who_had_it(
    notified, work_order, dana, tess, voltfix
):
    toni = make_user("toni@voltfix.example", Role.TECHNICIAN, partner=voltfix)
    at = dt.datetime(2026, 3, 4, 17, tzinfo=dt.UTC)
    for technician in (tess, toni):
        booking = Booking(
            at, technician.name, contact_email=technician.email, technician=technician
        )
        services.book_appointment(
            fresh(work_order), booking._replace(confirmed_parts=D(2026, 3, 4)), by=dana
        )
    where = "Mission Creek Offices, San Francisco"
    assert notified(tess) == [
        ("booked", f"You are booked for Wed, Mar 4, 9:00 AM PST: {where}."),
        ("booked", f"You are no longer booked for Wed, Mar 4, 9:00 AM PST: {where}."),
    ]
    assert notified(toni) == [("booked", f"You are booked for Wed, Mar 4, 9:00 AM PST: {where}.")]


def test_a_reason_its_verdicts_and_the_answer_go_back_and_forth(
    notified, work_order, dana, dora, staff
):
    reason = book_late(work_order, dana)
    assert notified(staff) == [
        (
            "reason-given",
            "VoltFix: Delay due to weather. Appointment Mon, Mar 9, Target SLA Thu, Mar 5.",
        )
    ]
    verdict = services.review_reason(reason, kind=VerdictKind.MORE, note="Which storm?", by=staff)
    assert notified(dana) == [
        ("answer-wanted", "Delay due to weather: More information needed. Which storm?")
    ]
    services.answer_verdict(verdict, body="The one of Sunday", by=dana)
    assert notified(staff)[1:] == [
        ("verdict-answered", "VoltFix answered the verdict: “The one of Sunday”")
    ]
    services.review_reason(reason, kind=VerdictKind.EXCUSED, by=staff)
    assert notified(dora)[1:] == [("judged", "Delay due to weather: Excused")]


def test_assistance_is_asked_of_staff_and_answered_to_the_partner(
    notified, work_order, clock, dana, staff
):
    services.request_assistance(
        work_order, body="Nobody opens", reason=AssistanceReason.SITE_ACCESS, by=dana
    )
    assert notified(staff) == [
        ("assistance-asked", "VoltFix asked for assistance, Site access: “Nobody opens”")
    ]
    services.comment(work_order, body="Ring at the gate", by=staff)
    clock.shift(60)
    services.comment(work_order, body="It opens at nine", by=staff)
    assert notified(dana) == [
        ("assistance-answered", "“Ring at the gate”"),
        ("message", "“It opens at nine”"),
    ]
    services.comment(work_order, body="Thank you", by=dana)
    assert notified(staff)[1:] == [("partner-message", "VoltFix wrote: “Thank you”")]


def test_an_internal_note_is_told_to_nobody(notified, work_order, dana, dora, staff, admin_user):
    services.comment(work_order, body="They are slow", internal=True, by=staff)
    services.cancel(fresh(work_order), comment="The fault cleared.", by=admin_user)
    assert notified(dana) == [
        ("canceled", "The work is canceled. Do not go to the site. “The fault cleared.”")
    ]
    assert "slow" not in str(list(Notification.objects.values_list("text", flat=True)))


def test_hold_resume_and_what_ends_the_work(notified, work_order, dana, staff):
    services.hold(work_order, reason="Permit", stops_clock=False, by=staff)
    services.resume(fresh(work_order), by=staff)
    services.parts_received(fresh(work_order), numbers=["FSO-1"], on=D(2026, 3, 2), by=dana)
    services.complete(ready_to_complete(work_order, by=dana), by=dana)
    services.send_back(fresh(work_order), note="The cover is loose", by=staff)
    services.complete(ready_to_complete(work_order, by=dana), by=dana)
    services.close(fresh(work_order), by=staff)
    services.undo_last_step(fresh(work_order), note="Too early", by=staff)
    assert notified(dana) == [
        ("held", "The work is on hold. Permit"),
        ("resumed", "Work can continue; the status is Shipped. The Target SLA is Thu, Mar 5."),
        ("sent-back", "The work was sent back to you. The cover is loose"),
        ("closed", "The work is confirmed and closed."),
        ("closed", "“Closed” was undone; the status is Completed. Too early"),
    ]


def test_declined_and_reassigned_work_is_new_to_the_other_partner(
    notified, dana, omar, staff, amped
):
    row = make_work_order("WO-1")
    services.could_not_complete(
        row, reason=CouldNotCompleteReason.NO_CAPACITY, note="All are ill", by=dana
    )
    assert notified(staff) == [("given-up", "VoltFix declined it: No capacity. All are ill")]
    services.reassign(fresh(row), partner=amped, assigned_on=D(2026, 3, 2), by=staff)
    assert [kind for kind, _ in notified(omar)] == ["new"]
    seen = Notification.objects.visible_to(dana).filter(work_order=row)
    assert list(seen) == []  # what stood before is Amped's work order now


def test_damaged_parts_are_told_to_staff_and_settled_to_the_partner(
    notified, work_order, dana, staff
):
    part = ShipmentPart.objects.create(shipment=work_order.shipments.get(), part_number="CBL-1")
    report = services.report_part(
        fresh(work_order),
        part=part.pk,
        problem=PartProblem.DAMAGED,
        quantity=1,
        note="Bent",
        by=dana,
    )
    services.settle_reports(fresh(work_order), reports=[report.pk], note="Bend it back", by=staff)
    assert notified(staff) == [("parts-reported", "VoltFix: 1 × CBL-1 damaged: Bent")]
    assert notified(dana) == [("message", "1 × CBL-1 damaged: Bend it back")]


def test_a_target_that_moves_for_another_cause_is_told_by_itself(notified, work_order, dana, staff):
    values = {"assigned_on": D(2026, 3, 2), "entitlement": make_entitlement("Assure 3-Day", 3)}
    services.update_work_order(fresh(work_order), values, by=staff)
    assert notified(dana) == [
        ("target-moved", "The Target SLA moved from Thu, Mar 5 to Mon, Mar 9: Work order updated.")
    ]


def test_nothing_is_told_of_what_is_taken_back(notified, work_order, dana, staff):
    with transaction.atomic():
        services.cancel(work_order, comment="The fault cleared.", by=staff)
        transaction.set_rollback(True)
    assert Notification.objects.count() == 0


def test_a_choice_and_a_shared_mailbox_decide_how(notified, work_order, dana, dora, voltfix, staff):
    choose_notifications(dora, notification_preferences={"canceled": "digest"}, time_zone="")
    voltfix.shared_mailbox = "dispatch@voltfix.example"
    voltfix.save()
    services.cancel(fresh(work_order), comment="The fault cleared.", by=staff)
    rows = {str(row.user or row.mailbox_of): row for row in Notification.objects.all()}
    assert {name: row.how for name, row in rows.items()} == {
        "Dana": "page",
        "Dora": "digest",
        "VoltFix": "at-once",
    }
    assert {name: row.mailed_at is None for name, row in rows.items()} == {
        "Dana": False,
        "Dora": True,
        "VoltFix": True,
    }


def test_who_left_is_told_nothing(notified, work_order, dana, dora, staff):
    dora.is_active = False
    dora.save()
    services.cancel(work_order, comment="The fault cleared.", by=staff)
    assert (len(notified(dana)), notified(dora)) == (1, [])


def test_what_was_said_stays_on_one_line_and_within_bounds(notified, work_order, dana, staff):
    services.comment(work_order, body="a\r\nBcc: evil@evil.example\n" * 150, by=staff)
    _, words = notified(dana)[0]
    assert "\n" not in words
    assert len(words) <= 600
    assert words[-2:] == "…”"


@pytest.mark.skipif(connection.vendor == "postgresql", reason="one query more holds the rules")
def test_a_write_asks_no_more_for_many_people(
    notified, work_order, voltfix, staff, django_assert_num_queries
):
    row = fresh(work_order)
    assert staff.may(Right.ACT)  # read once for a person
    with django_assert_num_queries(16):
        services.hold(row, reason="Permit", stops_clock=False, by=staff)
    for n in range(20):
        make_user(f"d{n}@voltfix.example", Role.DISPATCHER, partner=voltfix)
    other = fresh(make_accepted(make_user("dan@voltfix.example", partner=voltfix)))
    with django_assert_num_queries(16):
        services.hold(other, reason="Permit", stops_clock=False, by=staff)
    assert Notification.objects.filter(kind="held").count() == 2 + 23
