"""Monday, March 2nd 2026, 9:00 in San Francisco, and an accepted work order of VoltFix with Target
SLA Thu, Mar 5.
"""

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine
from django.urls import reverse

from tests.factories import (
    fresh,
    make_accepted,
    ready_to_complete,
    ship,
)
from tests.workorders.any_state import NINE
from tests.workorders.views.list_page import LIST, seven_work_orders
from workorders.models import WorkOrder
from workorders.services import (
    complete,
    parts_received,
    send_back,
)


@pytest.fixture
def clock():
    with time_machine.travel(NINE, tick=False) as traveler:
        yield traveler


@pytest.fixture(scope="module")
def shared_monday(shared_rows) -> Iterator[None]:
    """The same clock, for rows that all tests of a module read."""
    with time_machine.travel(NINE, tick=False):
        yield


@pytest.fixture
def work_order(clock, dana) -> WorkOrder:
    accepted = make_accepted(dana, line_items=("Lock out the station", "Replace the cable"))
    ship(accepted, carrier="", service="", estimated_delivery_on=dt.date(2026, 3, 4))
    return fresh(accepted)


@pytest.fixture
def sent_back(work_order, dana, staff) -> WorkOrder:
    """With a target for its second cycle, Tue, Mar 3, and a replacement due on Mon, Mar 9: a day
    can be late and too early.
    """
    parts_received(work_order, numbers=["FSO-1"], on=dt.date(2026, 3, 2), by=dana)
    complete(ready_to_complete(work_order, by=dana), by=dana)
    target = {"next_target_on": dt.date(2026, 3, 3), "next_target_reason": "The site waits"}
    send_back(fresh(work_order), note="The cable is broken", by=staff, **target)
    ship(work_order, "FSO-2", carrier="", service="", estimated_delivery_on=dt.date(2026, 3, 9))
    return fresh(work_order)


@pytest.fixture
def post(work_order, dana, client_of):
    """Send the appointment form as Dana, with what her page would hold unless told otherwise."""
    url = reverse("appointment", args=[work_order.number])

    def send(headers=None, **typed):
        known = {
            "version": work_order.version,
            "technician_name": "Robin",
            "contact_phone": "+1 415 555 0111",
        }
        return client_of(dana).post(url, known | typed, headers=headers)

    return send


@pytest.fixture
def rows(clock, dana, omar, staff) -> dict[str, WorkOrder]:
    return seven_work_orders()


@pytest.fixture
def browse(rows, dana, client_of):
    browser = client_of(dana)
    return lambda query="", **more: browser.get(f"{LIST}?{query}", **more)


@pytest.fixture
def danas(dana, client_of):
    """Dana's browser."""
    return client_of(dana)
