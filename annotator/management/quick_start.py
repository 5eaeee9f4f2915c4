"""Runs a command; those of this app start without Django's system checks.

The checks import every page, which takes longer than all else that most commands do before they
begin. `manage.py check`, the page server of `up` and the tests run them.
"""

from django.core.management import ManagementUtility, get_commands
from django.core.management.base import BaseCommand


class _Commands(ManagementUtility):
    def fetch_command(self, subcommand: str) -> BaseCommand:
        command = super().fetch_command(subcommand)
        if get_commands().get(subcommand) == "annotator":
            command.requires_system_checks = ()
        return command


def execute(arguments: list[str]) -> None:
    """Start a command of this app quickly, without system checks; others as Django does."""
    _Commands(arguments).execute()
