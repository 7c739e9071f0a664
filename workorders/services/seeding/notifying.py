"""Notifications of the latest steps in the demo data, on the page but without mails."""

import datetime as dt
from collections.abc import Collection
from itertools import groupby

from django.db.models import F

from workorders.models import LedgerEntry, Notification, WorkOrder
from workorders.services.notifications.ledger_notices import notices_of
from workorders.services.notifications.recipients import notify

RECENT = dt.timedelta(days=3)


def notify_of_recent_steps(numbers: Collection[str], now: dt.datetime) -> None:
    """Notify people of each recent write to these work orders."""
    rows = {row.pk: row for row in WorkOrder.objects.with_facts().filter(number__in=numbers)}
    entries = LedgerEntry.objects.filter(work_order__in=rows, at__gt=now - RECENT, at__lte=now)
    entries = entries.select_related("actor", "shipment", "appointment")
    entries = entries.order_by("at", "work_order", "version", "pk")
    writes = groupby(entries, key=lambda entry: (entry.at, entry.work_order_id, entry.version))
    for (at, key, _), write in writes:
        entries_of_write = list(write)
        notify(notices_of(rows[key], entries_of_write, entries_of_write[0].actor), at=at)
    Notification.objects.filter(work_order__in=rows, mailed_at=None).update(mailed_at=F("at"))
