# A photo may show the label of the new part, which is its serial.

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("workorders", "0017_notifications"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="file",
            name="file_moment_is_known",
        ),
        migrations.AlterField(
            model_name="file",
            name="moment",
            field=models.CharField(
                blank=True,
                choices=[("before", "Before"), ("after", "After"), ("label", "Label of the new part")],
                max_length=6,
                verbose_name="what it shows",
            ),
        ),
        migrations.AddConstraint(
            model_name="file",
            constraint=models.CheckConstraint(
                condition=models.Q(("moment__in", ["", "before", "after", "label"])), name="file_moment_is_known"
            ),
        ),
    ]
