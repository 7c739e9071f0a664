# Documents wait for a virus scanner, where there is one.

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("workorders", "0018_label_of_the_new_part"),
    ]

    operations = [
        migrations.AddField(
            model_name="file",
            name="scan",
            field=models.CharField(
                blank=True,
                choices=[
                    ("pending", "Being checked for viruses"),
                    ("clean", "Checked for viruses"),
                    ("held", "Held back: a virus was found"),
                ],
                max_length=7,
                verbose_name="virus check",
            ),
        ),
        migrations.AddIndex(
            model_name="file",
            index=models.Index(
                condition=models.Q(("scan", "pending")), fields=["uploaded_at"], name="file_to_be_scanned"
            ),
        ),
        migrations.AddConstraint(
            model_name="file",
            constraint=models.CheckConstraint(
                condition=models.Q(("scan__in", ["", "pending", "clean", "held"])), name="file_scan_is_known"
            ),
        ),
    ]
