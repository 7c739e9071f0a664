from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workorders", "0042_fill_days_of_booking")]
    operations = [
        migrations.AlterField("appointment", "booked_on", models.DateField()),
    ]
