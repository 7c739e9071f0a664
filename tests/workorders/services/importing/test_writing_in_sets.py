"""Rows that are written in sets become what each would have become by itself."""

import copy
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.workorders.services.importing.import_files import (
    NOW,
    Rows,
    prepare,
    sample,
    shipments,
    work_orders,
)
from workorders.models import (
    LedgerEntry,
    LineItem,
    Notification,
    Shipment,
    ShipmentPart,
    Site,
    Station,
    Wait,
    WorkOrder,
)
from workorders.services import saving
from workorders.services.importing import running

pytestmark = pytest.mark.django_db
KEYS = {"id", "account_id", "work_order_id", "site_id", "station_id", "shipment_id"}
KEYS |= {"upload_key", "once"}
TABLES = {
    Site: "account__name",
    Station: "site__name",
    WorkOrder: "site__name",
    LineItem: "work_order__number",
    Shipment: "work_order__number",
    ShipmentPart: "shipment__number",
    LedgerEntry: "work_order__number",
    Notification: "work_order__number",
    Wait: "work_order__number",
}


@pytest.fixture(scope="module", autouse=True)
def _prepared(shared_rows):
    with time_machine.travel(NOW, tick=False):
        prepare()
        yield


def changed(rows: Rows) -> Rows:
    """Every other row says something else: the subject, the line items, the day of acceptance."""
    found = copy.deepcopy(rows)
    for row in found[::2]:
        row["subject"] += " again"
        row["line_items"] = "Lock out the station | Call the site"
        row["accepted_on"] = row["accepted_on"] or row["assigned_on"]
    return found


def everything() -> dict[str, list[Any]]:
    """All rows that an import writes, by what they belong to instead of keys."""
    return {
        model.__name__: sorted(
            (
                str(row[owner]),
                *(f"{name}={row[name]}" for name in sorted(row) if name not in {*KEYS, owner}),
            )
            for row in model._default_manager.values(owner, *_columns(model))
        )
        for model, owner in TABLES.items()
    }


def _columns(model: Any) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def written(steps: list[tuple[Any, Rows]]) -> list[dict[str, list[Any]]]:
    """What there is after each of these files, all of which are taken back again."""
    found = []
    with transaction.atomic():
        for take, rows in steps:
            assert take(rows).errors == ()
            found.append(everything())
        transaction.set_rollback(True)
    return found


def test_sets_write_what_single_rows_do(monkeypatch):
    orders, parts = sample("work_orders"), sample("shipments")
    later = [row | {"tracking_number": f"T{n}"} for n, row in enumerate(parts)]
    steps = [(work_orders, orders), (shipments, parts), (work_orders, changed(orders))]
    steps += [(shipments, later)]
    taken = []
    in_sets = running._take_in_sets

    def watch(*args: Any) -> bool:
        taken.append(in_sets(*args))
        return taken[-1]

    monkeypatch.setattr(running, "_take_in_sets", watch)
    together = written(steps)
    assert taken == [True] * len(steps)
    monkeypatch.setattr(running, "_take_in_sets", lambda *args: False)
    for one, other in zip(together, written(steps), strict=True):
        assert one == other


def test_what_has_to_be_alone_or_is_refused_is_written_singly(monkeypatch):
    orders = sample("work_orders")
    work_orders(orders)
    site = orders[0]["account"], orders[0]["site"]
    corrected = [
        row | {"street": "1 New Street"} if (row["account"], row["site"]) == site else row
        for row in orders
    ]
    assert work_orders(corrected).errors == ()
    assert Site.objects.get(account__name=site[0], name=site[1]).street == "1 New Street"
    with pytest.raises(saving.NotInSets), saving.in_sets():
        saving.update(WorkOrder.objects.all(), subject="")


def test_the_statements_do_not_grow_with_the_rows():
    """But for those that take a limited number of values."""
    first = sample("work_orders")[0]

    def statements(count: int) -> int:
        rows = [
            first | {"number": f"WO-{count}-{n}", "case_number": f"{count}-{n}"}
            for n in range(count)
        ]
        with CaptureQueriesContext(connection) as caught:
            assert work_orders(rows).errors == ()
        return len(caught)

    few, many = statements(2), statements(40)
    assert many - few <= 12
