"""Fills the target that judges the first visit, where a later change has left none."""

from typing import Any

from django.db import migrations


def fill(apps: Any, schema_editor: Any) -> None:
    alias = schema_editor.connection.alias
    work_orders, visits, entries = (
        apps.get_model("workorders", name)._base_manager.using(alias)
        for name in ("WorkOrder", "Visit", "LedgerEntry")
    )
    rows = work_orders.filter(
        cycle=1, visited_on__isnull=False, target_on=None, outcome_days_late=None
    )
    for row in rows.only("pk").iterator(chunk_size=1000):
        first = visits.filter(work_order=row.pk, cycle=1).order_by("began_at", "entered_at").first()
        moves = entries.filter(work_order=row.pk, event="target-moved").order_by("pk")
        kept = None
        for at, changes in moves.values_list("at", "changes"):
            new = (changes.get("target_on") or (None, None))[1]
            kept = new if at < first.began_at else new or kept
        if kept:
            work_orders.filter(pk=row.pk).update(kept_target_on=kept)


class Migration(migrations.Migration):
    dependencies = [("workorders", "0037_kept_target")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
