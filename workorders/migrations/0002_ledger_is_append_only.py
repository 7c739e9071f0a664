"""The ledger's triggers: `workorders.append_only` puts them in place after every `migrate`."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("workorders", "0001_initial")]
    operations = []
