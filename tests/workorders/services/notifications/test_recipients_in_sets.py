"""What a recalculation tells people: the same as a single write would, in sets."""

import datetime as dt
from contextlib import suppress

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from portal.people.models import Partner
from portal.people.roles import Role
from tests.factories import fresh, make_accepted, make_user
from tests.workorders.services.calendars.calendar_changes import THURSDAY, close
from tests.workorders.services.importing import import_files
from tests.workorders.services.importing.import_files import prepare, sample
from workorders import services
from workorders.models import Notification, WorkOrder
from workorders.services import Booking
from workorders.services.calendars.recalculating import recalculate
from workorders.services.notifications.recipients import collect_notices
from workorders.states import WaitsFor


def notified() -> list[tuple[str, str]]:
    rows = Notification.objects.select_related("work_order__site").order_by("pk")
    return [(str(row.user), row.plain_text) for row in rows]


def test_a_closed_day_tells_each_dispatcher_of_each_target_that_moved(
    work_order, dana, omar, tess, staff
):
    untouched = make_accepted(dana, parts_required=False)
    Notification.objects.all().delete()
    close(staff, THURSDAY)
    recalculate()
    assert fresh(untouched).target_on == dt.date(2026, 3, 3)
    assert notified() == [
        (
            "Dana",
            (
                "The Target SLA moved from Thu, Mar 5 to Fri, Mar 6: Business calendar of"
                " US-Federal, revision 2: Thu, Mar 5, 2026 closed: Company closure."
            ),
        )
    ]


def test_a_first_target_that_finds_the_booking_late_is_told(dana, staff, clock):
    """As after a calendar that had no business day left: booked without a target, which
    comes now.
    """
    row = make_accepted(dana, parts_required=False)
    WorkOrder.objects.filter(pk=row.pk).update(target_on=None, waits_for=WaitsFor.CALENDAR)
    late = Booking(dt.datetime(2026, 3, 9, 17, tzinfo=dt.UTC), "Robin", "+1 415 555 0111")
    services.book_appointment(fresh(row), late, by=dana)
    Notification.objects.all().delete()
    close(staff, THURSDAY)
    recalculate()
    assert notified() == [
        (
            "Dana",
            (
                "The appointment on Mon, Mar 9 is later than the Target SLA, Tue, Mar 3: give a"
                " reason, or move it."
            ),
        )
    ]


def test_an_import_tells_of_all_its_rows_in_one_go(clock, db):
    clock.move_to(import_files.NOW)
    prepare()
    make_user("dana@voltfix.example", Role.DISPATCHER, partner=Partner.objects.get(name="VoltFix"))
    Notification.objects.all().delete()
    mine = [row for row in sample("work_orders") if row["partner"] == "VoltFix"]
    with CaptureQueriesContext(connection) as queries:
        assert import_files.work_orders(mine).created == len(mine) > 2
    wrote = [
        query["sql"]
        for query in queries
        if query["sql"].startswith('INSERT INTO "workorders_notification"')
    ]
    assert (len(wrote), Notification.objects.filter(kind="new").count()) == (1, len(mine))


def test_what_is_taken_back_within_many_writes_is_told_to_nobody(work_order, dana, staff):
    other = make_accepted(dana)
    Notification.objects.all().delete()
    with transaction.atomic(), collect_notices():
        with suppress(ZeroDivisionError), transaction.atomic(), collect_notices():
            services.hold(work_order, reason="Permit", stops_clock=False, by=staff)
            raise ZeroDivisionError
        services.hold(other, reason="Rain", stops_clock=False, by=staff)
        assert Notification.objects.count() == 0
    assert notified() == [("Dana", "The work is on hold. Rain")]
