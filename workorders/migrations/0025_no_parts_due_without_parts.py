"""Work that requires no parts waits for none."""

from typing import Any

from django.db import migrations


def forget_parts(apps: Any, schema_editor: Any) -> None:
    rows = apps.get_model("workorders", "WorkOrder").objects.using(schema_editor.connection.alias)
    rows.filter(parts_required=False, parts_due_on__isnull=False).update(parts_due_on=None)


class Migration(migrations.Migration):
    dependencies = [("workorders", "0024_past_assignments")]
    operations = [migrations.RunPython(forget_parts, migrations.RunPython.noop)]
