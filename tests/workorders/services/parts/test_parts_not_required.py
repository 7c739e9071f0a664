"""A required shipment on work that requires no parts is taken, and moves nothing (docs/rules.md,
rule 2).
"""

import datetime as dt

import pytest
from django.urls import reverse

from tests.factories import fresh, make_accepted, make_carrier_service, make_territory, ship
from tests.pages import html_of
from tests.workorders.services.calendars.calendar_changes import close
from workorders.models import WorkOrder
from workorders.models.queries import OVERDUE, late
from workorders.services import update_work_order
from workorders.services.calendars.recalculating import recalculate
from workorders.states import Status
from workorders.targets.due import due_of

D = dt.date
FRIDAY = dt.datetime(2026, 3, 6, 17, tzinfo=dt.UTC)
EDD = {"carrier": "", "service": "", "estimated_delivery_on": D(2026, 3, 4)}


@pytest.fixture
def without_parts(clock, dana) -> WorkOrder:
    """Target SLA Tue, Mar 3; on Wed, Mar 4 a part is to arrive all the same."""
    work_order = make_accepted(dana, parts_required=False)
    ship(work_order, **EDD)
    return fresh(work_order)


def test_it_makes_nothing_overdue_and_switches_no_lateness_off(without_parts, clock):
    clock.move_to(FRIDAY)
    due = due_of(without_parts)
    assert (due.on, due.text, due.overdue_since) == (D(2026, 3, 3), "3 business days late", None)
    assert without_parts in WorkOrder.objects.filter(late(FRIDAY))
    assert without_parts not in WorkOrder.objects.filter(OVERDUE.at(FRIDAY))


def test_a_changed_calendar_finds_no_parts_due_either(without_parts, staff):
    make_carrier_service()
    ship(without_parts, "FSO-2", pick_up_on=D(2026, 3, 2))
    close(staff, D(2026, 3, 3))
    recalculate()
    row = fresh(without_parts)
    assert (row.target_on, row.parts_due_on) == (D(2026, 3, 4), None)
    assert row.shipments.get(number="FSO-2").estimated_delivery_on == D(2026, 3, 5)


def test_it_decides_as_soon_as_parts_are_required_and_no_longer(without_parts, staff):
    row = update_work_order(without_parts, {"parts_required": True}, by=staff)
    assert (row.target_on, row.parts_due_on) == (D(2026, 3, 5), D(2026, 3, 4))
    row = update_work_order(fresh(row), {"parts_required": False}, by=staff)
    assert (row.target_on, row.parts_due_on) == (D(2026, 3, 3), None)


def test_work_that_needs_no_parts_any_more_does_not_wait_for_them(clock, dana, staff):
    work_order = make_accepted(dana, territory=make_territory())
    ship(work_order, **EDD)
    assert fresh(work_order).status == Status.SHIPPED
    row = update_work_order(fresh(work_order), {"parts_required": False}, by=staff)
    assert (row.status, row.parts_due_on) == (Status.IN_PROGRESS, None)


def test_both_sides_read_that_it_is_not_required_for_the_target(
    without_parts, dana, admin_user, client_of
):
    page = reverse("rma-fso", args=[without_parts.number])
    assert "FSO · Outbound · not required for the target" in html_of(client_of(dana).get(page))
    page = reverse("admin:workorders_workorder_change", args=[without_parts.pk])
    assert "not required for the target" in html_of(client_of(admin_user).get(page))


def test_staff_are_told_as_they_enter_it(without_parts, admin_user, client_of):
    page = reverse("admin:workorders_workorder_add-shipment", args=[without_parts.pk])
    form = {"version": without_parts.version, "number": "FSO-2", "kind": "FSO", "status": "shipped"}
    form |= {"direction": "outbound", "required": "on", "parts": "", "carrier": ""}
    form |= {"estimated_delivery_on": "2026-03-05"}
    answer = client_of(admin_user).post(page, form, follow=True)
    sentence = "The work order requires no parts: no target depends on FSO-1, FSO-2."
    assert sentence in html_of(answer)
