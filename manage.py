#!/usr/bin/env python
"""Runs the commands of Unitscope. The embedded database is migrated before they run."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.settings")
    try:
        import django
    except ImportError:
        sys.exit("Django is not installed here. Run `make setup`, then .venv/bin/python manage.py.")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import CommandError, execute_from_command_line

    try:
        django.setup()
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    from annotator.database import migrate_if_needed, wants_database

    if wants_database(sys.argv[1:]):
        try:
            migrate_if_needed()
        except CommandError as error:
            sys.exit(f"CommandError: {error}")
    try:
        execute_from_command_line(sys.argv)
    except UnicodeEncodeError as error:  # a terminal in another encoding; no database stores it
        text = str(error.object).encode("ascii", "replace").decode()
        sys.exit(f"CommandError: this is not UTF-8 text: {text[:200]}")


if __name__ == "__main__":
    main()
