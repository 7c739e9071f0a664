"""A write that comes between the approval of a new calendar or service level and the recalculation:
what it creates counts in it.
"""

import datetime as dt

import pytest

from tests.factories import (
    fresh,
    make_accepted,
    make_entitlement,
    make_territory,
    make_work_order,
    ship,
)
from tests.workorders.services.calendars.calendar_changes import FRIDAY, THURSDAY, close
from workorders.models import Entitlement, ServiceTerritory, WorkOrder
from workorders.services import enter_visit, hold, update_work_order
from workorders.services.calendars.entitlements import save_entitlement
from workorders.services.calendars.recalculating import recalculate
from workorders.states import VisitOutcome, WaitsFor
from workorders.targets.explaining import explain

D = dt.date


@pytest.fixture
def three_days(clock, dana) -> WorkOrder:
    """N = 3, EDD Wed, Mar 4: Target SLA Mon, Mar 9."""
    work_order = make_accepted(dana, entitlement=make_entitlement("Assure 3-Day", 3))
    ship(work_order, carrier="", service="", estimated_delivery_on=D(2026, 3, 4))
    return fresh(work_order)


def four_days(staff) -> Entitlement:
    level = make_entitlement("Assure 3-Day")
    level.business_days = 4
    return save_entitlement(level, by=staff)


def why(work_order: WorkOrder) -> str:
    return explain(work_order, work_order.shipments.all(), work_order.holds.all()).words


@pytest.mark.parametrize("what", ["calendar", "service level"])
def test_a_hold_that_begins_then_stops_the_clock(three_days, staff, what):
    close(staff, D(2026, 6, 1), THURSDAY) if what == "calendar" else four_days(staff)
    hold(three_days, reason="Fenced off", stops_clock=True, by=staff)
    unchanged = fresh(three_days)
    assert (unchanged.target_on, unchanged.waits_for) == (None, WaitsFor.HOLD)
    assert recalculate() == (0, True)
    assert fresh(three_days).target_on is None
    assert why(fresh(three_days)).endswith("no date while it is on hold.")


def test_a_shipment_that_is_entered_then_counts(three_days, staff):
    four_days(staff)
    ship(three_days, "FSO-2", carrier="", service="", estimated_delivery_on=D(2026, 3, 6))
    assert fresh(three_days).target_on == D(2026, 3, 12)


def test_a_visit_that_is_entered_then_counts(clock, dana, staff):
    made = make_accepted(dana, parts_required=False)
    close(staff, D(2026, 3, 3))
    enter_visit(made, began_at=dt.datetime.now(dt.UTC), outcome=VisitOutcome.RETURN, by=dana)
    assert (fresh(made).visited_on, fresh(made).target_on) == (D(2026, 3, 2), D(2026, 3, 4))


def test_work_that_moves_to_a_calendar_read_before_its_approval_follows_the_approved_one(
    clock, dana, staff
):
    """A form or an import holds the territory as it was when it began."""
    made = make_accepted(
        dana, parts_required=False, territory=make_territory("GB-ENG", "GB", "ENG")
    )
    make_territory()
    read = ServiceTerritory.objects.get(name="US-Federal")
    close(staff, D(2026, 3, 3))
    recalculate()
    update_work_order(made, {"territory": read}, by=staff)
    assert (fresh(made).target_on, fresh(made).target_revision) == (D(2026, 3, 4), 2)


def test_work_entered_under_a_service_level_read_before_its_change_follows_the_new_one(
    clock, staff
):
    read = make_entitlement()
    changed = Entitlement.objects.get(pk=read.pk)
    changed.business_days = 4
    save_entitlement(changed, by=staff)
    recalculate()
    made = make_work_order(parts_required=False, entitlement=read)
    assert (fresh(made).target_on, fresh(made).level_revision) == (FRIDAY, 2)
