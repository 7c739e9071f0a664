"""The pages of one work order read by index, however many work orders there are."""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from tests.factories import make_accepted, make_work_order
from tests.pages import url
from workorders.models import WorkOrder
from workorders.services import Booking, book_appointment
from workorders.states import Status

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]
# indexes in whose order rows are read until the page is full, and one of few rows
WALKED = ("open_work_by_target", "work_order_by_value", "missed_sla_to_review")
SMALL = {
    "serviceterritory",
    "entitlement",
    "carrierservice",
    "calendarday",
    "partner",
    "calendarproposal",
}


def plans(client: Any, address: str) -> Iterator[tuple[str, str]]:
    """Each query of the page, and how the database goes about it."""
    asked: list[tuple[str, Any]] = []

    def watch(execute: Any, sql: str, params: Any, *rest: Any) -> Any:
        if sql.startswith("SELECT"):
            asked.append((sql, params))
        return execute(sql, params, *rest)

    with connection.execute_wrapper(watch):
        assert client.get(address).status_code == 200
    with connection.cursor() as cursor:
        for sql, params in asked:
            if connection.vendor == "sqlite":
                cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
            else:
                cursor.execute("SET LOCAL enable_seqscan = off")  # as if the tables were large
                cursor.execute(f"EXPLAIN {sql}", params)
            yield sql, "\n".join(str(row[-1]) for row in cursor.fetchall())


def scanned(plan: str) -> set[str]:
    """The tables that are read whole."""
    lines = [line for line in plan.splitlines() if not any(name in line for name in WALKED)]
    found = re.findall(r"(?:Seq Scan on|SCAN) (?:workorders|people)_(\w+)", "\n".join(lines))
    return set(found) - SMALL


@pytest.mark.parametrize("page", ["work-order", "related", "rma-fso", "collaborate", "history"])
def test_no_table_is_read_whole(client_of, dana, page):
    row = make_accepted(dana)
    found = {
        sql[:200]: tables
        for sql, plan in plans(client_of(dana), url(page, row.number))
        if (tables := scanned(plan))
    }
    assert found == {}


LISTS = ["", "?sla=missed", "?sla=week", "?needs=book", "?needs=answer", "?sort=-number"]
TODO_LISTS = [f"workorders/workorder/?todo={name}" for name in ("completed", "messages")]


@pytest.mark.parametrize("query", LISTS)
@pytest.mark.parametrize("who", ["dana", "staff"])
def test_no_table_is_read_whole_for_a_list(client_of, request, dana, who, query):
    make_accepted(dana)
    reader = client_of(request.getfixturevalue(who))
    found = {
        sql[:200]: tables
        for sql, plan in plans(reader, f"/work-orders/{query}")
        if (tables := scanned(plan))
    }
    assert found == {}


@pytest.mark.parametrize("page", ["", *TODO_LISTS])
def test_no_table_is_read_whole_for_what_waits_for_staff(client_of, dana, staff, page):
    make_accepted(dana)
    found = {
        sql[:200]: tables
        for sql, plan in plans(client_of(staff), f"/admin/{page}")
        if (tables := scanned(plan))
    }
    assert found == {}


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL goes by how many there are")
def test_other_work_at_the_site_is_found_by_the_site(client_of, dana):
    row = make_accepted(dana)
    wanted = {"bookable_work_of_a_site", "booked_work_of_a_territory", "work_order_by_any_case"}
    found = " ".join(plan for _, plan in plans(client_of(dana), url("work-order", row.number)))
    assert wanted - set(re.findall(r"\w+", found)) == set()


@pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite joins in the order it is told"
)
def test_the_key_of_a_work_order_is_found_before_its_tables_are_joined(client_of, dana):
    row = make_accepted(dana)
    asked = plans(client_of(dana), url("work-order", row.number))
    (plan,) = [plan for sql, plan in asked if "comment_count" in sql]
    assert re.search(r"InitPlan[^>]*\n +->  .*work_order_by_any_case", plan)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL goes by how many there are")
def test_other_visits_of_a_technician_are_found_by_their_time(client_of, dana, tess):
    row = make_accepted(dana)
    at = timezone.now() + dt.timedelta(days=3)
    book_appointment(row, Booking(at, tess.name, "+1 415 555 0188", technician=tess), by=dana)
    found = " ".join(plan for _, plan in plans(client_of(dana), url("work-order", row.number)))
    assert "appointment_of_technician (technician_id=? AND at>? AND at<?)" in found


@pytest.mark.no_waits
def test_what_counts_as_open_and_bookable_is_what_the_row_says(dana):
    make_work_order()
    for status in Status:
        row = make_accepted(dana)
        held = Status.IN_PROGRESS if status == Status.ON_HOLD else ""
        values = {"status": status, "held_from": held, "completed_at": timezone.now()}
        WorkOrder.objects.filter(pk=row.pk).update(**values)
    booked = make_accepted(dana)
    at = timezone.now() + dt.timedelta(days=3)
    book_appointment(booked, Booking(at, "Tess", "+1 415 555 0188"), by=dana)
    rows = WorkOrder.objects.all()
    is_open = {row.pk for row in rows if row.is_open}
    is_bookable = {
        row.pk for row in rows if row.is_open and row.accepted_on and row.appointment_id is None
    }
    assert {row.pk for row in rows if row.counts_as_open} == is_open
    assert {row.pk for row in rows if row.counts_as_bookable} == is_bookable
    assert is_bookable < is_open < {row.pk for row in rows}
