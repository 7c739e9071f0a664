"""What pages cost, in what does not depend on the machine: calls of functions, and length of SQL.

A page that costs more than its figure, or a tenth less, is measured again by
`pytest tests/workorders/views/test_page_costs.py`, and its new figure written here.
"""

import datetime as dt
import sys
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import connection

from tests.factories import make_accepted, make_work_order, ship
from workorders.models import WorkOrder
from workorders.services import comment

pytestmark = [pytest.mark.django_db, pytest.mark.once]
NOON = dt.datetime(2026, 3, 12, 20, 0, tzinfo=dt.UTC)
LONGEST = 10_000  # characters of a statement
CALLS = {  # thousands of an answer, with fifty rows where there are so many
    ("dana", "/work-orders/"): 65,
    ("dana", "/work-orders/?status=any&sort=-number"): 71,
    ("dana", "/work-orders/?q=cable"): 83,
    ("dana", "/work-orders/{shown}/"): 58,
    ("dana", "/work-orders/{shown}/history/"): 36,
    ("dana", "/schedule/"): 41,
    ("dana", "/scorecard/"): 106,
    ("dana", "/parts-owed/"): 32,
    ("dana", "/notifications/"): 72,
    ("staff", "/work-orders/"): 69,
    ("staff", "/admin/"): 51,
    ("staff", "/admin/workorders/workorder/"): 130,
    ("staff", "/admin/workorders/missedslareason/"): 81,
}


@pytest.fixture
def shown(dana, staff) -> WorkOrder:
    """One of fifty-one work orders: accepted, with parts on their way and a message."""
    with time_machine.travel(NOON, tick=False):
        for _ in range(50):
            make_work_order()
        row = make_accepted(dana)
        ship(row, estimated_delivery_on=NOON.date())
        comment(row, body="Call the gate first.", by=staff)
        yield row


def thousands_of_calls(work: Callable[[], Any]) -> float:
    calls = 0

    def count(frame: Any, event: str, arg: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return calls / 1000


def longest_statement(work: Callable[[], Any]) -> int:
    lengths = [0]

    def measure(execute: Any, sql: str, *rest: Any) -> Any:
        lengths.append(len(sql))
        return execute(sql, *rest)

    with connection.execute_wrapper(measure):
        work()
    return max(lengths)


def test_no_page_costs_more_than_it_did(shown, client_of, dana, staff):
    browsers = {"dana": client_of(dana), "staff": client_of(staff)}
    found, too_long = {}, {}
    for reader, page in CALLS:
        address = page.format(shown=shown)

        def ask(browser: Any = browsers[reader], address: str = address) -> None:
            assert browser.get(address).status_code == 200, address

        ask()  # what is built once is built
        if (length := longest_statement(ask)) > LONGEST:
            too_long[page] = length
        found[reader, page] = round(thousands_of_calls(ask), 1)
    assert too_long == {}
    costs = "\n".join(f"{reader} {page}: {calls}" for (reader, page), calls in found.items())
    assert all(0.9 * CALLS[page] <= calls <= 1.1 * CALLS[page] for page, calls in found.items()), (
        costs
    )
