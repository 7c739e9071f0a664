"""Parts of a later cycle: overdue, and, once they have come, a question to staff about the target
that they set (docs/rules.md, rule 2).
"""

import datetime as dt

import pytest
from django.utils import timezone

from tests.factories import fresh, make_accepted, ready_to_complete, ship
from tests.pages import html_of
from workorders import services
from workorders.models import Wait, WorkOrder
from workorders.models.queries import OVERDUE, late, sla_filter
from workorders.models.spans import any_at
from workorders.models.todos import TODOS
from workorders.states import Status
from workorders.targets.due import due_of

REASON = "The account was promised it"


def march(day: int) -> dt.date:
    return dt.date(2026, 3, day)


@pytest.fixture
def back(clock, dana, staff) -> WorkOrder:
    """Sent back on Mon, Mar 2 with Tue, Mar 10 as its target; a replacement has EDD Mon, Mar 9."""
    row = make_accepted(dana)
    ship(row, carrier="", service="", estimated_delivery_on=march(2))
    services.parts_received(fresh(row), numbers=["FSO-1"], on=march(2), by=dana)
    services.complete(ready_to_complete(fresh(row), by=dana), by=dana)
    target = {"next_target_on": march(10), "next_target_reason": REASON}
    services.send_back(fresh(row), note="It is loose", **target, by=staff)
    ship(row, "FSO-2", carrier="", service="", estimated_delivery_on=march(9))
    return fresh(row)


def on(clock, day: int) -> None:
    clock.move_to(dt.datetime(2026, 3, day, 17, tzinfo=dt.UTC))


def found(condition) -> bool:
    return WorkOrder.objects.filter(condition).exists()


def test_overdue_parts_keep_a_later_cycle_from_being_late(back, clock, staff):
    on(clock, 11)
    due = due_of(fresh(back))
    assert (due.on, due.is_late, due.overdue_since) == (march(10), False, march(9))
    now = timezone.now()
    assert (
        found(OVERDUE.at(now)),
        found(late(now)),
        found(any_at(TODOS["unbooked"].rule.spans, now)),
    ) == (
        True,
        False,
        False,
    )


def test_when_the_part_has_come_staff_are_asked_and_nothing_is_late_until_they_answer(
    back, clock, dana, staff
):
    on(clock, 11)
    services.parts_received(fresh(back), numbers=["FSO-2"], on=march(11), by=dana)
    row = fresh(back)
    assert (row.parts_due_on, row.proposed_target_on) == (None, march(12))
    assert (due_of(row).is_late, found(late(timezone.now()))) == (False, False)
    assert found(any_at(TODOS["target"].rule.spans, timezone.now()))
    services.set_target(row, target_on=march(12), target_reason=REASON, by=staff)
    row = fresh(back)
    assert (row.target_on, row.proposed_target_on) == (march(12), None)
    assert not found(any_at(TODOS["target"].rule.spans, timezone.now()))


def test_staff_may_keep_the_target_that_has_passed(back, clock, dana, staff):
    on(clock, 11)
    services.parts_received(fresh(back), numbers=["FSO-2"], on=march(11), by=dana)
    services.set_target(fresh(back), target_on=march(10), target_reason=REASON, by=staff)
    assert (due_of(fresh(back)).text, found(late(timezone.now()))) == ("1 business day late", True)


def test_a_delivery_that_is_taken_back_is_waited_for_again(back, clock, dana, staff):
    on(clock, 11)
    services.parts_received(fresh(back), numbers=["FSO-2"], on=march(11), by=dana)
    services.undo_last_step(fresh(back), note="It was another parcel", by=staff)
    row = fresh(back)
    assert (row.parts_due_on, row.proposed_target_on) == (march(9), None)


def test_a_target_set_when_the_parts_were_there_asks_nothing(back, clock, dana, staff):
    services.parts_received(fresh(back), numbers=["FSO-2"], on=march(2), by=dana)
    services.set_target(fresh(back), target_on=march(10), target_reason=REASON, by=staff)
    assert fresh(back).proposed_target_on is None


def test_the_form_of_the_target_begins_with_the_day_that_follows(
    back, clock, dana, admin_user, client_of
):
    on(clock, 11)
    services.parts_received(fresh(back), numbers=["FSO-2"], on=march(11), by=dana)
    page = html_of(client_of(admin_user).get(f"/admin/workorders/workorder/{back.pk}/set-target/"))
    assert 'value="2026-03-12"' in page
    assert "To keep the target, enter 2026-03-10." in page


def test_filters_and_the_list_speak_of_this_cycle(back, staff, dana, clock):
    now = timezone.now()
    assert found(sla_filter("none", now, Wait.objects.at(now))) is False
    services.complete(ready_to_complete(fresh(back), by=dana), by=dana)
    services.send_back(fresh(back), note="And once more", by=staff)
    row = fresh(back)
    assert (row.status, row.target_on, due_of(row).text) == (
        Status.IN_PROGRESS,
        None,
        "no target in this cycle",
    )
    assert [
        name
        for name in ("today", "week", "none")
        if found(sla_filter(name, now, Wait.objects.at(now)))
    ] == ["none"]


def test_why_this_date_says_nothing_of_another_cycles_target(back, staff, dana, client_of):
    services.complete(ready_to_complete(fresh(back), by=dana), by=dana)
    services.send_back(fresh(back), note="And once more", by=staff)
    for place in ("", "receipt/"):
        page = html_of(client_of(dana).get(f"/work-orders/{back.number}/{place}"))
        assert "moved earlier" not in page
