from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workorders", "0001_squashed_0020")]
    operations = [
        migrations.RenameField("serviceterritory", "settled_revision", "applied_revision"),
        migrations.RenameField("entitlement", "settled_revision", "applied_revision"),
        migrations.RemoveConstraint("lineitem", "line_item_is_heard_of_after_it_is_done"),
        migrations.RenameField("lineitem", "heard_at", "received_at"),
        migrations.AddConstraint(
            "lineitem",
            models.CheckConstraint(
                name="line_item_received_after_done",
                condition=models.Q(received_at=None)
                | models.Q(received_at__gt=models.F("done_at")),
            ),
        ),
    ]
