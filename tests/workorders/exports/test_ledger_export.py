"""`export_changes`: the ledger as JSON lines, each entry once, in order, whatever is being written
meanwhile.
"""

import datetime as dt
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tests.factories import fresh, make_accepted
from tests.workorders.services.test_reviewing import book_late
from workorders import services
from workorders.exports import ledger
from workorders.exports.ledger import exported_entries, settled_range
from workorders.models import LedgerEntry

INSERT = """
INSERT INTO workorders_ledgerentry (work_order_id, version, event, at, changes, note)
VALUES (%s, 1, 'noted', now(), '{}', 'by the other one')
"""


def export(*arguments: object) -> list[dict]:
    out = StringIO()
    call_command("export_changes", *map(str, arguments), stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def ids(lines: list[dict]) -> list[int]:
    return [line["id"] for line in lines]


@pytest.fixture
def everything(work_order, dana, staff) -> list[int]:
    book_late(work_order, dana)
    services.comment(fresh(work_order), body="Among us", internal=True, by=staff)
    return list(LedgerEntry.objects.order_by("pk").values_list("pk", flat=True))


def test_each_entry_is_a_line_in_order_internal_notes_included(everything):
    lines = export()
    assert ids(lines) == everything
    assert lines[-1]["event"] == "noted-internally"


def test_a_line_tells_who_what_and_when_and_no_phone_or_address(everything, work_order, dana):
    lines = export()
    booked = next(line for line in lines if line["event"] == "appointment-booked")
    current = fresh(work_order).appointment
    entry = LedgerEntry.objects.get(pk=booked["id"])
    assert booked == {
        "id": entry.pk,
        "work_order": work_order.number,
        "version": entry.version,
        "event": "appointment-booked",
        "at": "2026-03-02T17:00:00+00:00",
        "actor": {"id": dana.pk, "role": "dispatcher", "name": "Dana"},
        "shipment": None,
        "file": None,
        "appointment": {
            "id": current.pk,
            "at": "2026-03-09T17:00:00+00:00",
            "on": "2026-03-09",
            "technician_name": "Robin",
            "judged_by": "2026-03-05",
            "reason": "weather",
            "is_return": False,
            "entered_afterwards": False,
        },
        "changes": {"appointment": [None, current.pk]},
        "note": "",
    }
    assert [line["shipment"] for line in lines if line["event"] == "shipment-added"] == ["FSO-1"]
    assert [line["actor"] for line in lines if line["event"] == "created"] == [None]
    for private in (dana.email, "+1 415 555 0111", "1 Depot Way"):
        assert private not in json.dumps(lines)


@pytest.mark.parametrize("chunk", [1, 2, 1000])
def test_the_id_of_the_last_line_is_where_the_next_run_goes_on(everything, monkeypatch, chunk):
    monkeypatch.setattr(ledger, "CHUNK", chunk)
    found, since = [], 0
    while lines := export("--since", since, "--limit", 3):
        assert len(lines) <= 3
        found += ids(lines)
        since = found[-1]
    assert found == everything
    assert export("--since", since) == []


@pytest.mark.parametrize(
    "wrong", [("--since", "-1"), ("--since", "9" * 30), ("--limit", "0"), ("--since", "1e3")]
)
def test_what_is_no_id_is_refused(wrong):
    with pytest.raises(CommandError, match="is not a number"):
        call_command("export_changes", *wrong)


@pytest.mark.parametrize("more", [0, 3])
def test_it_costs_the_same_for_one_work_order_and_four(
    everything, dana, more, django_assert_num_queries
):
    for _ in range(more):
        make_accepted(dana)
    entry_range, entries = settled_range(0, wait=0), LedgerEntry.objects.count()
    with django_assert_num_queries(2):  # a chunk, and that nothing comes after it
        assert len(list(exported_entries(entry_range))) == entries


def test_what_is_written_meanwhile_waits_for_the_next_run(everything, dana):
    entry_range = settled_range(0, wait=0)
    make_accepted(dana)
    assert [change["id"] for change in exported_entries(entry_range)] == everything


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_no_entry_of_an_open_transaction_is_ever_passed_over(real_transactions, dana):
    work_order = make_accepted(dana, assigned_on=dt.date(2026, 3, 2))
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute(INSERT, [work_order.pk])  # has its id, and cannot be read yet
        services.note_requirements(fresh(work_order), text="A ladder", by=dana)
        newest = LedgerEntry.objects.latest("pk").pk
        with pytest.raises(CommandError, match="still open after 0 seconds"):
            call_command("export_changes", "--wait", "0")
        other.commit()
    finally:
        other.close()
    lines = export()
    assert ids(lines) == list(range(lines[0]["id"], newest + 1))
    assert lines[-2]["note"] == "by the other one"
