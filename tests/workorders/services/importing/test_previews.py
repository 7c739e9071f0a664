"""A preview says what the import does, and writes nothing."""

import datetime as dt
from collections.abc import Callable

import pytest
import time_machine
from django.db import transaction

from portal.people.models import Partner
from tests.factories import fresh, make_dana, make_staff
from tests.workorders.services.importing.import_files import (
    NOW,
    Rows,
    errors,
    prepare,
    sample,
    shipments,
    work_orders,
)
from tests.workorders.status_matrix import all_rows
from workorders.models import Station, WorkOrder
from workorders.services import (
    Booking,
    DomainError,
    book_appointment,
    cancel,
    enter_shipment,
    saving,
)
from workorders.services.importing import ImportResult, open_work
from workorders.services.importing.reading import Row

FIRST, SECOND, THIRD = "WO-00900001", "WO-00900002", "WO-00900003"


@pytest.fixture(scope="module")
def imported(shared_rows):
    with time_machine.travel(NOW, tick=False):
        prepare()
        work_orders(sample("work_orders"))
        dana = make_dana()
        row = WorkOrder.objects.get(number=FIRST)
        booking = Booking(dt.datetime(2026, 3, 12, 17, tzinfo=dt.UTC), "Tess", "+1 415 555 0188")
        book_appointment(row, booking, by=dana)
        yield


def new_ones(rows: Rows) -> Rows:
    """The sample's work orders once more, at the same sites, some at new ones."""
    found = []
    for n, row in enumerate(rows):
        values = {"number": f"WO-0091{n:04}", "station_serial": f"91{n:010}"}
        found.append(row | values | ({"site": "A new site"} if n in (0, 5) else {}))
    return found


def moved(rows: Rows) -> Rows:
    """Sites in another zone, other partners, territories, steps, acceptances; some are refused."""
    changes = [
        {"time_zone": "America/New_York", "subject": "Another"},
        {"partner": "Amped Field Services"},
        {"service_territory": "CA-ON", "entitlement": "Assure 3-Day"},
        {"line_items": "One [photo]|Two"},
        {"accepted_on": "2026-03-04"},
        {"parts_required": "no"},
        {"parts_required": "yes"},
        {"station_model": "CP4000", "partner": "Amped Field Services"},
        {"site": "Another site", "case_number": "7"},
        {"assigned_on": "2026-03-05"},
        {"accepted_on": ""},
        {"case_number": "7"},
    ]
    return [row | change for row, change in zip(rows, changes, strict=True)]


def further(rows: Rows) -> Rows:
    """Each shipment brought on, one after the other; every third row is refused."""
    found = []
    for n, row in enumerate(rows):
        delivered = {"status": "delivered", "delivered_on": "2026-03-05"}
        bad = {"carrier": "Nobody", "estimated_delivery_on": "", "pick_up_on": "2026-03-04"}
        found += [row | delivered, row | {"number": f"FSO-91{n:05}", "status": "ordered"}]
        found.append(row | {"number": f"FSO-92{n:05}"} | bad | {"delivered_on": ""})
    return found


FILES: dict[str, tuple[Callable[..., ImportResult], Callable[[], Rows]]] = {
    "the same": (work_orders, lambda: sample("work_orders")),
    "new ones": (work_orders, lambda: new_ones(sample("work_orders"))),
    "moved": (work_orders, lambda: moved(sample("work_orders"))),
    "shipments": (shipments, lambda: sample("shipments")),
    "further": (shipments, lambda: further(sample("shipments"))),
}


@pytest.mark.usefixtures("imported")
@pytest.mark.parametrize("name", FILES)
def test_a_preview_says_what_the_import_does(db, name):
    run, rows = FILES[name]
    before = all_rows()
    preview = run(rows(), dry_run=True, good_rows_only=True)
    assert all_rows() == before
    done = run(rows(), good_rows_only=True)
    assert preview == done._replace(saved=False)
    assert bool(errors(done)) == (name in ("moved", "further"))


@pytest.mark.once
@pytest.mark.usefixtures("imported")
@pytest.mark.parametrize("chunk", [1, 2])
@pytest.mark.parametrize("name", FILES)
def test_a_preview_in_parts_says_the_same(db, name, chunk, monkeypatch):
    run, rows = FILES[name]
    whole = run(rows(), dry_run=True, good_rows_only=True)
    monkeypatch.setattr("workorders.services.importing.running.CHUNK", chunk)
    assert run(rows(), dry_run=True, good_rows_only=True) == whole


@pytest.mark.usefixtures("imported")
def test_what_is_refused_half_way_leaves_nothing_on_paper(db, monkeypatch):
    """The rows before it stay, and those after it are told from them."""
    before = fresh(WorkOrder.objects.get(number=FIRST))
    known = {"kind": "FSO", "work_order": FIRST, "direction": "outbound", "required": "yes"}
    known |= {"carrier": "FedEx", "service": "2Day", "tracking_number": "", "parts": ""}
    days = {"pick_up_on": "", "estimated_delivery_on": "2026-03-09", "delivered_on": ""}
    rows = [
        known | days | {"number": f"FSO-9{n}", "status": status}
        for n, status in enumerate(["ordered", "shipped", "shipped"])
    ]
    done = enter_shipment

    def refused_in_the_end(work_order, number, *args, **kwargs):
        shipment = done(work_order, number, *args, **kwargs)
        if number == "FSO-91":
            raise DomainError("No")
        return shipment

    monkeypatch.setattr(
        "workorders.services.importing.shipments.enter_shipment", refused_in_the_end
    )
    results = [shipments(rows, dry_run=dry, good_rows_only=True) for dry in (True, False)]
    assert results[0] == results[1]._replace(saved=False)
    assert len(results[0].changes) == 2
    assert before.status == "ship-to-received"


@pytest.mark.usefixtures("imported")
def test_on_paper_nothing_can_be_written(db):
    row = WorkOrder.objects.get(number=FIRST)
    said = "On paper nothing is written or locked"
    for write in (
        lambda: row.save(),
        lambda: WorkOrder.objects.update(subject="X"),
        lambda: cancel(row, comment="X", by=None),
    ):
        with pytest.raises(RuntimeError, match=said), transaction.atomic(), saving.on_paper():
            write()


@pytest.mark.usefixtures("imported")
def test_an_import_warns_of_a_case_or_station_that_is_open_already(db):
    first, second = sample("work_orders")[:2]
    rows = [
        first | {"number": "WO-1", "case_number": "4711"},
        second | {"number": "WO-2", "case_number": "4711", "station_serial": "X1"},
        second | {"number": "WO-3", "case_number": "", "station_serial": "X2"},
        second | {"case_number": "4711"},
    ]
    station, two = first["station_serial"], second["station_serial"]
    preview = work_orders(rows, dry_run=True)
    assert [str(warning) for warning in preview.warnings] == [
        f"line 2: station_serial: {FIRST} is open for station {station} already:"
        " Ship to Received, VoltFix.",
        "line 4: case_number: WO-1 is open for case 4711 already: Ship to Received, VoltFix.",
        "line 6: case_number: WO-1 is open for case 4711 already: Ship to Received, VoltFix.",
        "line 6: case_number: WO-2 is open for case 4711 already: Assigned, VoltFix.",
    ]
    assert two not in str(preview.warnings)
    assert work_orders(rows).warnings == preview.warnings
    cancel(WorkOrder.objects.get(number=FIRST), comment="It cleared", by=make_staff())
    again = work_orders([first | {"number": "WO-4"}], dry_run=True)
    assert [warning.line for warning in again.warnings if FIRST in warning.message] == []


def test_a_row_looks_at_few_of_the_many_that_are_open_for_its_case(monkeypatch):
    asked = []
    keys = open_work._keys
    monkeypatch.setattr(open_work, "_keys", lambda row: asked.append(row) or keys(row))
    there = open_work.OpenWork()
    for n in range(1000, 2000):
        facts = {"station": Station(serial=f"S{n}"), "partner": Partner(name="VoltFix")}
        there.follow(WorkOrder(number=f"WO-{n}", case_number="4711", **facts))
    asked.clear()
    values = {"number": "WO-1999", "case_number": "4711", "station_serial": "S1"}
    said = [warning.message[:7] for warning in there.warnings(Row(2, [], values, []), None)]
    assert (said, len(asked)) == (["WO-1998", "WO-1997", "WO-1996"], 3)
