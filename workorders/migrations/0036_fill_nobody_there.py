"""Fills where nobody was there at the first visit of a cycle."""

from typing import Any

from django.db import migrations


def fill(apps: Any, schema_editor: Any) -> None:
    alias = schema_editor.connection.alias
    visits, outcomes = (
        apps.get_model("workorders", name)._base_manager.using(alias)
        for name in ("Visit", "Outcome")
    )
    in_vain = visits.filter(outcome="nobody-there").select_related("work_order")
    for visit in in_vain.order_by("pk").iterator(chunk_size=1000):
        row, cycle = visit.work_order, visit.cycle
        of_cycle = visits.filter(work_order=row.pk, cycle=cycle)
        if of_cycle.order_by("began_at", "entered_at").first().pk != visit.pk:
            continue
        row.nobody_there = row.nobody_there or cycle == row.cycle
        judged = row.outcome_target_on and row.outcome_on == visit.on
        row.outcome_nobody_there = row.outcome_nobody_there or bool(cycle == 1 and judged)
        row.save(update_fields=["nobody_there", "outcome_nobody_there"])
        later = outcomes.filter(work_order=row.pk, cycle=cycle, basis="visit")
        later.update(nobody_there=True)


class Migration(migrations.Migration):
    dependencies = [("workorders", "0035_nobody_there")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
