"""Reminders: one business day before the target, in the site's business hours, once, and only while
they are true.
"""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.outbox.models import Message
from tests.factories import (
    SHIP_TO,
    fresh,
    make_accepted,
    make_entitlement,
    make_site,
    make_territory,
    make_work_order,
    ready_to_complete,
    ship,
)
from tests.threads import at_once
from workorders import services
from workorders.models import Notification, WorkOrder
from workorders.services import Booking
from workorders.services.notifications.mailing import write_mails
from workorders.services.notifications.reminders import remind
from workorders.states import CouldNotCompleteReason


def at(day: int, hour: int, month: int = 3) -> dt.datetime:
    """An hour in San Francisco, where it is UTC-8 until Sunday, March 8th 2026."""
    return dt.datetime(2026, month, day, hour, tzinfo=dt.timezone(dt.timedelta(hours=-8)))


def notified() -> list[tuple[str, str]]:
    rows = Notification.objects.filter(kind__in=["target-near", "hold-over"]).select_related(
        "work_order__site"
    )
    return [(str(row.user), row.plain_text) for row in rows.order_by("pk")]


NEAR = "The Target SLA is Thu, Mar 5, and no appointment is booked. Book one."


@pytest.mark.parametrize(
    ("day", "hour", "reminds"),
    [(3, 12, 0), (4, 8, 0), (4, 9, 1), (4, 16, 1), (4, 17, 0), (5, 10, 0), (6, 10, 0)],
)
def test_target_is_near_from_the_business_day_before_in_business_hours(
    work_order, clock, day, hour, reminds
):
    """The target is Thu, Mar 5. By then the parts are overdue, and a booking would be a guess."""
    clock.move_to(at(day, hour))
    assert remind() == reminds


def test_each_dispatcher_is_told_once(work_order, clock, dana):
    clock.move_to(at(4, 9))
    assert (remind(), remind(), notified()) == (1, 0, [("Dana", NEAR)])
    clock.move_to(at(5, 9))
    assert remind() == 0


def test_a_target_that_moved_is_told_anew(work_order, clock, dana):
    clock.move_to(at(4, 9))
    remind()
    ship(work_order, carrier="", service="", estimated_delivery_on=dt.date(2026, 3, 5))
    clock.move_to(at(5, 9))
    assert remind() == 1
    assert [words for _, words in notified()] == [NEAR, NEAR.replace("Thu, Mar 5", "Fri, Mar 6")]


def test_the_business_day_before_a_monday_is_friday(dana, clock):
    row = make_accepted(dana)
    ship(row, carrier="", service="", estimated_delivery_on=dt.date(2026, 3, 6))
    clock.move_to(at(6, 10))
    assert (fresh(row).target_on, remind()) == (dt.date(2026, 3, 9), 1)
    clock.move_to(at(7, 10))
    assert remind() == 0


def test_business_hours_are_the_sites(dana, clock):
    munich = make_site(
        "Parkhaus Süd", "Stadtwerke", city="München", country="DE", time_zone="Europe/Berlin"
    )
    row = make_accepted(dana, site=munich, territory=make_territory("DE-BY", "DE", "BY"))
    ship(row, carrier="", service="", estimated_delivery_on=dt.date(2026, 3, 4))
    clock.move_to(dt.datetime(2026, 3, 4, 7, 59, tzinfo=dt.UTC))
    assert remind() == 0
    clock.move_to(dt.datetime(2026, 3, 4, 8, 0, tzinfo=dt.UTC))
    assert remind() == 1


def test_booked_held_canceled_and_overdue_work_reminds_nobody(dana, staff, clock):
    rows = [make_accepted(dana) for _ in range(4)]
    for n, row in enumerate(rows):
        ship(
            row,
            f"FSO-{n}",
            carrier="",
            service="",
            estimated_delivery_on=dt.date(2026, 3, 3 if n == 3 else 4),
        )
    booking = Booking(dt.datetime(2026, 3, 5, 17, tzinfo=dt.UTC), "Robin", "+1 415 555 0111")
    services.book_appointment(fresh(rows[0]), booking, by=dana)
    services.hold(fresh(rows[1]), reason="Permit", stops_clock=False, by=staff)
    services.cancel(fresh(rows[2]), comment="The fault cleared.", by=staff)
    clock.move_to(at(4, 10))
    assert (remind(), notified()) == (0, [])


def test_a_hold_whose_day_has_come_reminds_both_sides(work_order, dana, staff, clock):
    services.hold(
        work_order, reason="Permit", stops_clock=False, resume_on=dt.date(2026, 3, 4), by=staff
    )
    clock.move_to(at(3, 12))
    assert remind() == 0
    clock.move_to(at(4, 9))
    over = "The work was due to resume on Wed, Mar 4, and is still on hold."
    assert (remind(), sorted(notified()), remind()) == (1, [("Dana", over), ("Staff", over)], 0)


def test_two_workers_remind_once(real_transactions, dana):
    """Whoever is first notifies of the target."""
    row = make_accepted(dana, assigned_on=dt.date(2026, 3, 2))
    ship(row, carrier="", service="", estimated_delivery_on=dt.date(2026, 3, 4))
    at_once(*[lambda: remind(at(4, 10))] * 3)
    assert notified() == [("Dana", NEAR)]


def test_nobody_is_asked_about_each_work_order(work_order, dana, clock, django_assert_num_queries):
    def count(n: int) -> None:
        for number in range(n):
            row = make_accepted(dana)
            ship(
                row,
                f"FSO-{n}{number}",
                carrier="",
                service="",
                estimated_delivery_on=dt.date(2026, 3, 4),
            )

    clock.move_to(at(4, 10))
    count(1)
    remind()
    count(3)
    with django_assert_num_queries(6):
        assert remind() == 3
    count(8)
    with django_assert_num_queries(6):
        assert remind() == 8


def test_reminders_go_through_few_of_a_million_work_orders(work_order, clock):
    """As SQLite plans it, without statistics; PostgreSQL plans by how many rows there are."""
    clock.move_to(at(4, 10))
    with CaptureQueriesContext(connection) as captured:
        remind()
    finding = [
        query["sql"] for query in captured if '"workorders_workorder"."id" AS "pk"' in query["sql"]
    ]
    assert len(finding) == 2
    with connection.cursor() as cursor:
        for sql, start in zip(
            finding, ("target_on>", "SCAN U0 USING INDEX work_order_has_one_open_hold"), strict=True
        ):
            if connection.vendor == "sqlite":
                cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
                plan = [step for *_, step in cursor.fetchall()]
                assert start in "\n".join(plan)
                assert [step for step in plan if step.startswith("SCAN workorders_workorder")] == []


# --- Whoever has the work now, in the cycle that is now


@pytest.fixture
def due_thursday(clock, dana) -> WorkOrder:
    """Without parts, Target SLA Thu, Mar 5; now it is the morning before."""
    three = make_entitlement("Assure 3-Day", 3)
    row = make_work_order(
        partner=dana.partner, parts_required=False, entitlement=three, line_items=("Replace",)
    )
    clock.move_to(at(4, 9))
    return row


def test_the_next_partner_is_reminded_too(due_thursday, dana, omar, staff, clock):
    assert remind() == 1
    reason = CouldNotCompleteReason.OBSTRUCTION
    services.could_not_complete(fresh(due_thursday), reason=reason, note="Full", by=dana)
    day = due_thursday.assigned_on
    services.reassign(fresh(due_thursday), partner=omar.partner, assigned_on=day, by=staff)
    clock.move_to(at(4, 10))
    assert (remind(), notified()[-1]) == (1, ("Omar", NEAR))


@pytest.mark.parametrize(("again", "reminds"), [([1], 1), ([], 0)], ids=["work", "paperwork"])
def test_a_later_cycle_with_the_same_target_is_reminded_of_if_it_asks_for_a_visit(
    due_thursday, dana, staff, clock, again, reminds
):
    services.accept_work_order(fresh(due_thursday), ship_to=SHIP_TO, by=dana)
    assert remind() == 1
    services.complete(ready_to_complete(fresh(due_thursday), by=dana), by=dana)
    target = {"next_target_on": dt.date(2026, 3, 5), "next_target_reason": "Promised"}
    services.send_back(fresh(due_thursday), note="It is loose", again=again, **target, by=staff)
    clock.move_to(at(4, 10))
    assert remind() == reminds


def test_the_mail_names_only_a_target_that_is_still_near(due_thursday, dana, staff, clock):
    rows = {"stays": due_thursday}
    for name in ("held", "moved", "booked"):
        copy = {"entitlement": due_thursday.entitlement, "assigned_on": due_thursday.assigned_on}
        rows[name] = make_work_order(partner=dana.partner, parts_required=False, **copy)
    for row in rows.values():
        services.accept_work_order(fresh(row), ship_to=SHIP_TO, by=dana)
    assert remind() == 4
    services.hold(fresh(rows["held"]), reason="Gate", stops_clock=True, by=staff)
    level = make_entitlement("Assure 5-Day", 5)
    services.update_work_order(fresh(rows["moved"]), {"entitlement": level}, by=staff)
    services.book_appointment(fresh(rows["booked"]), Booking(at(5, 10), "Tess", "+1"), by=dana)
    clock.move_to(at(4, 10))
    write_mails()
    (mail,) = [each for each in Message.objects.all() if "no appointment is booked" in each.body]
    assert [row.number in mail.body for row in rows.values()] == [True, False, False, False]
