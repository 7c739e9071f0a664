"""Indexes for what a search looks up; on PostgreSQL also one for parts of words, where it has
pg_trgm.
"""

from typing import Any

from django.db import migrations, models

INDEX = "work_order_search_text"


def index_parts_of_words(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'")
        if cursor.fetchone():
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            cursor.execute(
                f"CREATE INDEX {INDEX} ON workorders_workorder USING gin (search_text gin_trgm_ops)"
            )


def drop_index(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP INDEX IF EXISTS {INDEX}")


class Migration(migrations.Migration):
    dependencies = [("workorders", "0048_fill_folded_names")]
    operations = [
        migrations.AddIndex(
            "shipmentpart", models.Index(fields=["part_number"], name="shipment_part_by_number")
        ),
        migrations.AddIndex(
            "workorder", models.Index(fields=["poc_email"], name="work_order_by_poc_email")
        ),
        migrations.AddIndex(
            "workorder",
            models.Index(fields=["second_poc_email"], name="work_order_by_second_poc"),
        ),
        migrations.RunPython(index_parts_of_words, drop_index),
    ]
