"""Keeps what work orders wait for (`Wait`), in the transaction of whatever has changed that."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connections, transaction
from django.db.models import BigIntegerField
from django.utils import timezone

from portal.checks import is_migrated
from portal.prepared import Given, Prepared
from workorders.models import Wait, WorkOrder
from workorders.models.waiting import (
    WITH_WAITS_OF_MANY,
    WITH_WAITS_OF_ONE,
    WaitValues,
    waits_of,
)
from workorders.services import saving

BATCH = 500  # work orders whose waits are found at once

KEPT_OF_ONE = Prepared(Wait, lambda: Wait.objects.filter(work_order=Given("pk", BigIntegerField())))

_collected: ContextVar[list[WorkOrder] | None] = ContextVar("collected", default=None)


def keep_waits(work_order: WorkOrder) -> None:
    """Keep what one work order waits for."""
    collected = _collected.get()
    if saving.is_preview():
        return
    if collected is None:
        rows = WITH_WAITS_OF_ONE.rows(pk=work_order.pk)
        _keep(rows, KEPT_OF_ONE.rows(pk=work_order.pk))
    else:
        collected.append(work_order)


@contextmanager
def keep_waits_in_sets() -> Iterator[None]:
    """Meanwhile only remember which work orders were written, and keep their waits at the end."""
    collected: list[WorkOrder] = []
    token = _collected.set(collected)
    try:
        yield
    finally:
        _collected.reset(token)
    keep_waits_of({row.pk for row in collected if row.pk and not saving.is_new(row.pk)})


def keep_waits_of(keys: Collection[int]) -> None:
    """Keep what these work orders wait for, in sets."""
    in_order = sorted(keys)
    for start in range(0, len(in_order), BATCH):
        some = in_order[start : start + BATCH]
        rows = WorkOrder.objects.filter(pk__in=some).values("pk")
        kept = Wait.objects.filter(work_order__in=some)
        _keep(WITH_WAITS_OF_MANY.rows(keys=rows), kept)


def keep_all_waits() -> None:
    """Keep what all work orders wait for, from nothing."""
    with transaction.atomic():
        Wait.objects.all().delete()
        keep_waits_of(WorkOrder.objects.values_list("pk", flat=True))


def keep_waits_after_migrate(*, using: str, **_: Any) -> None:
    """Fill the table once it is there: only then are the columns that the conditions look at."""
    if is_migrated(connections[using]) and not Wait.objects.exists():
        keep_all_waits()


def _keep(rows: Iterable[WorkOrder], kept: Iterable[Wait]) -> None:
    now = timezone.now()
    wanted = {each for row in rows for each in waits_of(row, now)}
    found = {_values(row): row.pk for row in kept}
    outdated = [pk for values, pk in found.items() if values not in wanted]
    if outdated:
        Wait.objects.filter(pk__in=outdated).delete()
    Wait.objects.bulk_create(_row(values) for values in wanted - found.keys())


def _values(row: Wait) -> WaitValues:
    return WaitValues(row.work_order_id, row.name, row.partner_id, row.since, row.until)


def _row(values: WaitValues) -> Wait:
    work_order, name, partner, since, until = values
    return Wait(work_order_id=work_order, name=name, partner_id=partner, since=since, until=until)
