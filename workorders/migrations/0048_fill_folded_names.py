"""Folds the names and serials that are there."""

from typing import Any

from django.db import migrations

from workorders.folding import fold

FOLDED = {"Account": "name", "Site": "name", "Station": "serial"}
CHUNK = 1000


def fill(apps: Any, schema_editor: Any) -> None:
    for model, field in FOLDED.items():
        rows = apps.get_model("workorders", model)._base_manager
        rows, after = rows.using(schema_editor.connection.alias), 0
        while chunk := list(rows.filter(pk__gt=after).order_by("pk").only(field)[:CHUNK]):
            for row in chunk:
                row.folded = fold(getattr(row, field))
            rows.bulk_update(chunk, ["folded"], batch_size=200)
            after = chunk[-1].pk


class Migration(migrations.Migration):
    dependencies = [("workorders", "0047_folded_names")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
