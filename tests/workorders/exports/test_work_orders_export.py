"""`export_work_orders`: a row for each work order, with every date, what came of it and where the
days went.
"""

import csv
import datetime as dt
from io import StringIO

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from tests.factories import fresh, make_accepted, make_work_order, ready_to_complete, ship
from tests.workorders.services.test_reviewing import book_late
from workorders import services
from workorders.exports import work_orders
from workorders.exports.work_orders import work_order_rows
from workorders.models import WorkOrder
from workorders.scorecard.time_in_status import times_in_status
from workorders.services import review_reason
from workorders.states import Status, VerdictKind


def export(*arguments: object) -> list[dict[str, str]]:
    out = StringIO()
    call_command("export_work_orders", *map(str, arguments), stdout=out)
    text = out.getvalue()
    assert text.startswith("\ufeff")
    return list(csv.DictReader(StringIO(text[1:])))


def days(row: dict[str, str]) -> dict[str, str]:
    return {
        name.removeprefix("days_"): value
        for name, value in row.items()
        if name.startswith("days_") and value
    }


def waited(row: dict[str, str]) -> dict[str, str]:
    return {
        name.removeprefix("waited_"): value
        for name, value in row.items()
        if name.startswith("waited_") and value
    }


def test_a_life_from_assigned_to_closed_with_its_reason_and_verdict(work_order, clock, dana, staff):
    review_reason(book_late(work_order, dana), kind=VerdictKind.EXCUSED, by=staff)
    clock.move_to(dt.datetime(2026, 3, 4, 17, tzinfo=dt.UTC))
    services.parts_received(fresh(work_order), numbers=["FSO-1"], on=dt.date(2026, 3, 4), by=dana)
    services.hold(fresh(work_order), reason="POC away", stops_clock=False, cause="poc", by=staff)
    clock.move_to(dt.datetime(2026, 3, 5, 5, tzinfo=dt.UTC))  # the evening before at the site
    services.resume(fresh(work_order), by=staff)
    clock.move_to(dt.datetime(2026, 3, 9, 17, tzinfo=dt.UTC))
    services.start_visit(fresh(work_order), by=dana)
    services.complete(ready_to_complete(fresh(work_order), by=dana), by=dana)
    clock.move_to(dt.datetime(2026, 3, 11, 5, tzinfo=dt.UTC))
    services.close(fresh(work_order), by=staff)
    (row,) = export()
    dates = {name: row[name] for name in work_orders.COLUMNS if name.endswith(("_on", "_at"))}
    assert dates == {
        "assigned_on": "2026-03-02",
        "accepted_on": "2026-03-02",
        "estimated_delivery_on": "2026-03-04",
        "delivered_on": "2026-03-04",
        "target_on": "2026-03-05",
        "appointment_at": "2026-03-09T10:00-07:00",
        "first_visit_on": "2026-03-09",
        "first_visit_entered_on": "",
        "completed_on": "2026-03-09",
        "closed_on": "2026-03-10",
    }
    values = [
        row[name]
        for name in ("status", "cycles", "outcome", "business_days_late", "reason", "verdict")
    ]
    assert values == ["closed", "1", "missed", "2", "weather", "excused"]
    assert days(row) == {
        "assigned": "0.0",
        "ship_to_received": "0.0",
        "shipped": "2.0",
        "on_hold": "0.5",
        "in_progress": "4.5",
        "completed": "1.5",
    }
    assert waited(row) == {"partner": "0.0", "parts": "2.0", "poc": "0.5", "weather": "4.5"}


def test_open_work_is_missed_as_soon_as_it_is_late_and_its_days_go_on(work_order, clock):
    (row,) = export()
    assert [row[name] for name in ("outcome", "business_days_late", "target_on")] == [
        "",
        "",
        "2026-03-05",
    ]
    ship(
        work_order,
        status="delivered",
        delivered_on=dt.date(2026, 3, 2),
        estimated_delivery_on=dt.date(2026, 3, 2),
    )
    clock.move_to(dt.datetime(2026, 3, 6, 17, tzinfo=dt.UTC))
    (row,) = export()
    columns = ("outcome", "business_days_late", "target_on", "reason")
    assert [row[name] for name in columns] == ["missed", "3", "2026-03-03", ""]
    assert days(row)["in_progress"] == "4.0"


def test_work_in_progress_waits_for_nothing_before_it_is_missed_and_a_hold_without_a_cause_says_so(
    clock, dana, staff
):
    row = make_accepted(dana, parts_required=False)
    services.hold(row, reason="No access", stops_clock=False, by=staff)
    clock.shift(dt.timedelta(days=1))
    services.resume(fresh(row), by=staff)
    clock.shift(dt.timedelta(hours=12))
    (exported,) = export()
    assert (days(exported)["in_progress"], waited(exported)) == (
        "0.5",
        {"partner": "0.0", "unsaid": "1.0"},
    )
    days_of_it = {"first": dt.date(2026, 3, 2), "last": dt.date(2026, 3, 3)}
    services.correct_hold(
        row.holds.get(), **days_of_it, stops_clock=False, cause="access", by=staff
    )
    (exported,) = export()
    assert waited(exported) == {"partner": "0.0", "access": "1.0"}


def test_parts_that_turn_out_not_to_be_needed_are_waited_for_no_longer(clock, dana, staff):
    row = make_accepted(dana)
    clock.shift(dt.timedelta(days=1))
    services.update_work_order(fresh(row), {"parts_required": False}, by=staff)
    clock.shift(dt.timedelta(days=2))
    (exported,) = export()
    assert days(exported) == {"assigned": "0.0", "ship_to_received": "1.0", "in_progress": "2.0"}
    in_sum = times_in_status(WorkOrder.objects.all(), timezone.now()).spent
    assert {status: seconds / 86400 for status, seconds in in_sum.items() if seconds} == {
        Status.SHIP_TO_RECEIVED: 1,
        Status.IN_PROGRESS: 2,
    }


def test_work_in_time_says_so_once_it_is_completed_and_canceled_work_says_nothing(
    clock, dana, staff
):
    done = make_accepted(dana, parts_required=False)
    services.complete(ready_to_complete(done, by=dana), by=dana)
    services.cancel(make_work_order(partner=dana.partner), comment="The fault cleared.", by=staff)
    assert [(row["status"], row["outcome"]) for row in export()] == [
        ("completed", "in-time"),
        ("canceled", ""),
    ]


def test_no_cell_is_taken_for_a_formula(clock, db):
    make_work_order(subject="=HYPERLINK(1)")
    assert [row["subject"] for row in export()] == ["'=HYPERLINK(1)"]


def test_since_gives_what_has_an_entry_from_that_day_on(work_order, clock, dana):
    clock.move_to(dt.datetime(2026, 3, 3, 17, tzinfo=dt.UTC))
    newer = make_accepted(dana, parts_required=False, assigned_on=dt.date(2026, 3, 3))
    assert [row["number"] for row in export("--since", "2026-03-03")] == [newer.number]
    services.note_requirements(fresh(work_order), text="A ladder", by=dana)
    assert len(export("--since", "2026-03-03")) == 2
    assert export("--since", "2026-03-04") == []
    with pytest.raises(CommandError, match="is not a date"):
        call_command("export_work_orders", "--since", "3/4/2026")


@pytest.mark.parametrize("chunk", [1, 2])
def test_chunks_neither_lose_nor_repeat_a_row(rows, monkeypatch, chunk):
    whole = export()
    monkeypatch.setattr(work_orders, "CHUNK", chunk)
    assert [row["number"] for row in whole] == list(
        WorkOrder.objects.order_by("pk").values_list("number", flat=True)
    )
    assert export() == whole


@pytest.mark.parametrize("more", [0, 3])
def test_a_chunk_costs_the_same_for_one_and_four(work_order, dana, more, django_assert_num_queries):
    for _ in range(more):
        book_late(make_accepted(dana, parts_required=False), dana)
    with django_assert_num_queries(
        5
    ):  # rows, shipments, ledger, reasons; and that no row comes after them
        assert len(list(work_order_rows(timezone.now()))) == 2 + more


def test_a_file_is_written_as_a_workbook_or_with_another_separator(work_order, tmp_path):
    workbook, semicolons = tmp_path / "all.xlsx", tmp_path / "all.csv"
    call_command("export_work_orders", "--to", str(workbook))
    call_command("export_work_orders", "--to", str(semicolons), "--separator", "semicolon")
    headings, row = openpyxl.load_workbook(workbook).active.values
    assert (list(headings), row[0]) == (work_orders.COLUMNS, work_order.number)
    text = semicolons.read_text(encoding="utf-8-sig")
    assert next(csv.reader(StringIO(text), delimiter=";")) == work_orders.COLUMNS
    with pytest.raises(CommandError, match="No such file or directory"):
        call_command("export_work_orders", "--to", str(tmp_path / "no" / "all.csv"))
