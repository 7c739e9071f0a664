"""Ended work keeps what its target was computed with, whatever the row says afterwards."""

import datetime as dt

import pytest
from django.urls import reverse

from tests.factories import (
    fresh,
    make_accepted,
    make_entitlement,
    make_partner,
    make_territory,
    make_work_order,
    ready_to_complete,
    ship,
)
from tests.pages import html_of
from workorders import services
from workorders.models import WorkOrder
from workorders.services.calendars.entitlements import save_entitlement
from workorders.states import CouldNotCompleteReason, Status, WaitsFor
from workorders.targets.explaining import explain

ENDS = ["completed", "closed", "could-not-complete", "canceled"]
GIVEN_UP = {"reason": CouldNotCompleteReason.OBSTRUCTION, "note": "A car"}
D = dt.date


@pytest.fixture
def revised(clock, staff):
    """An entitlement with a second service level: 2 business days."""
    entitlement = make_entitlement("Assure 3-Day", 3)
    entitlement.business_days = 2
    return save_entitlement(entitlement, by=staff)


@pytest.fixture
def accepted(revised, dana) -> WorkOrder:
    return make_accepted(dana, parts_required=False, entitlement=revised)


def end(work_order: WorkOrder, how: str, dana, staff) -> WorkOrder:
    match how:
        case "could-not-complete":
            services.could_not_complete(work_order, **GIVEN_UP, by=dana)
        case "canceled":
            services.cancel(work_order, comment="It cleared", by=staff)
        case _:
            services.complete(ready_to_complete(work_order, by=dana), by=dana)
    if how == "closed":
        services.close(fresh(work_order), by=staff)
    assert fresh(work_order).status == how
    return fresh(work_order)


def correct(work_order: WorkOrder, staff) -> WorkOrder:
    """Another entitlement, with one revision, and another calendar."""
    values = {
        "entitlement": make_entitlement("Parts Warranty", 5, "accepted"),
        "territory": make_territory("GB-ENG", "GB", "ENG"),
    }
    services.update_work_order(work_order, values, by=staff)
    return fresh(work_order)


def why(work_order: WorkOrder):
    return explain(work_order, work_order.shipments.all(), work_order.holds.all())


@pytest.mark.parametrize("how", ENDS)
def test_a_corrected_entitlement_leaves_target_and_sum_of_ended_work(
    accepted, dana, staff, admin_user, client_of, how
):
    ended = end(accepted, how, dana, staff)
    before = why(ended)
    assert (ended.target_on, before.steps[-1].day) == (D(2026, 3, 4), D(2026, 3, 4))
    corrected = correct(ended, staff)
    assert (corrected.target_on, why(corrected)) == (ended.target_on, before)
    url = reverse("work-order", args=[ended.number])
    for page in (url, f"{url}receipt/"):
        assert "Assure 3-Day, revision 2" in html_of(client_of(dana).get(page))
    page = reverse("admin:workorders_workorder_change", args=[ended.pk])
    assert "Assure 3-Day, revision 2" in html_of(client_of(admin_user).get(page))


@pytest.mark.parametrize("how", ["could-not-complete", "canceled"])
def test_work_that_ends_on_hold_says_so_for_ever(accepted, dana, staff, how):
    services.hold(accepted, reason="Fenced off", stops_clock=True, by=staff)
    ended = correct(end(accepted, how, dana, staff), staff)
    assert (ended.target_on, ended.waits_for) == (None, WaitsFor.HOLD)
    assert why(ended).words.endswith("no date while it is on hold.")


def test_what_ended_work_waited_for_stays_whatever_is_shipped_later(clock, dana, staff):
    work_order = make_accepted(dana)
    services.order_parts(work_order, by=staff)
    ship(work_order, "FSO-1", status="ordered", carrier="", service="")
    services.cancel(fresh(work_order), comment="It cleared", by=staff)
    ship(work_order, "FSO-1", carrier="", service="", estimated_delivery_on=D(2026, 3, 4))
    assert why(fresh(work_order)).source == "Waiting for the delivery date of FSO-1."


@pytest.mark.parametrize("how", ["could-not-complete", "canceled", "completed"])
def test_an_undone_end_is_computed_by_the_corrected_entitlement(accepted, dana, staff, how):
    corrected = correct(end(accepted, how, dana, staff), staff)
    row = services.undo_last_step(corrected, note="By mistake", by=staff)
    assert (row.target_on, row.level_revision) == (D(2026, 3, 9), 1)
    assert why(fresh(row)).rule.startswith("Parts Warranty, revision 1")


def test_reassigned_work_is_computed_anew(clock, dana, staff, amped):
    level = make_entitlement("Accepted", 1, "accepted")
    declined = make_work_order(parts_required=False, entitlement=level, partner=dana.partner)
    services.could_not_complete(declined, **GIVEN_UP, by=dana)
    row = services.reassign(
        fresh(declined), partner=make_partner(amped.name), assigned_on=D(2026, 3, 2), by=staff
    )
    corrected = correct(row, staff)
    assert (corrected.status, corrected.target_on) == (Status.ASSIGNED, None)
    assert why(corrected).source == "Waiting for acceptance."


@pytest.mark.parametrize("what", ["entitlement", "territory"])
def test_what_is_not_known_any_more_is_said(accepted, dana, staff, client_of, what):
    """Ended before the portal kept it, and its ledger does not tell."""
    ended = correct(end(accepted, "canceled", dana, staff), staff)
    WorkOrder.objects.filter(pk=ended.pk).update(target_basis={})
    text = html_of(client_of(dana).get(reverse("work-order", args=[ended.number])))
    assert "How it was counted is not known." in text
