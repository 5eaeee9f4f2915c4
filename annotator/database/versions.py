"""Migrates an embedded database, and refuses those of other versions."""

import fcntl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

BEFORE_0_1_0 = "0001_first"  # the first migration of databases that 0.1.0 cannot update


def migrate_if_needed() -> None:
    """Migrate the database of an embedded installation, with a message on stderr.

    Does nothing in production, where the operator decides when to migrate. If several processes
    start at the same time, one migrates and the others wait for it.

    Raises:
        CommandError: another version made the database.
    """
    if not settings.EMBEDDED:
        return
    path = Path(settings.DATABASES["default"]["NAME"])
    path.parent.mkdir(parents=True, exist_ok=True)
    # Locked before the first connection, because switching a new file to WAL is not thread-safe.
    with _locked(path.with_suffix(".lock")):
        refuse_other_versions(connection.alias)
        if missing_migrations():
            verb = "Updating" if MigrationRecorder(connection).applied_migrations() else "Creating"
            print(f"{verb} the database {path}.", file=sys.stderr)
            call_command("migrate", interactive=False, verbosity=0, stdout=sys.stderr)
        connection.close()


def missing_migrations() -> list[str]:
    """The migrations of this version that the database lacks, in their order."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [str(migration) for migration, _ in plan]


def refuse_other_versions(using: str, **signal: object) -> None:
    """Stop before migrating a database with migrations that this version does not have.

    It also receives `pre_migrate`, so that no database is migrated only in part.

    Raises:
        CommandError: the database is older than 0.1.0, or newer than this version.
    """
    loader = MigrationLoader(connections[using])
    applied = {name for app, name in loader.applied_migrations if app == "annotator"}
    unknown = applied - {name for app, name in loader.disk_migrations if app == "annotator"}
    database = connections[using].settings_dict["NAME"]
    if BEFORE_0_1_0 in unknown:
        raise CommandError(
            f"The database {database} was made before Unitscope 0.1.0, which cannot update it. "
            "Start with a new DATA_DIR or an empty database. The version that made it still "
            "reads it: `manage.py results STUDY --format bundle` saves the results of a study."
        )
    if unknown:
        raise CommandError(
            f"The database {database} was made by a newer Unitscope (it has the migration "
            f"{max(unknown)}). Update Unitscope, or use another database."
        )


@contextmanager
def _locked(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # released when the file is closed
        yield
