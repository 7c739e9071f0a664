import django.db.models.functions.comparison
import django.db.models.functions.text
import django.db.models.lookups
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("workorders", "0026_time_zone_changes"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="listedregion",
            name="listed_region_subdivision_fits",
        ),
        migrations.AlterField(
            model_name="listedregion",
            name="subdivision",
            field=models.CharField(max_length=60),
        ),
        migrations.AddConstraint(
            model_name="listedregion",
            constraint=models.CheckConstraint(
                condition=django.db.models.lookups.LessThanOrEqual(
                    django.db.models.functions.text.Length(
                        django.db.models.functions.comparison.Cast(
                            models.F("subdivision"), models.TextField()
                        )
                    ),
                    60,
                ),
                name="listed_region_subdivision_fits",
                violation_error_message="Use at most 60 characters.",
            ),
        ),
    ]
