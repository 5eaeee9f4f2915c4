"""The whole database as files, as it was at one moment, and back into an empty database.

SQLite is copied as its file, page by page, while others write. PostgreSQL is copied table by table
with COPY, so neither needs another program. Sequences and the record of migrations come along.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

from annotator.database.moments import consistent_read

SQLITE_FILE = "unitscope.sqlite3"
MIGRATIONS = "django_migrations"


def applied_migrations() -> dict[str, str]:
    """The state that a copy of the database is in: the last applied migration of each app."""
    loader = MigrationLoader(connection)
    applied = set(loader.applied_migrations)
    last = {}
    for app, name in sorted(applied):
        children = loader.graph.node_map[(app, name)].children
        if not any(child.key in applied and child.key[0] == app for child in children):
            last[app] = name
    return last


def row_counts() -> dict[str, int]:
    """How many rows each table has."""
    counts = {}
    with connection.cursor() as cursor:
        for table in _tables():
            cursor.execute(f"SELECT COUNT(*) FROM {_quoted(table)}")
            counts[table] = cursor.fetchone()[0]
    return counts


def copy_database(folder: Path) -> dict[str, int]:
    """Write the database into a folder; returns how many rows each table has."""
    if connection.vendor == "sqlite":
        return _copy_sqlite(folder / SQLITE_FILE)
    with consistent_read(), connection.cursor() as cursor:
        counts = row_counts()
        for table in counts:
            with (folder / table).open("wb") as file:
                cursor.copy_expert(f"COPY {_quoted(table)} TO STDOUT", file)
    return counts


def _copy_sqlite(path: Path) -> dict[str, int]:
    connection.ensure_connection()
    with closing(sqlite3.connect(path)) as copy:
        connection.connection.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
        names = [f"SELECT '{table}', COUNT(*) FROM \"{table}\"" for table in _tables()]
        return dict(row for name in names for row in copy.execute(name))


def load_database(folder: Path, migrations: dict[str, str]) -> None:
    """Put a copied database into this one, which is empty, and migrate it to this version.

    Args:
        migrations: the last applied migration of each app in the copy.
    """
    if connection.vendor == "sqlite":
        _replace_sqlite(folder / SQLITE_FILE)
    else:
        for app, name in migrations.items():
            call_command("migrate", app, name, interactive=False, verbosity=0)
        with transaction.atomic():
            _fill_tables(folder)
    call_command("migrate", interactive=False, verbosity=0)


def _replace_sqlite(copied: Path) -> None:
    path = Path(settings.DATABASES["default"]["NAME"])
    connection.close()
    new = path.with_suffix(".restoring")
    shutil.copyfile(copied, new)
    for leftover in ("-wal", "-shm"):  # they belong to the file that is replaced
        Path(f"{path}{leftover}").unlink(missing_ok=True)
    os.replace(new, path)


def _fill_tables(folder: Path) -> None:
    """Read each table from its file. Foreign keys are checked at the end of the transaction."""
    tables = [table for table in _tables() if table != MIGRATIONS]
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(map(_quoted, tables))} CASCADE")
        for table in tables:
            with (folder / table).open("rb") as file:
                cursor.copy_expert(f"COPY {_quoted(table)} FROM STDIN", file)
        for statement in _sequence_statements():
            cursor.execute(statement)


def _sequence_statements() -> Iterator[str]:
    """SQL that lets the next row of each table get a number that is not taken."""
    introspection = connection.introspection
    models = introspection.installed_models(introspection.table_names())
    yield from connection.ops.sequence_reset_sql(no_style(), list(models))


def _tables() -> list[str]:
    return sorted(connection.introspection.table_names())


def _quoted(table: str) -> str:
    return connection.ops.quote_name(table)
