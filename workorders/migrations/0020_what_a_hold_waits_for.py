# What work on hold waits for, where staff say so.

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("workorders", "0019_documents_are_scanned"),
    ]

    operations = [
        migrations.AddField(
            model_name="hold",
            name="cause",
            field=models.CharField(
                blank=True,
                choices=[
                    ("parts", "Parts"),
                    ("access", "Access"),
                    ("weather", "Weather"),
                    ("poc", "POC"),
                    ("partner", "Partner"),
                    ("operator", "{operator}"),
                ],
                max_length=10,
                verbose_name="cause of the hold",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(("cause__in", ["", "parts", "access", "weather", "poc", "partner", "operator"])),
                name="hold_cause_is_known",
            ),
        ),
    ]
