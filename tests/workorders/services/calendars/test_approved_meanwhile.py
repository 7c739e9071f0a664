"""Someone approves a calendar or a service level while a write is under way: what the write creates
follows it.
"""

import datetime as dt
import threading
import time

import pytest
from django.db import connection
from django.urls import reverse

from portal.people.models import User
from tests.factories import (
    make_accepted,
    make_admin,
    make_dana,
    make_entitlement,
    make_staff,
    make_territory,
    make_work_order,
    ship,
)
from tests.threads import at_once
from tests.workorders.admin.calendars import closing
from tests.workorders.services.calendars.calendar_changes import close
from workorders.models import WorkOrder
from workorders.services import hold
from workorders.services.calendars.entitlements import save_entitlement
from workorders.services.calendars.recalculating import Recalculated, recalculate
from workorders.services.unit_of_work import UnitOfWork

D = dt.date
NO_PARTS = {"parts_required": False, "assigned_on": D(2026, 3, 2)}


def closed_tuesday(staff: User) -> None:
    close(staff, D(2026, 3, 3))


def two_days(staff: User) -> None:
    level = make_entitlement()
    level.business_days = 2
    save_entitlement(level, by=staff)


def first_edd(row: WorkOrder) -> None:
    ship(row, carrier="", service="", estimated_delivery_on=D(2026, 3, 2))


def another(row: WorkOrder) -> None:
    make_work_order("WO-2", partner=row.partner, **NO_PARTS)


@pytest.mark.parametrize(
    ("write", "approve"),
    [(first_edd, closed_tuesday), (another, closed_tuesday), (another, two_days)],
)
def test_what_a_write_creates_follows_what_is_approved_meanwhile(
    real_transactions, clock, monkeypatch, approve, write
):
    row, staff = make_accepted(make_dana()), make_staff()
    make_territory()
    computed, approved = threading.Event(), threading.Event()
    save = UnitOfWork.save

    def save_late(work: UnitOfWork) -> None:
        """It has computed all; the approval goes on meanwhile, if nothing keeps it."""
        if threading.current_thread().name == "writer":
            computed.set()
            approved.wait(1)
        save(work)

    def write_late() -> None:
        threading.current_thread().name = "writer"
        write(row)

    def approve_meanwhile() -> None:
        computed.wait(10)
        approve(staff)
        recalculate()
        approved.set()

    monkeypatch.setattr(UnitOfWork, "save", save_late)
    assert at_once(write_late, approve_meanwhile) == [None, None]
    recalculate()
    assert WorkOrder.objects.order_by("pk").last().target_on == D(2026, 3, 4)


def test_nobody_waits_for_the_recalculation_after_an_approval(
    real_transactions, clock, client_of, monkeypatch
):
    """A partner writes while the page of the approval moves targets: it is saved by then."""
    row, admin = make_accepted(make_dana(), **NO_PARTS), make_admin()
    proposal = closing(make_territory(), D(2026, 3, 3), by=admin)
    browser = client_of(admin)
    approved, written, waited = threading.Event(), threading.Event(), []

    def recalculate_late(**options: int) -> Recalculated:
        approved.set()
        waited.append(written.wait(2))
        return recalculate(**options)

    def approve_on_its_page() -> int:
        address = reverse("admin:workorders_calendarproposal_change", args=[proposal.pk])
        lines = [line.pk for line in proposal.days.all()]
        data = {"lines": lines, "_approve": "1", "form_key": "k1"}
        return browser.post(address, data).status_code

    def write() -> None:
        approved.wait(10)
        hold(row, reason="Fenced off", stops_clock=False, by=None)
        written.set()

    monkeypatch.setattr("workorders.admin.effects.recalculate", recalculate_late)
    assert set(at_once(approve_on_its_page, write)) == {302, None}
    assert waited == [True]
    assert WorkOrder.objects.get().target_on == D(2026, 3, 4)


def test_writes_wait_neither_for_each_other_nor_for_an_approval_that_waits(
    real_transactions, clock, monkeypatch
):
    """The second begins while the approval waits for the first."""
    if connection.vendor == "sqlite":
        return  # one writer at a time
    first, second = (make_accepted(make_dana()) for _ in range(2))
    staff, made_territory = make_staff(), make_territory()
    computed, written, waited = threading.Event(), threading.Event(), []
    save = UnitOfWork.save

    def save_late(work: UnitOfWork) -> None:
        if work.work_order == first:
            computed.set()
            waited.append(written.wait(2))
        save(work)

    def approve_meanwhile() -> None:
        computed.wait(10)
        closed_tuesday(staff)

    def write_meanwhile() -> None:
        computed.wait(10)
        wait_for_a_waiting_lock()
        hold_one(second)
        written.set()

    monkeypatch.setattr(UnitOfWork, "save", save_late)
    jobs = (lambda: hold_one(first), approve_meanwhile, write_meanwhile)
    assert at_once(*jobs) == [None, None, None]
    assert waited == [True]
    made_territory.refresh_from_db()
    assert made_territory.revision == 2


def wait_for_a_waiting_lock() -> None:
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    end = time.monotonic() + 2
    with connection.cursor() as cursor:
        while time.monotonic() < end:
            cursor.execute(waiting)
            if cursor.fetchone()[0]:
                return
            time.sleep(0.02)


def hold_one(row: WorkOrder) -> None:
    hold(row, reason="Fenced off", stops_clock=False, by=None)
