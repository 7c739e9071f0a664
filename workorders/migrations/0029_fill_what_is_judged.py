"""Fills what is judged of each cycle. A later cycle has a target only where staff set one."""

import datetime as dt
import itertools
import zoneinfo
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import migrations
from django.db.models import F

OPEN = [
    "assigned",
    "ship-to-received",
    "parts-ordered",
    "shipping",
    "shipped",
    "in-progress",
    "on-hold",
]
BATCH = 1000


def batches(rows: Iterable[Any]) -> Iterator[list[Any]]:
    rows = iter(rows)
    while batch := list(itertools.islice(rows, BATCH)):
        yield batch


def number_cycles(apps: Any, schema_editor: Any) -> None:
    """Appointments and reasons of work that was sent back, by the ledger."""
    work_order, appointment, reason = models_of(
        apps, schema_editor, "WorkOrder", "Appointment", "MissedSLAReason"
    )
    (entry,) = models_of(apps, schema_editor, "LedgerEntry")
    for pk in work_order.filter(cycle__gt=1).values_list("pk", flat=True):
        changes = entry.filter(work_order=pk, changes__has_key="cycle").order_by("pk")
        for at, cycle in changes.values_list("at", "changes__cycle__1"):
            appointment.filter(work_order=pk, booked_at__gte=at).update(cycle=cycle)
            reason.filter(work_order=pk, given_at__gte=at).update(cycle=cycle)


def let_reasons_count(apps: Any, schema_editor: Any) -> None:
    """That of the first visit's appointment, else of the last one that was to be judged."""
    appointment, reason, visit = models_of(
        apps, schema_editor, "Appointment", "MissedSLAReason", "Visit"
    )
    cycles = reason.order_by("work_order", "cycle").values_list("work_order", "cycle").distinct()
    for batch in batches(cycles.iterator(chunk_size=BATCH)):
        keys = {pk for pk, _ in batch}
        judged = {}
        rows = appointment.filter(work_order__in=keys, is_return=False).order_by("booked_at", "pk")
        for pk, cycle, missed in rows.values_list("work_order", "cycle", "missed_sla"):
            judged[pk, cycle] = missed
        first = visit.filter(work_order__in=keys).order_by("-began_at", "-pk")
        for pk, cycle, missed in first.exclude(appointment=None).values_list(
            "work_order", "cycle", "appointment__missed_sla"
        ):
            judged[pk, cycle] = missed
        reason.filter(pk__in=[judged[key] for key in batch if judged.get(key)]).update(counts=True)


def protect_booked_days(apps: Any, schema_editor: Any) -> None:
    """Of open work: the latest day that was booked in time before it had passed."""
    work_order, appointment, visit = models_of(
        apps, schema_editor, "WorkOrder", "Appointment", "Visit"
    )
    in_time = appointment.filter(
        on__lte=F("judged_by"), cycle=F("work_order__cycle"), work_order__status__in=OPEN
    )
    keys = in_time.order_by("work_order").values_list("work_order", flat=True).distinct()
    for batch in batches(keys.iterator(chunk_size=BATCH)):
        first = {}
        began = visit.filter(work_order__in=batch, cycle=F("work_order__cycle")).order_by(
            "-began_at"
        )
        for pk, on, at in began.values_list("work_order", "on", "began_at"):
            first[pk] = on, at
        found: dict[int, tuple[dt.date, dt.date]] = {}
        rows = in_time.filter(work_order__in=batch)
        for pk, on, by, booked_at, zone in rows.values_list(
            "work_order", "on", "judged_by", "booked_at", "work_order__site__time_zone"
        ):
            before = booked_at.astimezone(zoneinfo.ZoneInfo(zone)).date() <= on
            known = pk not in first or on == first[pk][0] or booked_at <= first[pk][1]
            if before and known:
                found[pk] = max(found.get(pk, (on, by)), (on, by))
        rows = list(work_order.filter(pk__in=found))
        for row in rows:
            row.protected_until, row.protected_by = found[row.pk]
        work_order.bulk_update(rows, ["protected_until", "protected_by"])


def keep_first_targets(apps: Any, schema_editor: Any) -> None:
    """With the outcome, before a later cycle has none or another one."""
    (work_order,) = models_of(apps, schema_editor, "WorkOrder")
    frozen = work_order.filter(
        outcome_days_late__isnull=False, target_on__isnull=False, target_reason=""
    )
    frozen = frozen.exclude(target_basis={}).exclude(target_basis__has_key="target_on")
    for row in frozen.only("target_basis", "target_on").iterator(chunk_size=BATCH):
        row.target_basis = row.target_basis | {"target_on": row.target_on.isoformat()}
        row.save(update_fields=["target_basis"])
    work_order.filter(cycle__gt=1, target_reason="").update(target_on=None)


def await_parts(apps: Any, schema_editor: Any) -> None:
    """Of later cycles; nobody is asked about parts that came before."""
    work_order, shipment = models_of(apps, schema_editor, "WorkOrder", "Shipment")
    for row in work_order.filter(cycle__gt=1, parts_required=True, status__in=OPEN):
        deciding = list(shipment.filter(work_order=row, required=True, direction="outbound"))
        under_way = [each for each in deciding if each.delivered_on is None]
        row.parts_due_on = min(
            (each.estimated_delivery_on for each in under_way if each.estimated_delivery_on),
            default=None,
        )
        delivered = [each.delivered_on for each in deciding if each.delivered_on]
        row.known_delivery_on = max(delivered) if delivered and not under_way else None
        row.save(update_fields=["parts_due_on", "known_delivery_on"])


def models_of(apps: Any, schema_editor: Any, *names: str) -> list[Any]:
    alias = schema_editor.connection.alias
    return [apps.get_model("workorders", name)._base_manager.using(alias) for name in names]


class Migration(migrations.Migration):
    dependencies = [("workorders", "0028_what_is_judged")]
    operations = [
        migrations.RunPython(number_cycles, migrations.RunPython.noop, elidable=True),
        migrations.RunPython(let_reasons_count, migrations.RunPython.noop, elidable=True),
        migrations.RunPython(protect_booked_days, migrations.RunPython.noop, elidable=True),
        migrations.RunPython(keep_first_targets, migrations.RunPython.noop, elidable=True),
        migrations.RunPython(await_parts, migrations.RunPython.noop, elidable=True),
    ]
