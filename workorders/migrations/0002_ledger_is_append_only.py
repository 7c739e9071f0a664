"""The ledger refuses changes in the database itself: no code path, admin or import can rewrite what happened."""

from django.db import migrations

TABLE = "workorders_ledgerentry"
SQLITE = [
    f"CREATE TRIGGER ledger_no_{verb} BEFORE {verb} ON {TABLE} BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
    for verb in ("update", "delete")
]
POSTGRESQL = [
    "CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$",
    f"CREATE TRIGGER ledger_no_change BEFORE UPDATE OR DELETE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION ledger_refuse()",
]
SQLITE_BACK = [f"DROP TRIGGER IF EXISTS ledger_no_{verb}" for verb in ("update", "delete")]
POSTGRESQL_BACK = [f"DROP TRIGGER IF EXISTS ledger_no_change ON {TABLE}", "DROP FUNCTION IF EXISTS ledger_refuse()"]


def install(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)


def remove(apps, schema_editor):
    for statement in SQLITE_BACK if schema_editor.connection.vendor == "sqlite" else POSTGRESQL_BACK:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("workorders", "0001_initial")]
    operations = [migrations.RunPython(install, remove)]
