from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("people", "0001_squashed_0003")]
    operations = [migrations.RenameField("user", "told_how", "notification_preferences")]
