"""What is judged of each cycle is kept with the work order: the day booked in time that protects,
the reason that counts, the parts that a later cycle waits for.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workorders", "0027_longer_region_codes")]
    operations = [
        migrations.RemoveConstraint(
            "workorder", "work_order_visit_is_in_time_for_what_judged_its_booking"
        ),
        migrations.RemoveField("workorder", "visit_judged_by"),
        migrations.AddField("appointment", "cycle", models.PositiveSmallIntegerField(default=1)),
        migrations.AddField(
            "appointment", "taken_back_at", models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddField(
            "missedslareason", "cycle", models.PositiveSmallIntegerField(default=1)
        ),
        migrations.AddField("missedslareason", "counts", models.BooleanField(default=False)),
        migrations.AddField(
            "workorder", "protected_until", models.DateField(blank=True, null=True)
        ),
        migrations.AddField("workorder", "protected_by", models.DateField(blank=True, null=True)),
        migrations.AddField(
            "workorder", "known_delivery_on", models.DateField(blank=True, null=True)
        ),
        migrations.AddField(
            "workorder",
            "proposed_target_on",
            models.DateField(blank=True, null=True, verbose_name="proposed Target SLA"),
        ),
    ]
