# A target that staff set for a later cycle may lie before the day that the first one was counted from.

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0002_technicians"),
        ("workorders", "0015_said_and_judged"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="workorder",
            name="work_order_target_is_not_before_its_start",
        ),
        migrations.AddConstraint(
            model_name="workorder",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("target_on", None),
                    ("start_on", None),
                    ("target_on__gte", models.F("start_on")),
                    ("cycle__gt", 1),
                    _connector="OR",
                ),
                name="work_order_target_is_not_before_its_start",
            ),
        ),
    ]
