"""Bonuses are in the ledger now, and the database refuses to change its entries."""

from django.db import migrations

FIXED = "study_id worker_id assignment_id kind cents key words at".split()
MESSAGE = "ledger entries are not changed: add a correction"

POSTGRESQL = f"""
CREATE FUNCTION ledger_entries_are_not_changed() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END
$$ LANGUAGE plpgsql;
CREATE TRIGGER ledger_entries_are_not_changed BEFORE UPDATE ON annotator_ledgerentry FOR EACH ROW
WHEN ({" OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in FIXED)})
EXECUTE FUNCTION ledger_entries_are_not_changed();
"""
SQLITE = f"""
CREATE TRIGGER ledger_entries_are_not_changed BEFORE UPDATE ON annotator_ledgerentry
WHEN {" OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in FIXED)}
BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END;
"""


def add_trigger(apps, schema_editor):
    schema_editor.execute({"postgresql": POSTGRESQL, "sqlite": SQLITE}[schema_editor.connection.vendor])


def remove_trigger(apps, schema_editor):
    # SQLite's goes with the table, when Django makes it anew.
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION ledger_entries_are_not_changed() CASCADE")
    else:
        schema_editor.execute("DROP TRIGGER IF EXISTS ledger_entries_are_not_changed")


class Migration(migrations.Migration):
    dependencies = [("annotator", "0018_ledger_of_existing_answers")]

    operations = [
        migrations.DeleteModel("Bonus"),
        migrations.RunPython(add_trigger, remove_trigger),
    ]
