"""After the rows: PostgreSQL alters no table of which rows have just changed."""

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("workorders", "0029_fill_what_is_judged")]
    operations = [
        migrations.AddConstraint(
            "workorder",
            models.CheckConstraint(
                name="work_order_protected_day_was_booked_in_time",
                condition=Q(protected_until=None, protected_by=None)
                | Q(protected_until__lte=F("protected_by")),
            ),
        ),
        migrations.AddConstraint(
            "missedslareason",
            models.UniqueConstraint(
                fields=["work_order", "cycle"],
                condition=Q(counts=True),
                name="one_missed_sla_reason_counts",
            ),
        ),
    ]
