"""Whoever is logged in stays so."""

from typing import Any

from django.contrib.sessions.backends.db import SessionStore
from django.db import migrations
from django.utils import timezone


def keep_logins(apps: Any, schema_editor: Any) -> None:
    people = set(apps.get_model("people", "User").objects.values_list("pk", flat=True))
    LoginSession = apps.get_model("people", "LoginSession")
    kept = []
    rows = apps.get_model("sessions", "Session").objects.filter(expire_date__gt=timezone.now())
    for row in rows.iterator():
        person = SessionStore().decode(row.session_data).get("_auth_user_id", "")
        if person.isdecimal() and int(person) in people:
            kept.append(
                LoginSession(
                    session_key=row.session_key,
                    session_data=row.session_data,
                    expire_date=row.expire_date,
                    user_id=int(person),
                )
            )
    LoginSession.objects.bulk_create(kept, batch_size=500)


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0008_logins_and_factors"),
        ("sessions", "0001_initial"),
    ]

    operations = [migrations.RunPython(keep_logins, migrations.RunPython.noop)]
