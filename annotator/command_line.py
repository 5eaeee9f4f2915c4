"""The command line: `manage.py COMMAND` in a checkout, `unitscope COMMAND` of a wheel."""

import os
import sys

from dissect.machine import rarely_collecting

# Those of Django that need the database.
DJANGO_COMMANDS = {"runserver", "shell", "dbshell", "createsuperuser", "changepassword"}
DJANGO_COMMANDS |= {"dumpdata", "loaddata", "clearsessions"}


def main() -> None:
    """Run the command that the command line names. An embedded database is migrated before it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.settings")
    with rarely_collecting():
        _run()


def _run() -> None:
    import django  # the settings are read from the environment, which is complete only now
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import CommandError

    try:
        django.setup()
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    # These need the settings.
    from annotator.database.versions import migrate_if_needed
    from annotator.management.quick_start import execute

    if _wants_database(sys.argv[1:]):
        try:
            migrate_if_needed()
        except CommandError as error:
            sys.exit(f"CommandError: {error}")
    try:
        execute(sys.argv)
    except UnicodeEncodeError as error:  # a terminal in another encoding; no database stores it
        text = str(error.object).encode("ascii", "replace").decode()
        sys.exit(f"CommandError: this is not UTF-8 text: {text[:200]}")


def _wants_database(arguments: list[str]) -> bool:
    """Whether a command needs the database: those of this app and some of Django's do."""
    from django.core.management import get_commands

    if not arguments or {"-h", "--help"} & set(arguments):
        return False
    name = arguments[0]
    return name in DJANGO_COMMANDS or get_commands().get(name) == "annotator"
