"""Staff who hold no right at all keep what they could do so far: read work orders, and act."""

from typing import Any

from django.conf import settings
from django.db import migrations
from django.db.models import Q

KEPT = {"view_workorder": "Can view work order", "change_workorder": "Can change work order"}


def keep_rights(apps: Any, schema_editor: Any) -> None:
    alias = schema_editor.connection.alias
    users = apps.get_model("people", "User").objects.using(alias)
    holders = users.filter(Q(user_permissions__isnull=False) | Q(groups__permissions__isnull=False))
    staff = users.filter(role="staff", is_active=True, is_superuser=False)
    without = list(staff.exclude(pk__in=holders.values("pk")))
    if not without:
        return
    groups = apps.get_model("auth", "Group").objects.using(alias)
    group, _ = groups.get_or_create(name=f"{settings.OPERATOR_NAME} staff")
    group.permissions.add(*_permissions(apps, alias))
    group.user_set.add(*without)


def _permissions(apps: Any, alias: str) -> list[Any]:
    """Django makes them after the last migration only; here they may be missing yet."""
    types = apps.get_model("contenttypes", "ContentType").objects.using(alias)
    permissions = apps.get_model("auth", "Permission").objects.using(alias)
    work_order, _ = types.get_or_create(app_label="workorders", model="workorder")
    return [
        permissions.get_or_create(
            content_type=work_order, codename=codename, defaults={"name": name}
        )[0]
        for codename, name in KEPT.items()
    ]


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("people", "0005_sent_forms"),
    ]
    operations = [migrations.RunPython(keep_rights, migrations.RunPython.noop)]
