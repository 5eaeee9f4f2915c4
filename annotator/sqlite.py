"""The SQLite database of an embedded installation: it is created and migrated on its own."""

import fcntl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management import call_command, get_commands
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

DJANGO_COMMANDS = {"runserver", "shell", "dbshell", "createsuperuser", "changepassword"}
DJANGO_COMMANDS |= {"dumpdata", "loaddata", "clearsessions"}


def wants_database(arguments: list[str]) -> bool:
    """Whether a command line needs the tables: the commands of this app and some of Django's."""
    if not arguments or {"-h", "--help"} & set(arguments):
        return False
    name = arguments[0]
    return name in DJANGO_COMMANDS or get_commands().get(name) == "annotator"


def migrate_if_needed() -> None:
    """Migrate the database of an embedded installation, with a message on stderr.

    Does nothing in production, where the operator decides when to migrate. If several processes
    start at the same time, one migrates and the others wait for it.
    """
    if not settings.EMBEDDED:
        return
    path = Path(settings.DATABASES["default"]["NAME"])
    path.parent.mkdir(parents=True, exist_ok=True)
    # Locked before the first connection, because switching a new file to WAL is not thread-safe.
    with _locked(path.with_suffix(".lock")):
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            verb = "Updating" if executor.loader.applied_migrations else "Creating"
            print(f"{verb} the database {path}.", file=sys.stderr)
            call_command("migrate", interactive=False, verbosity=0, stdout=sys.stderr)
        connection.close()


@contextmanager
def _locked(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # released when the file is closed
        yield
