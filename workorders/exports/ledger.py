"""The ledger for other systems: every entry in the order of ids, so that none is ever missed."""

import datetime as dt
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import connections
from django.db.models import F, Q

from workorders.models import LedgerEntry

CHUNK = 2000
PAUSE = 0.05  # seconds
BUSY = """
SELECT virtualtransaction FROM pg_locks
WHERE locktype = 'relation' AND relation = %s::regclass AND mode = 'RowExclusiveLock' AND granted
  AND pid IS DISTINCT FROM pg_backend_pid()
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
COLUMNS = {
    "number": F("work_order__number"),
    "role": F("actor__role"),
    "name": F("actor__name"),
    "about_shipment": F("shipment__number"),
    "about_file": F("file__name"),
    "booked_for": F("appointment__at"),
    "booked_on": F("appointment__on"),
    "technician": F("appointment__technician_name"),
    "judged_by": F("appointment__judged_by"),
    "late_for": F("appointment__missed_sla__reason"),
    "is_return": F("appointment__is_return"),
    "entered_afterwards": F("appointment__entered_afterwards"),
}
OWN = ("pk", "version", "event", "at", "actor_id", "appointment_id", "changes", "note")

EntryJSON = dict[str, Any]


class StillWriting(Exception):
    """A transaction did not end in time; its entries may precede some that can be read already."""


class EntryRange(NamedTuple):
    """The entries after the id `since`, up to and including the id `head`."""

    since: int
    head: int


def settled_range(since: int, *, wait: float, using: str = "default") -> EntryRange:
    """The entries after `since` into which no more entries can come.

    On PostgreSQL an entry gets its id before it is committed, so one with a smaller id may appear
    later. A transaction that has taken an id holds a lock on the table until it ends. So this reads
    the newest id first, then waits for all transactions that are writing at that time; they do
    not wait for it. SQLite has only one writer at a time.

    Raises StillWriting after `wait` seconds.
    """
    newest = LedgerEntry.objects.using(using).order_by("-pk").values_list("pk", flat=True).first()
    until = time.monotonic() + wait
    busy = writers(using)
    while busy:
        if time.monotonic() > until:
            raise StillWriting
        time.sleep(PAUSE)
        busy &= writers(using)
    return EntryRange(since, newest or 0)


def writers(using: str = "default") -> set[str]:
    """The open transactions that may have written to the ledger."""
    connection = connections[using]
    if connection.vendor != "postgresql":
        return set()
    with connection.cursor() as cursor:
        cursor.execute(BUSY, [LedgerEntry._meta.db_table])
        return {row[0] for row in cursor.fetchall()}


def exported_entries(entry_range: EntryRange, *, limit: int | None = None) -> Iterator[EntryJSON]:
    """The entries as JSON values, read in chunks to use the same memory for any number of them."""
    after, left = entry_range.since, limit
    while left is None or left > 0:
        rows = (
            LedgerEntry.objects.filter(Q(pk__gt=after, pk__lte=entry_range.head))
            .order_by("pk")
            .values(*OWN, **COLUMNS)
        )
        chunk = list(rows[: CHUNK if left is None else min(CHUNK, left)])
        yield from map(_entry, chunk)
        if not chunk:
            return
        after, left = chunk[-1]["pk"], left and left - len(chunk)


def _entry(row: dict[str, Any]) -> EntryJSON:
    return {
        "id": row["pk"],
        "work_order": row["number"],
        "version": row["version"],
        "event": row["event"],
        "at": row["at"].astimezone(dt.UTC).isoformat(),
        "actor": row["actor_id"]
        and {"id": row["actor_id"], "role": row["role"], "name": row["name"]},
        "shipment": row["about_shipment"],
        "file": row["about_file"],
        "appointment": _appointment(row) if row["appointment_id"] else None,
        "changes": row["changes"],
        "note": row["note"],
    }


def _appointment(row: dict[str, Any]) -> EntryJSON:
    """The appointment as it is now; only `judged_by` may still be filled in later."""
    return {
        "id": row["appointment_id"],
        "at": row["booked_for"].astimezone(dt.UTC).isoformat(),
        "on": row["booked_on"].isoformat(),
        "technician_name": row["technician"],
        "judged_by": row["judged_by"] and row["judged_by"].isoformat(),
        "reason": row["late_for"],
        "is_return": row["is_return"],
        "entered_afterwards": row["entered_afterwards"],
    }
