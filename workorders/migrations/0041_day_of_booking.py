from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workorders", "0040_fill_days_of_entering")]
    operations = [
        migrations.AddField("appointment", "booked_on", models.DateField(null=True)),
    ]
