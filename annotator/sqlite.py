"""One machine without a database server: its SQLite file makes and updates itself."""

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
    """Whether a command line needs the tables: our own commands and some of Django's."""
    if not arguments or {"-h", "--help"} & set(arguments):
        return False
    name = arguments[0]
    return name in DJANGO_COMMANDS or get_commands().get(name) == "annotator"


def migrate_if_needed() -> None:
    """Bring an embedded installation's schema up to this code, telling stderr.

    Does nothing in production, where somebody decides when to migrate. Of several processes
    that start at once one migrates and the others wait for it.
    """
    if not settings.EMBEDDED:
        return
    path = Path(settings.DATABASES["default"]["NAME"])
    path.parent.mkdir(parents=True, exist_ok=True)
    # Locked before the first connection: two that switch a new file to WAL at once would clash.
    with _alone(path.with_suffix(".lock")):
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if waiting:
            deed = "Updating" if executor.loader.applied_migrations else "Making"
            print(f"{deed} the database {path}.", file=sys.stderr)
            call_command("migrate", interactive=False, verbosity=0, stdout=sys.stderr)
        connection.close()


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # the system lets go when the file closes
        yield
