"""Fills the day at the site on which each appointment was booked."""

import zoneinfo
from typing import Any

from django.db import migrations


def fill(apps: Any, schema_editor: Any) -> None:
    booked = apps.get_model("workorders", "Appointment")._base_manager
    booked = booked.using(schema_editor.connection.alias).filter(booked_on=None)
    rows = booked.values_list("pk", "booked_at", "work_order__site__time_zone").order_by("pk")
    for pk, booked_at, zone in rows.iterator(chunk_size=1000):
        booked_on = booked_at.astimezone(zoneinfo.ZoneInfo(zone)).date()
        booked.filter(pk=pk).update(booked_on=booked_on)


class Migration(migrations.Migration):
    dependencies = [("workorders", "0041_day_of_booking")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
