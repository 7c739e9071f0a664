"""Work that has ended keeps what its target was computed with; what ended before gets it from its
ledger.
"""

import datetime as dt
from typing import Any

from django.db import migrations, models

ENDED = ("completed", "closed", "could-not-complete", "canceled")
COUNTED = ("territory", "entitlement", "parts_required")
SHIPPED = ("direction", "required", "status", "estimated_delivery_on", "delivered_on")
WAITS = {
    "delivery": "Waiting for the delivery date.",
    "acceptance": "Waiting for acceptance.",
    "hold": "On hold.",
    "calendar": "Target unavailable: the business calendar does not reach it.",
}
BATCH = 500


def fill(apps: Any, schema_editor: Any) -> None:
    model = apps.get_model("workorders", "WorkOrder")
    rows = model.objects.using(schema_editor.connection.alias)
    ended = models.Q(status__in=ENDED) | models.Q(outcome_days_late__isnull=False)
    keys = list(rows.filter(ended, target_basis={}).values_list("pk", flat=True))
    for start in range(0, len(keys), BATCH):
        batch = list(rows.filter(pk__in=keys[start : start + BATCH]))
        for row in batch:
            row.target_basis = basis_of(row)
        rows.bulk_update(batch, ["target_basis"])


def basis_of(row: Any) -> dict[str, Any]:
    """Empty where the ledger does not tell: the page then says that it is not known."""
    entries = list(row.ledger.order_by("pk"))
    after = since_the_end(row, entries)
    then = as_they_were(
        {"territory": row.territory_id, "entitlement": row.entitlement_id}
        | {"parts_required": row.parts_required},
        [entry for entry in after if entry.shipment_id is None],
    )
    level = revisions(row, "ServiceLevelRevision").filter(
        entitlement=then["entitlement"], number=row.level_revision
    )
    calendar = revisions(row, "CalendarRevision").filter(
        territory=then["territory"], number=row.target_revision
    )
    source = WAITS.get(row.waits_for, "There is no target.")
    if row.start_on and row.waits_for != "calendar":
        if not (level.exists() and calendar.exists()):
            return {}
        source = source_of(row, then["parts_required"], level.get(), after)
    target_on = row.target_on
    if row.cycle > 1:
        target_on = last_target(entries[: len(entries) - len(after)]) or row.outcome_target_on
    return {
        "territory": then["territory"],
        "entitlement": then["entitlement"],
        "holds": holds_of(row, after),
        "source": source,
        "target_on": target_on and target_on.isoformat(),
        "judged": judged(row),
    }


def revisions(row: Any, name: str) -> Any:
    return row._meta.apps.get_model("workorders", name).objects.using(row._state.db)


def since_the_end(row: Any, entries: list[Any]) -> list[Any]:
    """The entries after the step that ended the work: for the first time where it has an outcome,
    else for the last.
    """
    undone = {entry.changes["step"][0] for entry in entries if entry.event == "undone"}
    ends = [entry.version for entry in entries if is_end(entry) and entry.version not in undone]
    if not ends:
        return []
    end = min(ends) if row.outcome_days_late is not None else max(ends)
    return [entry for entry in entries if entry.version > end]


def is_end(entry: Any) -> bool:
    old, new = entry.changes.get("status") or (None, None)
    return new in ENDED and old not in ENDED and entry.event != "undone"


def as_they_were(values: dict[str, Any], later: list[Any]) -> dict[str, Any]:
    """The values before these later entries."""
    for entry in reversed(later):
        for field in values.keys() & entry.changes.keys():
            if entry.changes[field] is not None:
                values[field] = entry.changes[field][0]
    return values


def last_target(entries: list[Any]) -> dt.date | None:
    """The one to which the target had moved last."""
    moves = [entry.changes["target_on"] for entry in entries if entry.event == "target-moved"]
    return day(moves[-1][1]) if moves and moves[-1] else None


def holds_of(row: Any, after: list[Any]) -> list[list[str | None]]:
    """As the sum counted them, without what was entered or corrected since: work that ended while
    it was on hold has no target.
    """
    holds = list(row.holds.order_by("pk"))
    for entry in reversed(after):
        if entry.event == "held":
            holds.pop()
        elif entry.event == "hold-corrected":
            uncorrect(holds, entry)
    spans = [
        [hold.first.isoformat(), hold.last and hold.last.isoformat(), hold.reason]
        for hold in sorted(holds, key=lambda hold: hold.first)
        if hold.stops_clock
    ]
    if spans and row.waits_for == "hold":
        spans[-1][1] = None
    return spans


def uncorrect(holds: list[Any], entry: Any) -> None:
    """Give the hold that this entry corrected its earlier values."""
    changes = {
        name.removeprefix("hold_"): tuple(map(day, pair))
        for name, pair in entry.changes.items()
        if name in ("hold_first", "hold_last", "hold_stops_clock")
    }
    for hold in reversed(holds):
        as_corrected = all(getattr(hold, name) == new for name, (_, new) in changes.items())
        if hold.reason == entry.note and as_corrected:
            for name, (old, _) in changes.items():
                setattr(hold, name, old)
            return


def source_of(row: Any, parts_required: bool, level: Any, after: list[Any]) -> str:
    if not parts_required:
        return "Accepted" if level.start_without_parts == "accepted" else "Assigned"
    for shipment in row.shipments.order_by("number"):
        later = [entry for entry in after if entry.shipment_id == shipment.pk]
        if any(entry.event == "shipment-added" for entry in later):
            continue
        then = as_they_were({name: getattr(shipment, name) for name in SHIPPED}, later)
        if then["direction"] != "outbound" or not then["required"]:
            continue
        if day(then["delivered_on"] or then["estimated_delivery_on"]) == row.start_on:
            is_delivered = then["status"] == "delivered"
            expected = f"Delivery of {shipment.number} expected"
            return f"{shipment.number} delivered" if is_delivered else expected
    return "Delivery of the parts"


def day(value: Any) -> dt.date | None:
    return dt.date.fromisoformat(value) if isinstance(value, str) else value


def judged(row: Any) -> str:
    if row.visits.filter(cycle=1).exists():
        return "visit"
    booked = row.appointments.filter(on=row.outcome_on).exists()
    return "appointment" if booked else "completion"


class Migration(migrations.Migration):
    dependencies = [("workorders", "0021_clearer_names")]
    operations = [
        migrations.RenameField("workorder", "outcome_basis", "target_basis"),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
