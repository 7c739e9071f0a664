"""Monday, March 2nd 2026, 9:00 in San Francisco, and an accepted work order of VoltFix with Target SLA Thu, Mar 5."""

import datetime as dt

import pytest
import time_machine

from tests.factories import fresh, make_accepted, ship
from workorders.models import WorkOrder


@pytest.fixture
def clock():
    with time_machine.travel(dt.datetime(2026, 3, 2, 17, tzinfo=dt.UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def work_order(clock, dana) -> WorkOrder:
    accepted = make_accepted(dana, line_items=("Lock out the station", "Replace the cable"))
    ship(accepted, carrier="", service="", estimated_delivery_on=dt.date(2026, 3, 4))
    return fresh(accepted)
