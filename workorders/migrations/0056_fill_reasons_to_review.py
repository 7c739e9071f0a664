"""Marks the reasons that staff have reviewed, unless the partner has answered since."""

from typing import Any

from django.db import migrations
from django.db.models import Exists, OuterRef, Subquery


def fill(apps: Any, schema_editor: Any) -> None:
    def rows(model: str) -> Any:
        manager = apps.get_model("workorders", model)._base_manager
        return manager.using(schema_editor.connection.alias)

    verdicts = rows("Verdict").filter(missed_sla=OuterRef("pk")).order_by("-pk")
    reviewed = rows("MissedSLAReason").annotate(last=Subquery(verdicts.values("pk")[:1]))
    answers = rows("Comment").filter(answers=OuterRef("last"))
    keys = reviewed.filter(~Exists(answers), last__isnull=False).values("pk")
    rows("MissedSLAReason").filter(pk__in=keys).update(is_unreviewed=False)


class Migration(migrations.Migration):
    dependencies = [("workorders", "0055_reasons_to_review")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
