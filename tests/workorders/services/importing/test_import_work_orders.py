"""work_orders.csv: created, brought up to date, or left alone, by number."""

import datetime as dt

import pytest
import time_machine

from tests.factories import fresh, make_dana
from tests.workorders.services.importing.import_files import (
    NOW,
    errors,
    prepare,
    sample,
    work_orders,
)
from workorders.models import LedgerEntry, Site, Station, WorkOrder
from workorders.models.ledger import Event
from workorders.services import Booking, NotAllowed, book_appointment, cancel
from workorders.states import Status

pytestmark = pytest.mark.django_db
FIRST = "WO-00900001"  # accepted, with parts
SECOND = "WO-00900002"  # Assigned


@pytest.fixture(scope="module", autouse=True)
def _imported(shared_rows):
    with time_machine.travel(NOW, tick=False):
        prepare()
        work_orders(sample("work_orders"))
        yield


def changed(row_number: str, /, **cells: str) -> list[dict[str, str]]:
    """The sample's row of this number, with other cells."""
    return [row | cells for row in sample("work_orders") if row["number"] == row_number]


def row_of(number: str) -> WorkOrder:
    return fresh(WorkOrder.objects.get(number=number))


def test_a_row_becomes_a_work_order():
    work_order = row_of(FIRST)
    assert work_order.status == Status.SHIP_TO_RECEIVED
    assert (work_order.subject, work_order.work_type) == (
        "Replace charging cable - CP6000",
        "repair",
    )
    assert (
        work_order.description.splitlines()[1] == "The right port works and must stay in service."
    )
    assert (str(work_order.site), work_order.site.time_zone) == (
        "Pier 9 Lot, San Francisco",
        "America/Los_Angeles",
    )
    assert (work_order.station.serial, work_order.station.model) == ("990000000101", "CP6000")
    assert work_order.ship_to_city == "Oakland"
    assert [item.description for item in work_order.line_items.all()][-1] == "Test a charge"
    assert [entry.event for entry in work_order.ledger.all()] == [Event.CREATED, Event.ACCEPTED]
    assert row_of(SECOND).status == Status.ASSIGNED
    assert row_of("WO-00900003").status == Status.IN_PROGRESS


def test_the_same_file_again_writes_nothing():
    before = list(WorkOrder.objects.values_list("number", "version")), LedgerEntry.objects.count()
    assert work_orders(sample("work_orders")).summary == "0 created, 0 updated, 12 unchanged"
    assert (
        list(WorkOrder.objects.values_list("number", "version")),
        LedgerEntry.objects.count(),
    ) == before


def test_an_update_tells_what_was_and_is():
    result = work_orders(
        changed(FIRST, subject="Replace both cables", access_notes="", images_required="no")
    )
    assert result.summary == "0 created, 1 updated, 0 unchanged"
    (change,) = result.changes
    assert (change.line, change.number, change.created) == (2, FIRST, False)
    assert [tuple(field) for field in change.fields] == [
        ("subject", "Replace charging cable - CP6000", "Replace both cables"),
        ("images_required", "yes", "no"),
        ("access_notes", 'Badge at the gate; ask for "Pier 9".', ""),
    ]
    assert row_of(FIRST).access_notes == ""
    assert row_of(FIRST).ledger.last().event == Event.UPDATED


def test_the_preview_of_a_new_row_tells_its_status_and_target():
    row = changed("WO-00900010", number="WO-00900099")
    (change,) = work_orders(row, dry_run=True).changes
    assert change.created
    assert {"status": "In Progress", "target_on": "2026-03-05", "work_type": "Repair"}.items() <= {
        field.field: field.new for field in change.fields
    }.items()


def test_another_entitlement_moves_the_target():
    before = row_of("WO-00900010").target_on.isoformat()
    result = work_orders(changed("WO-00900010", entitlement="Assure 3-Day"))
    assert [tuple(f) for f in result.changes[0].fields] == [
        ("entitlement", "Assure", "Assure 3-Day"),
        ("target_on", before, "2026-03-09"),
    ]


def test_a_day_of_acceptance_accepts_what_was_assigned():
    work_orders(changed(SECOND, accepted_on="2026-03-05"))
    assert (row_of(SECOND).status, row_of(SECOND).ship_to_street) == (
        Status.SHIP_TO_RECEIVED,
        "1 Depot Way",
    )


@pytest.mark.parametrize(
    ("number", "cells", "said"),
    [
        (
            FIRST,
            {"accepted_on": ""},
            "accepted_on: It was accepted on 2026-03-03; this cannot be empty.",
        ),
        (
            FIRST,
            {"partner": "Amped Field Services"},
            "partner: The partner cannot change after acceptance.",
        ),
        (
            SECOND,
            {"accepted_on": "2026-03-07"},
            "accepted_on: The day must be from its assignment to today.",
        ),
        (
            SECOND,
            {"station_serial": "990000000104"},
            "station_serial: station '990000000104' is at another site, Roosevelt Row Garage",
        ),
        (
            SECOND,
            {"site": "Pier 10 Lot"},
            "station_serial: station '990000000102' is at another site, Pier 9 Lot",
        ),
    ],
)
def test_what_cannot_change_is_refused(number, cells, said):
    result = work_orders(changed(number, **cells))
    assert errors(result) == [f"line 2: {said}"]
    assert Site.objects.filter(name="Pier 10 Lot").count() == 0


def test_before_acceptance_the_partner_can_change():
    work_orders(changed(SECOND, partner="Amped Field Services"))
    assert row_of(SECOND).partner.name == "Amped Field Services"


def test_a_new_address_is_the_sites_and_found_for_all_its_work():
    rows = [
        row | {"city": "Oakland"} for row in sample("work_orders") if row["site"] == "Pier 9 Lot"
    ]
    result = work_orders(rows)
    assert result.summary == "0 created, 1 updated, 1 unchanged"
    assert result.changes[0].fields[0] == ("city", "San Francisco", "Oakland")
    found = WorkOrder.objects.search("Oakland").values_list("number", flat=True)
    assert sorted(found) == [FIRST, SECOND]
    assert WorkOrder.objects.search("San Francisco").count() == 0


def test_another_model_is_the_stations():
    work_orders(changed(FIRST, station_model="CP6000G2"))
    assert Station.objects.get(serial="990000000101").model == "CP6000G2"


def test_two_rows_that_differ_about_one_site_are_refused():
    rows = [row for row in sample("work_orders") if row["site"] == "Pier 9 Lot"]
    rows[1]["street"] = "10 The Embarcadero"
    assert errors(work_orders(rows)) == [
        "line 4: street: '10 The Embarcadero' differs from '9 The Embarcadero' on line 2 for the"
        " same site"
    ]


def test_numbers_are_the_same_in_any_case_and_keep_the_one_they_have():
    result = work_orders(changed(SECOND, number="  wo-00900002 ", subject="Another"))
    assert (result.summary, result.changes[0].number) == (
        "0 created, 1 updated, 0 unchanged",
        SECOND,
    )
    assert row_of(SECOND).subject == "Another"
    work_orders(changed(SECOND, number=" wo-New\u200b1 ", station_serial="X"))
    assert WorkOrder.objects.filter(number="wo-New1").exists()


def test_the_importing_person_is_in_the_ledger(staff):
    work_orders(changed(FIRST, subject="Replace both cables"), by=staff)
    assert row_of(FIRST).ledger.last().actor == staff


def test_only_staff_import(dana):
    with pytest.raises(NotAllowed):
        work_orders(sample("work_orders"), by=dana)


def test_ended_work_is_brought_up_to_date_but_not_accepted(staff):
    cancel(row_of(SECOND), comment="Not needed.", by=staff)
    assert (
        work_orders(changed(SECOND, subject="Power module")).summary
        == "0 created, 1 updated, 0 unchanged"
    )
    assert errors(work_orders(changed(SECOND, accepted_on="2026-03-05"))) == [
        "line 2: accepted_on: It can no longer be accepted: it is Canceled."
    ]


def test_a_calendar_that_does_not_reach_is_an_error_of_the_row():
    result = work_orders(
        changed("WO-00900010", assigned_on="2031-02-03", accepted_on="", number="WO-1")
    )
    (error,) = errors(result)
    assert error.startswith("line 2: No Target SLA can be computed: ")


def test_a_site_and_its_work_orders_changed_by_one_file_are_found_by_the_new_city():
    rows = [
        row | {"city": "Oakland", "poc_name": "Quentin Moor"}
        for row in sample("work_orders")
        if row["site"] == "Pier 9 Lot"
    ]
    work_orders(rows)
    found = WorkOrder.objects.search("Oakland Quentin")
    assert sorted(found.values_list("number", flat=True)) == sorted(row["number"] for row in rows)


def test_a_corrected_time_zone_keeps_the_clock_of_what_is_booked_there():
    """Also where the same row changes the work order itself."""
    row, dispatcher = row_of(FIRST), make_dana()
    at = dt.datetime(2026, 3, 10, 17, tzinfo=dt.UTC)
    with time_machine.travel(NOW, tick=False):
        book_appointment(row, Booking(at, "Robin", "+1 415 555 0111"), by=dispatcher)
        cells = {"time_zone": "America/Denver", "subject": "Replace the screen"}
        result = work_orders(changed(FIRST, **cells))
    after = row_of(FIRST)
    assert (errors(result), result.updated, after.subject) == ([], 1, "Replace the screen")
    assert after.appointment.at == at - dt.timedelta(hours=1)
    assert [entry.event for entry in after.ledger.all()][-2:] == [
        Event.TIME_ZONE_CHANGED,
        Event.UPDATED,
    ]
    assert after.version == after.ledger.last().version
