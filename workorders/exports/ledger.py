"""The ledger for other systems: every entry in the order of its id, and none that could still come
before one given.
"""

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
    """A transaction that was in progress did not end in time: its entries may come before some that
    can be read.
    """


class EntryRange(NamedTuple):
    """The entries after one id, up to another one and not beyond."""

    since: int
    head: int


def settled_range(since: int, *, wait: float, using: str = "default") -> EntryRange:
    """What has been written after `since`, so that nothing can appear within it any more.

    On PostgreSQL an entry has its id before it can be read: one with a smaller id may be committed
    later. Whoever has taken an id holds a lock on the table until the end of the transaction. So
    the newest id is read first, and then the end of all that write at that moment is waited for;
    they do not wait for us. On SQLite one writes at a time. Raises StillWriting after `wait`
    seconds.
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
    """The transactions that may have written to the ledger and are not over."""
    connection = connections[using]
    if connection.vendor != "postgresql":
        return set()
    with connection.cursor() as cursor:
        cursor.execute(BUSY, [LedgerEntry._meta.db_table])
        return {row[0] for row in cursor.fetchall()}


def exported_entries(entry_range: EntryRange, *, limit: int | None = None) -> Iterator[EntryJSON]:
    """The entries as JSON values, read in chunks: any number of them takes the same memory."""
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
    """As it stands: of all that is told of an entry, `judged_by` alone may still be filled in
    later.
    """
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
