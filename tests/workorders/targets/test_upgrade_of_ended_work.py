"""Work that ended before the portal kept what its target was computed with gets it from its
ledger.
"""

import datetime as dt
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from tests.factories import fresh, make_accepted, ready_to_complete, ship
from tests.workorders.targets.test_ended_work import GIVEN_UP, correct, revised, why  # noqa: F401
from workorders import services
from workorders.models import WorkOrder

D = dt.date


def upgrade() -> None:
    """As the migration does it, on rows that know nothing yet."""
    WorkOrder.objects.update(target_basis={})
    migration = import_module("workorders.migrations.0022_target_basis_of_ended_work")
    migration.fill(apps, SimpleNamespace(connection=SimpleNamespace(alias=connection.alias)))


@pytest.fixture
def parts_came(revised, dana, staff) -> WorkOrder:  # noqa: F811
    work_order = make_accepted(dana, entitlement=revised)
    services.order_parts(work_order, by=staff)
    ship(work_order, status="delivered", carrier="", service="", delivered_on=D(2026, 3, 2))
    return fresh(work_order)


def ends(work_order: WorkOrder, dana, staff) -> dict:
    return {
        "given up": lambda: services.could_not_complete(work_order, **GIVEN_UP, by=dana),
        "canceled": lambda: services.cancel(work_order, comment="It cleared", by=staff),
        "completed": lambda: services.complete(ready_to_complete(work_order, by=dana), by=dana),
    }


@pytest.mark.parametrize("how", ["given up", "canceled", "completed"])
def test_the_ledger_tells_what_counted_when_the_work_ended(parts_came, dana, staff, how):
    ends(parts_came, dana, staff)[how]()
    kept = fresh(parts_came).target_basis
    corrected = correct(fresh(parts_came), staff)
    ship(corrected, carrier="", service="", estimated_delivery_on=D(2026, 3, 6))
    upgrade()
    assert (fresh(parts_came).target_basis, why(fresh(parts_came)).steps[-1].day) == (
        kept,
        D(2026, 3, 4),
    )


def test_work_that_was_sent_back_keeps_what_counted_in_its_first_cycle(parts_came, dana, staff):
    ends(parts_came, dana, staff)["completed"]()
    kept = fresh(parts_came).target_basis
    services.send_back(fresh(parts_came), note="A photo is missing", by=staff)
    target = {"target_on": D(2026, 3, 9), "target_reason": "Promised"}
    services.set_target(fresh(parts_came), **target, by=staff)
    correct(fresh(parts_came), staff)
    upgrade()
    assert fresh(parts_came).target_basis == kept


def test_holds_entered_or_corrected_in_a_later_cycle_count_as_they_were(
    parts_came, clock, dana, staff
):
    services.hold(parts_came, reason="Gate", stops_clock=True, by=staff)
    services.resume(fresh(parts_came), by=staff)
    ends(fresh(parts_came), dana, staff)["completed"]()
    kept = fresh(parts_came).target_basis
    assert len(kept["holds"]) == 1
    services.send_back(fresh(parts_came), note="It is loose", by=staff)
    clock.shift(dt.timedelta(days=1))
    (hold,) = parts_came.holds.all()
    corrected = {"first": hold.first, "last": D(2026, 3, 3), "stops_clock": False}
    services.correct_hold(hold, **corrected, by=staff)
    services.hold(fresh(parts_came), reason="Gate", stops_clock=True, by=staff)
    services.resume(fresh(parts_came), by=staff)
    upgrade()
    assert fresh(parts_came).target_basis == kept


def test_work_that_ended_on_hold_and_work_that_was_reopened(parts_came, dana, staff):
    services.hold(parts_came, reason="Fenced off", stops_clock=True, by=staff)
    ends(parts_came, dana, staff)["canceled"]()
    kept = fresh(parts_came).target_basis
    upgrade()
    assert fresh(parts_came).target_basis == kept
    services.undo_last_step(fresh(parts_came), note="By mistake", by=staff)
    upgrade()
    assert fresh(parts_came).target_basis == {}


def test_what_the_ledger_does_not_tell_stays_unknown(parts_came, dana, staff):
    ends(parts_came, dana, staff)["canceled"]()
    WorkOrder.objects.update(level_revision=7)
    upgrade()
    assert fresh(parts_came).target_basis == {}
    assert why(fresh(parts_came)).source == "How it was counted is not known."
