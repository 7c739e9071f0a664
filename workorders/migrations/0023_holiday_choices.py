import datetime as dt
from typing import Any

import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
import django.db.models.lookups
from django.db import migrations, models

NEAR = dt.timedelta(days=7)  # a holiday is observed within this many days of its own date


def keep_what_staff_have_opened_for_good(apps: Any, schema_editor: Any) -> None:
    """Until now a holiday was never closed for when staff worked on its last dates; this is kept
    with the territory from now on.
    """
    database = schema_editor.connection.alias
    for territory in apps.get_model("workorders", "ServiceTerritory").objects.using(database):
        territory.never_closes = sorted(opened_for_good(territory))
        territory.save(update_fields=["never_closes"])


def opened_for_good(territory: Any) -> set[str]:
    public = territory.days.filter(by_staff=False).values_list("name", flat=True)
    last: dict[str, list[Any]] = {}
    for row in territory.days.filter(until=None).order_by("day"):
        if row.worked or row.day.weekday() not in territory.weekend:
            name = row.name.removesuffix(" (observed)")
            near = [other for other in last.get(name, []) if row.day - other.day <= NEAR]
            last[name] = [*near, row]
    opened = {n for n, rows in last.items() if all(row.worked and row.by_staff for row in rows)}
    return opened & {name.removesuffix(" (observed)") for name in public}


class Migration(migrations.Migration):
    dependencies = [
        ("workorders", "0022_target_basis_of_ended_work"),
    ]

    operations = [
        migrations.AddField(
            model_name="calendarproposal",
            name="always_closes",
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="calendarproposal",
            name="never_closes",
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="serviceterritory",
            name="always_closes",
            field=models.JSONField(default=list, editable=False),
        ),
        migrations.AddField(
            model_name="serviceterritory",
            name="never_closes",
            field=models.JSONField(default=list, editable=False),
        ),
        migrations.CreateModel(
            name="ListedHoliday",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("name", models.CharField(max_length=200)),
                ("category", models.CharField(max_length=30)),
                (
                    "territory",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="listed",
                        to="workorders.serviceterritory",
                    ),
                ),
            ],
            options={
                "ordering": ["day", "name"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("territory", "day", "name", "category"),
                        name="holiday_is_listed_once",
                    ),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.LessThanOrEqual(
                            django.db.models.functions.text.Length(
                                django.db.models.functions.comparison.Cast(
                                    models.F("name"), models.TextField()
                                )
                            ),
                            200,
                        ),
                        name="listed_holiday_name_fits",
                        violation_error_message="Use at most 200 characters.",
                    ),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.LessThanOrEqual(
                            django.db.models.functions.text.Length(
                                django.db.models.functions.comparison.Cast(
                                    models.F("category"), models.TextField()
                                )
                            ),
                            30,
                        ),
                        name="listed_holiday_category_fits",
                        violation_error_message="Use at most 30 characters.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ListedRegion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("country", models.CharField(max_length=2)),
                ("name", models.CharField(max_length=200)),
                ("subdivision", models.CharField(max_length=10)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("country", "name"), name="region_is_listed_once"
                    ),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.LessThanOrEqual(
                            django.db.models.functions.text.Length(
                                django.db.models.functions.comparison.Cast(
                                    models.F("country"), models.TextField()
                                )
                            ),
                            2,
                        ),
                        name="listed_region_country_fits",
                        violation_error_message="Use at most 2 characters.",
                    ),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.LessThanOrEqual(
                            django.db.models.functions.text.Length(
                                django.db.models.functions.comparison.Cast(
                                    models.F("name"), models.TextField()
                                )
                            ),
                            200,
                        ),
                        name="listed_region_name_fits",
                        violation_error_message="Use at most 200 characters.",
                    ),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.LessThanOrEqual(
                            django.db.models.functions.text.Length(
                                django.db.models.functions.comparison.Cast(
                                    models.F("subdivision"), models.TextField()
                                )
                            ),
                            10,
                        ),
                        name="listed_region_subdivision_fits",
                        violation_error_message="Use at most 10 characters.",
                    ),
                ],
            },
        ),
        migrations.RunPython(
            keep_what_staff_have_opened_for_good, migrations.RunPython.noop, elidable=True
        ),
    ]
