"""Fills the day on which visits of the past were entered; nobody is asked to look at them now."""

import zoneinfo
from typing import Any

from django.db import migrations
from django.db.models import F


def fill(apps: Any, schema_editor: Any) -> None:
    visits = apps.get_model("workorders", "Visit")._base_manager
    visits = visits.using(schema_editor.connection.alias)
    typed = visits.exclude(began_at=F("entered_at")).filter(entered_on=None)
    rows = typed.values_list("pk", "entered_at", "work_order__site__time_zone").order_by("pk")
    for pk, entered_at, zone in rows.iterator(chunk_size=1000):
        entered_on = entered_at.astimezone(zoneinfo.ZoneInfo(zone)).date()
        visits.filter(pk=pk).update(entered_on=entered_on)


class Migration(migrations.Migration):
    dependencies = [("workorders", "0039_visits_entered_late")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
